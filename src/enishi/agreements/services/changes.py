"""Changing an agreement in force: a request, its effects, both sides' consent, a new version."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access, consent_access
from enishi.agreements.enums import AgreementStatus, ChangeState, ConsentState, Side, VersionState
from enishi.agreements.errors import RefusedError
from enishi.agreements.models import Agreement, ChangeRequest, Consent, Party, Version
from enishi.agreements.services.drafting import next_version
from enishi.agreements.services.records import finish, in_force, locked, people_of_parties, required, touch
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.models import Membership, Organization
from enishi.organizations.visibility import reach_of

IMPACT = ("on_terms", "on_cost_yen", "on_schedule", "on_risks")


@transaction.atomic
def request_change(
    *, agreement_id: int, title: str, reason: str, actor: Person, at: dt.datetime
) -> ChangeRequest:
    """Ask for a change, as the keeper or as one of the parties."""
    agreement = required(agreement_id, "request_change", actor)
    if agreement.status != AgreementStatus.ACTIVE:
        raise RefusedError(_("変更を申し出られるのは、締結して効力のある協定だけです。"))
    title, reason = clean_text(title).strip(), clean_text(reason, lines=True).strip()
    if not title or not reason:
        raise RefusedError(_("変えたいことと理由を書いてください。"))
    change = ChangeRequest.objects.create(
        agreement=agreement,
        number=(agreement.changes.aggregate(last=Max("number"))["last"] or 0) + 1,
        title=title[:150],
        reason=reason[:2_000],
        requested_by=actor,
        requested_for=_side_of(agreement, actor),
        requested_at=at,
    )
    touch(agreement, timezone.localdate(at))
    finish(agreement, "request_change", actor=actor, at=at, note=change.title)
    _tell(agreement, _("「%(title)s」に変更の申し出がありました"), change, at, besides=actor)
    return change


def _side_of(agreement: Agreement, actor: Person) -> Organization:
    """In whose name the person asks: the keeper's where they work there, else their party's."""
    mine = reach_of(actor).organization_ids
    if agreement.organization_id in mine:
        return agreement.organization
    return agreement.parties.filter(pk__in=mine).order_by("pk")[0]


@transaction.atomic
def assess(*, change_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> ChangeRequest:
    """Write what the change does to terms, cost, schedule and risks."""
    change, agreement = _locked(change_id)
    agreement_access.require(actor, "edit", agreement)
    _in(change, ChangeState.ASSESSING)
    for name in IMPACT:
        if name in values:
            setattr(change, name, values[name])
    change.full_clean(exclude=["agreement", "requested_by", "requested_for"], validate_unique=False)
    change.save()
    finish(agreement, "assess_change", actor=actor, at=at, note=change.title)
    return change


@transaction.atomic
def ask_consent(*, change_id: int, actor: Person, at: dt.datetime) -> ChangeRequest:
    """Put the change before every party that is bound; those with people here are told."""
    change, agreement = _locked(change_id)
    agreement_access.require(actor, "edit", agreement)
    _in(change, ChangeState.ASSESSING)
    if not (change.on_terms.strip() or change.on_schedule.strip() or change.on_risks.strip()):
        raise RefusedError(_("影響(条項・日程・リスク)を一つ以上書いてから、同意を求めてください。"))
    version = in_force(agreement)
    assert version is not None
    Consent.objects.bulk_create(
        Consent(change=change, organization_id=party.organization_id, name=party.name)
        for party in _bound_by(version)
    )
    change.state = ChangeState.CONSENTING
    change.save(update_fields=["state"])
    finish(agreement, "ask_consent", actor=actor, at=at, note=change.title)
    _tell(agreement, _("「%(title)s」の変更に同意を求められています"), change, at, besides=actor)
    return change


def _bound_by(version: Version) -> list[Party]:
    """Whose word a change needs: everybody who promised something. A mere witness only hears of it."""
    promised = list(version.obligations.all())
    return [
        party
        for party in version.signers.all()
        if party.side != Side.OTHER
        or party.role.strip()
        or any(obligation.is_borne_by(party.name) for obligation in promised)
    ]


@transaction.atomic
def consent(
    *, consent_id: int, agree: bool, actor: Person, at: dt.datetime, comment: str = ""
) -> ChangeRequest:
    """Answer for one party. Once all agree, the change may become a version; one refusal closes it."""
    change_id = Consent.objects.values_list("change_id", flat=True).get(pk=consent_id)
    change, agreement = _locked(change_id)
    row = Consent.objects.select_related("change__agreement").get(pk=consent_id)
    comment = clean_text(comment).strip()[:500]
    own = consent_access.allows(actor, "consent", row)
    if not own:
        consent_access.require(actor, "record", row)  # type: ignore[arg-type]
        if row.organization_id is not None and _has_people(row.organization_id, timezone.localdate(at)):
            raise RefusedError(
                _("%(name)sの人がここで返事をします。代わりに書くことはできません。") % {"name": row.name}
            )
        if not comment:
            raise RefusedError(_("どう確かめたか(文書の日付、相手の名前など)を書いてください。"))
    _in(change, ChangeState.CONSENTING)
    if row.state != ConsentState.WAITING:
        raise RefusedError(_("この返事は、もう記録されています。"))
    if not agree and not comment:
        raise RefusedError(_("同意しない理由を書いてください。"))
    row.state = ConsentState.AGREED if agree else ConsentState.REFUSED
    row.comment, row.by, row.at = comment, actor, at
    row.save()
    _weigh(change, at)
    touch(agreement, timezone.localdate(at))
    finish(
        agreement,
        "consent" if agree else "refuse_change",
        actor=actor,
        at=at,
        note=f"{row.name}: {comment}"[:500],
    )
    return change


def _weigh(change: ChangeRequest, at: dt.datetime) -> None:
    states = set(change.consents.values_list("state", flat=True))
    if ConsentState.REFUSED in states:
        change.state, change.closed_at = ChangeState.REFUSED, at
    elif states == {ConsentState.AGREED}:
        change.state = ChangeState.AGREED
    change.save(update_fields=["state", "closed_at"])


def _has_people(organization_id: int, today: dt.date) -> bool:
    return (
        Membership.objects.current(today)
        .filter(organization_id=organization_id, person__is_active=True)
        .exists()
    )


@transaction.atomic
def make_version(*, change_id: int, actor: Person, at: dt.datetime) -> Version:
    """Begin the new version that all agreed to; it is written, approved and signed like the first."""
    change, agreement = _locked(change_id)
    agreement_access.require(actor, "edit", agreement)
    _in(change, ChangeState.AGREED)
    source = in_force(agreement)
    if source is None:
        raise RefusedError(_("効力のある版がありません。"))
    if change.version is not None and change.version.state != VersionState.DROPPED:
        raise RefusedError(_("この変更の新しい版は、もう作られています。"))
    draft = next_version(agreement, source, f"{change.title}: {change.reason}", actor, at)
    change.version = draft
    change.save(update_fields=["version"])
    finish(agreement, "new_version", actor=actor, at=at, note=change.title)
    return draft


@transaction.atomic
def withdraw_change(*, change_id: int, reason: str, actor: Person, at: dt.datetime) -> ChangeRequest:
    change, agreement = _locked(change_id)
    mine = change.requested_for_id in reach_of(actor).organization_ids
    agreement_access.require(actor, "request_change" if mine else "edit", agreement)
    if change.state not in {ChangeState.ASSESSING, ChangeState.CONSENTING}:
        raise RefusedError(_("取り下げられるのは、同意が揃う前だけです。"))
    change.state, change.closed_at = ChangeState.WITHDRAWN, at
    change.save(update_fields=["state", "closed_at"])
    finish(agreement, "withdraw_change", actor=actor, at=at, note=clean_text(reason)[:500] or change.title)
    return change


def _locked(change_id: int) -> tuple[ChangeRequest, Agreement]:
    agreement_id = ChangeRequest.objects.values_list("agreement_id", flat=True).get(pk=change_id)
    agreement = locked(agreement_id)
    return ChangeRequest.objects.select_for_update().get(pk=change_id), agreement


def _in(change: ChangeRequest, wanted: ChangeState) -> None:
    if change.state != wanted:
        raise RefusedError(
            _("この変更はいま「%(now)s」です。「%(wanted)s」のときだけできます。")
            % {"now": change.get_state_display(), "wanted": wanted.label}
        )


def _tell(
    agreement: Agreement, sentence: str, change: ChangeRequest, at: dt.datetime, *, besides: Person
) -> None:
    """The officer, and the people of every party that has some here."""
    persons = people_of_parties(agreement, timezone.localdate(at))
    if agreement.officer is not None:
        persons.append(agreement.officer)
    notify(
        kind="agreement_change",
        persons=[person for person in persons if person.pk != besides.pk],
        title=sentence % {"title": agreement.title},
        body=change.title,
        url=agreement.get_absolute_url(),
        at=at,
    )
