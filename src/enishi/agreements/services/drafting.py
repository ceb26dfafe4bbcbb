"""Writing a draft: terms, parties, obligations, risks; and copying what is in force into the next version."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements import calculations
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, Side, VersionState
from enishi.agreements.errors import Missing, NotRestorableError, RefusedError
from enishi.agreements.knowledge import standard_risks
from enishi.agreements.models import Agreement, Obligation, Party, Risk, Version
from enishi.agreements.services import records
from enishi.agreements.services.records import draft_of, finish, mirror, required
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

ABOUT = ("number", "section_id", "visibility", "officer_id", "proposal_id", "field_ids")
"""What belongs to the case and not to a version."""
MOST_ROWS = 200


@transaction.atomic
def create(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    parties: Sequence[Mapping[str, Any]] = (),
    actor: Person,
    at: dt.datetime,
    import_key: str = "",
    is_demo: bool = False,
) -> Agreement:
    """Start an agreement in the organisation's name, which becomes its first party."""
    agreement_access.require(actor, "create", organization)  # type: ignore[arg-type]
    agreement = Agreement(
        organization=organization,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        officer=actor,
        import_key=import_key,
        is_demo=is_demo,
    )
    _write_about(agreement, values)
    agreement.title = str(values.get("title", ""))
    _full_clean(agreement)
    agreement.save()
    version = Version(agreement=agreement, number=1, made_by=actor, made_at=at)
    _write_terms(version, values)
    version.save()
    own = {"side": Side.PUBLIC, "organization_id": organization.pk, "name": organization.name}
    _replace(Party, version, list(parties) or [own])
    if "field_ids" in values:
        agreement.fields.set(values["field_ids"])
    mirror(agreement, version)
    finish(agreement, "create", actor=actor, at=at)
    return agreement


@transaction.atomic
def share_draft(*, agreement_id: int, shares: bool, actor: Person, at: dt.datetime) -> Agreement:
    """Let those who are to sign read the draft before it is decided; or take that back."""
    agreement = required(agreement_id, "share_draft", actor)
    if agreement.status not in {AgreementStatus.DRAFT, AgreementStatus.IN_APPROVAL}:
        raise RefusedError(
            _("見せるかどうかを選べるのは、決裁の前の案だけです。決裁のあとは当事者が読めます。")
        )
    before = trail.values(agreement)
    if shares and agreement.visibility in {Visibility.INTERNAL, Visibility.SECTION}:
        raise RefusedError(
            _(
                "公開範囲が「%(now)s」なので当事者にも見えません。先に「担当・公開範囲・分野」で「当事者」にしてください。"
            )
            % {"now": agreement.get_visibility_display()}
        )
    if shares and not agreement.parties.exists():
        raise RefusedError(
            _("当事者に、ここに登録された団体がありません。「当事者を書く」で選んでください。")
        )
    agreement.draft_shared_at = at if shares else None
    finish(agreement, "share_draft" if shares else "unshare_draft", actor=actor, at=at, before=before)
    if shares:
        records.tell_parties(agreement, _("「%(title)s」の案をご覧ください"), at=at)
    return agreement


@transaction.atomic
def edit_about(
    *, agreement_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """What may always be put right: number, section, officer, readers, fields, the proposal it came from."""
    agreement = required(agreement_id, "edit", actor, version=version)
    before = trail.values(agreement)
    _write_about(agreement, values)
    _full_clean(agreement)
    changes: dict[str, tuple[Any, Any]] = {}
    if "field_ids" in values:
        old = [str(each) for each in agreement.fields.order_by("pk")]
        agreement.fields.set(values["field_ids"])
        new = [str(each) for each in agreement.fields.order_by("pk")]
        changes = {"fields": (old, new)} if old != new else {}
    finish(agreement, "edit", actor=actor, at=at, before=before, changes=changes)
    return agreement


@transaction.atomic
def edit_terms(
    *, agreement_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """Write the wording of the draft."""
    agreement = required(agreement_id, "edit", actor, version=version)
    draft = draft_of(agreement)
    before = {name: trail.plain(getattr(draft, name)) for name in calculations.TERMS}
    _write_terms(draft, values)
    draft.save()
    after = {name: trail.plain(getattr(draft, name)) for name in calculations.TERMS}
    return _drafted(agreement, draft, "edit", actor, at, trail.differences(before, after))


@transaction.atomic
def save_parties(
    *, agreement_id: int, rows: Sequence[Mapping[str, Any]], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """Put these parties in place of the draft's."""
    agreement = required(agreement_id, "edit", actor, version=version)
    draft = draft_of(agreement)
    before = [party.name for party in draft.signers.all()]
    _replace(Party, draft, rows)
    after = [party.name for party in draft.signers.all()]
    return _drafted(agreement, draft, "edit_parties", actor, at, {"parties": (before, after)})


@transaction.atomic
def save_obligations(
    *, agreement_id: int, rows: Sequence[Mapping[str, Any]], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """Put these obligations in place of the draft's; one that keeps its key keeps its past."""
    agreement = required(agreement_id, "edit", actor, version=version)
    draft = draft_of(agreement)
    before = [each.text for each in draft.obligations.all()]
    _replace(Obligation, draft, [{**row, "key": row.get("key") or uuid.uuid4()} for row in rows])
    after = [each.text for each in draft.obligations.all()]
    return _drafted(agreement, draft, "edit_obligations", actor, at, {"obligations": (before, after)})


@transaction.atomic
def save_risks(
    *, agreement_id: int, rows: Sequence[Mapping[str, Any]], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """Put this risk table in place of the draft's."""
    agreement = required(agreement_id, "edit", actor, version=version)
    draft = draft_of(agreement)
    before = {risk.key: _told_risk(risk) for risk in draft.risks.all()}
    _replace(Risk, draft, rows)
    after = {risk.key: _told_risk(risk) for risk in draft.risks.all()}
    different = trail.differences(before, after)
    return _drafted(
        agreement, draft, "edit_risks", actor, at, {"risks": (list(before), list(after))} if different else {}
    )


@transaction.atomic
def start_risk_table(
    *, agreement_id: int, phases: Sequence[str], version: int, actor: Person, at: dt.datetime
) -> Agreement:
    """Begin with the usual rows of these phases; rows that are there stay as they are."""
    agreement = required(agreement_id, "edit", actor, version=version)
    draft = draft_of(agreement)
    there = [risk_values(risk) for risk in draft.risks.all()]
    keys = {row["key"] for row in there}
    added = [
        standard_row(row) for row in standard_risks() if row["phase"] in phases and row["id"] not in keys
    ]
    if not added:
        raise RefusedError(_("加える行がありません。段階を選ぶか、表をそのまま直してください。"))
    _replace(Risk, draft, [*there, *added])
    changes = {"risks": (sorted(keys), sorted(keys | {row["key"] for row in added}))}
    return _drafted(agreement, draft, "edit_risks", actor, at, changes)


def standard_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the reference table as a row of ours; its note tells the usual boundary."""
    seen = {True: "seen", "typical": "typical"}.get(row["bearer_seen"], "memory")
    return {
        "key": row["id"],
        "phase": row["phase"],
        "kind": row["kind"],
        "text": row["text"],
        "bearer": calculations.MARKS[row["public"], row["private"]],
        "threshold": row.get("note", ""),
        "remedy": "",
        "source": row["source"] or "",
        "seen": seen,
    }


def risk_values(risk: Risk) -> dict[str, Any]:
    names = ("key", "phase", "kind", "text", "bearer", "threshold", "remedy", "source", "seen")
    return {name: getattr(risk, name) for name in names}


@transaction.atomic
def delete(*, agreement_id: int, actor: Person, at: dt.datetime) -> Agreement:
    """Throw a draft away; it comes back for 30 days. What was concluded is ended, not thrown away."""
    agreement = required(agreement_id, "delete", actor)
    if agreement.status not in {AgreementStatus.DRAFT, AgreementStatus.ABANDONED}:
        raise RefusedError(
            _("削除できるのは起案中か取りやめの協定だけです。締結した協定は「終了」にしてください。")
        )
    before = trail.values(agreement)
    agreement.deleted_at = at
    finish(agreement, "delete", actor=actor, at=at, before=before)
    return agreement


@transaction.atomic
def restore(*, agreement_id: int, actor: Person, at: dt.datetime) -> Agreement:
    agreement = records.locked(agreement_id)
    agreement_access.require(actor, "restore", agreement)
    if agreement.deleted_at is None or at - agreement.deleted_at > RESTORABLE:
        raise NotRestorableError
    before = trail.values(agreement)
    agreement.deleted_at = None
    finish(agreement, "restore", actor=actor, at=at, before=before)
    return agreement


def next_version(
    agreement: Agreement, source: Version, reason: str, actor: Person, at: dt.datetime
) -> Version:
    """A draft that begins as a copy of ``source``. The caller holds the lock."""
    if agreement.versions.filter(state__in=["draft", "in_approval", "approved"]).exists():
        raise RefusedError(
            _("手続きの途中の版があります。その決裁と締結を終えてから、次の版を作ってください。")
        )
    last = agreement.versions.aggregate(last=Max("number"))["last"] or 0
    draft = Version(
        agreement=agreement,
        number=last + 1,
        reason=reason[:500],
        made_by=actor,
        made_at=at,
        **{name: getattr(source, name) for name in calculations.TERMS},
    )
    # The end may have moved by the agreement's own clause since the wording was approved.
    if source.state == VersionState.IN_FORCE:
        draft.ends_on = agreement.ends_on
    draft.save()
    for rows in (source.signers.all(), source.obligations.all(), source.risks.all()):
        for row in rows:
            row.pk, row._state.adding, row.version = None, True, draft
            row.save(force_insert=True)
    return draft


def missing_for_approval(version: Version) -> list[Missing]:
    """What a draft needs before anybody is asked to approve it."""
    signers = list(version.signers.all())
    wanted = [
        (bool(version.purpose.strip()), Missing("purpose", _("目的を書いてください。"), "terms")),
        (version.starts_on is not None, Missing("starts_on", _("始まりの日を決めてください。"), "terms")),
        (len(signers) >= 2, Missing("parties", _("当事者を二者以上書いてください。"), "parties")),
        (
            any(party.side == Side.PUBLIC for party in signers),
            Missing("parties", _("自治体の側の当事者を一者以上書いてください。"), "parties"),
        ),
        (
            all(party.role.strip() for party in signers if party.side != Side.OTHER),
            Missing("parties", _("当事者それぞれの役割を書いてください。"), "parties"),
        ),
        (
            version.personal_data != "undecided",
            Missing("personal_data", _("個人情報を扱うかどうかを決めてください。"), "terms"),
        ),
    ]
    return [missing for there, missing in wanted if not there]


def _drafted(
    agreement: Agreement,
    draft: Version,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]],
) -> Agreement:
    """Where nothing is in force yet, the list shows the draft."""
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if records.in_force(agreement) is None:
        mirror(agreement, draft)
    finish(agreement, action, actor=actor, at=at, changes=changes)
    return agreement


def _told_risk(risk: Risk) -> list[str]:
    return [risk.kind, risk.text, risk.bearer, risk.threshold, risk.remedy]


def _write_about(agreement: Agreement, values: Mapping[str, Any]) -> None:
    for name in ABOUT:
        if name in values and name != "field_ids":
            setattr(agreement, name, values[name])


def _write_terms(version: Version, values: Mapping[str, Any]) -> None:
    for name in calculations.TERMS:
        if name in values:
            setattr(version, name, values[name])
    if version.renewal == "none":
        version.renewal_months = version.notice_months = None
    _full_clean(version)


def _full_clean(row: Any) -> None:
    """The model's own sentences; keys that are not stored yet are not asked for."""
    row.full_clean(exclude=["agreement", "updated_by", "made_by"])


def _replace(model: type[Any], version: Version, rows: Sequence[Mapping[str, Any]]) -> None:
    if len(rows) > MOST_ROWS:
        raise RefusedError(_("%(limit)d行までです。") % {"limit": MOST_ROWS})
    for old in model.objects.filter(version=version):
        old.delete()
    for order, row in enumerate(rows):
        new = model(version=version, order=order, **row)
        if isinstance(new, Party):
            _take_over_kind(new)
        try:
            new.full_clean(exclude=["version"], validate_unique=False)
        except ValidationError as error:
            raise RefusedError(
                _("%(number)d行目: %(why)s") % {"number": order + 1, "why": " ".join(error.messages)}
            ) from error
        new.save()


def _take_over_kind(party: Party) -> None:
    """Of a registered party kind and size are known: the numbers by kind and size rest on them."""
    if party.organization is not None:
        party.kind = party.kind or party.organization.kind
        party.size = party.size or party.organization.size
