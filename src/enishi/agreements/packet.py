"""What of the agreements stands in a handover packet: agreements in force and on their way, promises, approvals, open trouble."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.calculations import dues, repeats_until
from enishi.agreements.enums import AgreementStatus, ApprovalState, ChangeState, VersionState
from enishi.agreements.models import Agreement, Approval
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import shortened
from enishi.foundation.sentences import gettext as _
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties, PacketItem, PacketPart, register_packet_part

LOOK_AHEAD = dt.timedelta(days=400)
MOST_PROMISES = 3
OVER = (AgreementStatus.ENDED, AgreementStatus.ABANDONED)


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_packet_part(PacketPart("agreements.agreements", gettext_lazy("協定"), 60, agreements))
    register_packet_part(PacketPart("agreements.promises", gettext_lazy("約束(義務)"), 62, promises))
    register_packet_part(
        PacketPart("agreements.approvals", gettext_lazy("順番の回ってきた決裁"), 64, approvals)
    )
    register_packet_part(
        PacketPart("agreements.trouble", gettext_lazy("変更の申し出・事故・争い"), 66, trouble)
    )
    register_packet_part(PacketPart("agreements.people", gettext_lazy("協定の相手と連絡先"), 68, people))


def _in_charge(duties: Duties, actor: Person) -> QuerySet[Agreement, Agreement]:
    mine = Q(section_id__in=duties.section_ids)
    if duties.person is not None:
        mine |= Q(officer=duties.person)
    rows = agreement_access.visible(actor).filter(mine, organization=duties.organization)
    return rows.exclude(status__in=OVER).order_by("next_due_on", "pk")


def _kept_within(row: Agreement) -> int | None:
    return row.section_id if row.visibility == Visibility.SECTION else None


def agreements(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _in_charge(duties, actor).prefetch_related("activities")
    return [_agreement(row, today) for row in rows]


def _agreement(row: Agreement, today: dt.date) -> PacketItem:
    steps = {
        AgreementStatus.DRAFT: _("案を仕上げ、決裁に回す"),
        AgreementStatus.IN_APPROVAL: _("決裁の順番を見届ける"),
        AgreementStatus.APPROVED: _("締結する"),
        AgreementStatus.ACTIVE: _("次の期限までに、義務・更新・終了を確かめる"),
    }
    days = [day for day in (row.next_due_on, row.notice_on, row.ends_on) if day and day >= today]
    last = max(row.activities.all(), key=lambda activity: activity.on, default=None)
    return PacketItem(
        title=f"{row.number} {row.title}".strip(),
        url=row.get_absolute_url(),
        state=row.get_status_display(),
        due=min(days, default=row.ends_on),
        next_step=steps.get(AgreementStatus(row.status), ""),
        counterpart=row.counterparts,
        note=_("最後の活動: %(day)s %(text)s")
        % {"day": day_in_words(last.on, weekday=False), "text": last.text}
        if last
        else "",
        section_id=_kept_within(row),
    )


def promises(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """What somebody must do under the agreements in force: the open days of each obligation, those missed too."""
    rows = (
        _in_charge(duties, actor)
        .filter(status=AgreementStatus.ACTIVE)
        .prefetch_related("versions__obligations", "fulfilments")
    )
    found = [item for row in rows for item in _promises_of(row, today)]
    return sorted(found, key=lambda item: (item.due or dt.date.max, item.title))


def _promises_of(row: Agreement, today: dt.date) -> Iterator[PacketItem]:
    version = next((each for each in row.versions.all() if each.state == VersionState.IN_FORCE), None)
    if version is None:
        return
    shown: dict[str, int] = {}
    for due in dues(
        version.obligations.all(),
        row.fulfilments.all(),
        until=today + LOOK_AHEAD,
        repeats_until=repeats_until(row, version),
    ):
        key = str(due.obligation.key)
        if due.done is not None or shown.get(key, 0) >= MOST_PROMISES:
            continue
        shown[key] = shown.get(key, 0) + 1
        yield PacketItem(
            title=due.obligation.text[:300],
            url=row.get_absolute_url(),
            state=_("期限切れ") if due.on and due.on < today else _("これから"),
            due=due.on,
            next_step=_("%(bearer)sが行う") % {"bearer": due.obligation.bearer},
            counterpart=row.counterparts,
            note=row.title,
            section_id=_kept_within(row),
        )


def approvals(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """Approvals that wait for this very person."""
    if duties.person is None:
        return []
    rows = (
        Approval.objects.filter(
            person=duties.person,
            state=ApprovalState.WAITING,
            version__state=VersionState.IN_APPROVAL,
            version__agreement__organization=duties.organization,
        )
        .select_related("version__agreement")
        .order_by("version_id", "order")
    )
    return [
        PacketItem(
            title=row.version.title,
            url=row.version.agreement.get_absolute_url(),
            state=row.get_kind_display(),
            due=row.version.agreement.next_due_on,
            next_step=_("決裁の順番を、代わりに承認する人へ引き継ぐ"),
            section_id=_kept_within(row.version.agreement),
        )
        for row in rows
    ]


def trouble(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _in_charge(duties, actor).prefetch_related("changes", "incidents", "disputes")
    return [item for row in rows for item in _trouble_of(row)]


def _trouble_of(row: Agreement) -> Iterator[PacketItem]:
    url, counterpart, section = row.get_absolute_url(), row.counterparts, _kept_within(row)
    for change in row.changes.all():
        if change.state in {ChangeState.ASSESSING, ChangeState.CONSENTING, ChangeState.AGREED}:
            yield PacketItem(
                title=change.title,
                url=url,
                state=change.get_state_display(),
                due=row.next_due_on,
                next_step=_("変更の申し出への返事をまとめる"),
                counterpart=counterpart,
                note=f"{row.title}: {shortened(change.reason, 200)}",
                section_id=section,
            )
    for incident in row.incidents.all():
        if incident.settled_on is None:
            yield PacketItem(
                title=incident.title,
                url=url,
                state=_("収まっていない"),
                due=incident.happened_on,
                next_step=_("対応を続け、収まった日を記録する"),
                counterpart=counterpart,
                note=f"{row.title}: {shortened(incident.response or incident.detail, 200)}",
                section_id=section,
            )
    for dispute in row.disputes.all():
        if dispute.closed_on is None:
            yield PacketItem(
                title=dispute.title,
                url=url,
                state=dispute.get_stage_display(),
                due=dispute.due_on,
                next_step=_("この段階の期限までに協議する"),
                counterpart=counterpart,
                note=row.title,
                section_id=section,
            )


def people(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """Who to ring about which agreement."""
    rows = _in_charge(duties, actor).prefetch_related("versions__signers")
    return [item for row in rows for item in _people_of(row, duties)]


def _no_contact() -> str:
    return f"({_('連絡先が記録されていません。異動の前に前任者に聞き、書き足してください。')})"


def _people_of(row: Agreement, duties: Duties) -> Iterator[PacketItem]:
    versions = sorted(row.versions.all(), key=lambda each: (each.state == "in_force", each.number))
    for party in versions[-1].signers.all() if versions else ():
        if party.organization_id == duties.organization.pk:
            continue
        yield PacketItem(
            title=party.name,
            url=row.get_absolute_url(),
            counterpart=" ".join(filter(None, (party.representative, party.contact or _no_contact()))),
            note=row.title,
            is_open=False,
            section_id=_kept_within(row),
        )
