"""起案 → 合議 → 決裁: named people in order, their comments, the way back, and acting in somebody's place."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements import calculations
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, ApprovalKind, ApprovalState, VersionState
from enishi.agreements.errors import IncompleteError, ReasonNeededError, RefusedError
from enishi.agreements.models import Agreement, Approval, Version
from enishi.agreements.services.drafting import missing_for_approval
from enishi.agreements.services.records import draft_of, finish, in_force, locked, mirror, required
from enishi.exchange.access import WHOLE_ORGANIZATION
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.enums import PUBLIC_BODY_ROLES, Role
from enishi.organizations.models import Membership

MOST_APPROVERS = 15


@dataclass(frozen=True)
class Turn:
    """Somebody's place in the order."""

    kind: ApprovalKind
    person: Person


@transaction.atomic
def submit(
    *, agreement_id: int, turns: Sequence[Turn], actor: Person, at: dt.datetime, comment: str = ""
) -> Version:
    """Send the draft round: to each in order, the last one decides."""
    agreement = required(agreement_id, "submit", actor)
    draft = draft_of(agreement)
    missing = missing_for_approval(draft)
    if missing:
        raise IncompleteError(missing)
    _check_turns(agreement, draft, turns, actor, timezone.localdate(at))
    turn = (draft.approvals.aggregate(last=Max("round"))["last"] or 0) + 1
    Approval.objects.bulk_create(
        Approval(version=draft, round=turn, order=order, kind=each.kind, person=each.person)
        for order, each in enumerate(turns, start=1)
    )
    draft.state = VersionState.IN_APPROVAL
    draft.save(update_fields=["state"])
    before = trail.values(agreement)
    if agreement.status == AgreementStatus.DRAFT:
        agreement.status = AgreementStatus.IN_APPROVAL
    finish(agreement, "submit", actor=actor, at=at, before=before, note=clean_text(comment)[:500])
    _ask(agreement, turns[0].person, at)
    return draft


def _check_turns(
    agreement: Agreement, draft: Version, turns: Sequence[Turn], actor: Person, today: dt.date
) -> None:
    if not turns or turns[-1].kind != ApprovalKind.DECIDE:
        raise RefusedError(_("最後の一人を「決裁」にしてください。決裁する人がいないと回せません。"))
    if any(turn.kind == ApprovalKind.DECIDE for turn in turns[:-1]):
        raise RefusedError(_("「決裁」は最後の一人だけです。ほかの人は「合議」にしてください。"))
    if len(turns) > MOST_APPROVERS or len({turn.person.pk for turn in turns}) != len(turns):
        raise RefusedError(
            _("同じ人を二度は選べません。合議と決裁は合わせて%(most)d人までです。") % {"most": MOST_APPROVERS}
        )
    if turns[-1].person.pk in {draft.made_by_id, actor.pk}:
        raise RefusedError(
            _("自分で起案したものを自分で決裁することはできません。決裁する人を替えてください。")
        )
    roles = _roles(agreement, today)
    for turn in turns:
        wanted = WHOLE_ORGANIZATION if turn.kind == ApprovalKind.DECIDE else PUBLIC_BODY_ROLES
        if not roles.get(turn.person.pk, set()) & {role.value for role in wanted}:
            raise RefusedError(
                _(
                    "%(who)sは%(owner)sで%(kind)sを行う役割にありません。人と組織のページで役割を確かめてください。"
                )
                % {"who": turn.person.name, "owner": agreement.organization.name, "kind": turn.kind.label}
            )


def _roles(agreement: Agreement, today: dt.date) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = Membership.objects.current(today).filter(
        organization_id=agreement.organization_id, person__is_active=True
    )
    for person_id, role in rows.values_list("person_id", "role"):
        found.setdefault(person_id, set()).add(role)
    return found


@transaction.atomic
def answer(
    *,
    approval_id: int,
    approve: bool,
    actor: Person,
    at: dt.datetime,
    comment: str = "",
    in_place: bool = False,
) -> Version:
    """Approve or send back, when it is this person's turn. ``in_place`` acts for somebody absent and needs the reason."""
    approval = Approval.objects.select_related("version", "person").get(pk=approval_id)
    agreement = locked(approval.version.agreement_id)
    approval.refresh_from_db()
    version = approval.version
    version.refresh_from_db()
    comment = clean_text(comment, lines=True).strip()[:2_000]
    _check_turn(agreement, version, approval, actor, in_place, comment)
    if not approve and not comment:
        raise RefusedError(_("差し戻すときは、直してほしいことを書いてください。起案した人に伝わります。"))
    approval.state = ApprovalState.APPROVED if approve else ApprovalState.RETURNED
    approval.comment, approval.by, approval.at = comment, actor, at
    approval.save()
    if approve:
        _go_on(agreement, version, approval, actor, at)
    else:
        _send_back(agreement, version, approval, actor, at)
    return version


def _check_turn(
    agreement: Agreement, version: Version, approval: Approval, actor: Person, in_place: bool, comment: str
) -> None:
    agreement_access.require(actor, "read_approval", agreement)
    if version.state != VersionState.IN_APPROVAL or approval.state != ApprovalState.WAITING:
        raise RefusedError(_("この決裁は、もう済んだか、取り戻されています。いまの状態を確かめてください。"))
    current = current_turn(version)
    if current is None or current.pk != approval.pk:
        raise RefusedError(
            _("まだ順番ではありません。いまは%(who)sの番です。")
            % {"who": current.person.name if current else ""}
        )
    if actor.pk == approval.person_id:
        return
    if not in_place or not agreement_access.allows(actor, "approve_in_place", agreement):
        raise RefusedError(
            _("いまは%(who)sの番です。不在のときは、管理職が理由を書いて代決できます。")
            % {"who": approval.person.name}
        )
    if actor.pk == version.made_by_id:
        raise RefusedError(_("起案した人は代決できません。ほかの管理職に頼んでください。"))
    if not comment:
        raise ReasonNeededError


def current_turn(version: Version) -> Approval | None:
    """Whose turn it is."""
    waiting = version.approvals.filter(state=ApprovalState.WAITING).select_related("person")
    return waiting.order_by("round", "order").first()


def _go_on(
    agreement: Agreement, version: Version, approval: Approval, actor: Person, at: dt.datetime
) -> None:
    following = current_turn(version)
    action = "approve_in_place" if approval.is_in_place else "approve"
    if following is not None:
        finish(agreement, action, actor=actor, at=at, note=approval.comment[:500])
        _ask(agreement, following.person, at)
        return
    version.state, version.approved_at = VersionState.APPROVED, at
    version.sha256 = calculations.seal(version)
    version.save(update_fields=["state", "approved_at", "sha256"])
    before = trail.values(agreement)
    if in_force(agreement) is None:
        agreement.status = AgreementStatus.APPROVED
        mirror(agreement, version)
    finish(agreement, "decide", actor=actor, at=at, before=before, note=approval.comment[:500])
    _tell_drafter(agreement, version, _("「%(title)s」が決裁されました"), approval, at)


def _send_back(
    agreement: Agreement, version: Version, approval: Approval, actor: Person, at: dt.datetime
) -> None:
    version.approvals.filter(state=ApprovalState.WAITING).update(state=ApprovalState.CANCELLED)
    _back_to_draft(agreement, version, "return", actor, at, approval.comment[:500])
    _tell_drafter(agreement, version, _("「%(title)s」が差し戻されました"), approval, at)


@transaction.atomic
def take_back(*, agreement_id: int, actor: Person, at: dt.datetime, reason: str = "") -> Version:
    """Take a draft out of approval to go on writing."""
    agreement = required(agreement_id, "submit", actor)
    version = agreement.versions.filter(state=VersionState.IN_APPROVAL).first()
    if version is None:
        raise RefusedError(_("決裁に回っている版はありません。"))
    version.approvals.filter(state=ApprovalState.WAITING).update(state=ApprovalState.CANCELLED)
    _back_to_draft(agreement, version, "take_back", actor, at, clean_text(reason)[:500])
    return version


def _back_to_draft(
    agreement: Agreement, version: Version, action: str, actor: Person, at: dt.datetime, note: str
) -> None:
    version.state = VersionState.DRAFT
    version.save(update_fields=["state"])
    before = trail.values(agreement)
    if agreement.status == AgreementStatus.IN_APPROVAL:
        agreement.status = AgreementStatus.DRAFT
    finish(agreement, action, actor=actor, at=at, before=before, note=note)


@transaction.atomic
def look_afterwards(*, approval_id: int, actor: Person, at: dt.datetime) -> Approval:
    """The absent one has seen what was decided in their place (後閲)."""
    approval = (
        Approval.objects.select_for_update(of=("self",))
        .select_related("version__agreement")
        .get(pk=approval_id)
    )
    if approval.person_id != actor.pk or not approval.is_in_place:
        raise RefusedError(_("後閲は、代決された本人だけが行います。"))
    if approval.seen_at is None:
        approval.seen_at = at
        approval.save(update_fields=["seen_at"])
        agreement = approval.version.agreement
        trail.record(
            trail.Act(actor, "look_afterwards", agreement, at, organization_id=agreement.organization_id)
        )
    return approval


def _ask(agreement: Agreement, person: Person, at: dt.datetime) -> None:
    notify(
        kind="agreement_approval",
        persons=[person],
        title=_("「%(title)s」の決裁をお願いします") % {"title": agreement.title},
        url=agreement.get_absolute_url(),
        at=at,
    )


def _tell_drafter(
    agreement: Agreement, version: Version, sentence: str, approval: Approval, at: dt.datetime
) -> None:
    notify(
        kind="agreement_approval",
        persons=[version.made_by],
        title=sentence % {"title": agreement.title},
        body=approval.comment,
        url=agreement.get_absolute_url(),
        at=at,
    )


def approvers_of(agreement: Agreement, today: dt.date) -> list[tuple[Person, str]]:
    """Whom one may name, with their place: people of the keeper, managers first."""
    rows = (
        Membership.objects.current(today)
        .filter(organization_id=agreement.organization_id, person__is_active=True)
        .exclude(role=Role.RESIDENT)
        .exclude(role=Role.AUDITOR)
        .select_related("person", "section")
        .order_by("pk")
    )
    found = {
        row.person_id: (row.person, f"{row.section or ''} {row.get_role_display()}".strip()) for row in rows
    }
    first = {row.person_id for row in rows if row.role == Role.MANAGER}
    return sorted(found.values(), key=lambda pair: (pair[0].pk not in first, pair[1], pair[0].name))
