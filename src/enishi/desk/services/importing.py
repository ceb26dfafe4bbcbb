"""Past proposals from a sheet: read, checked, shown, and taken over all or nothing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk import cases
from enishi.desk.access import desk_access
from enishi.desk.enums import OPEN_STATUSES, ProposalKind, ProposalStatus
from enishi.desk.errors import RefusedError
from enishi.desk.models import Proposal, ProposalQuerySet, ProposerContact, Routing, StageEntry
from enishi.desk.services import flow
from enishi.desk.signals import proposals_changed
from enishi.foundation import jobs, trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text, read_date, shortened
from enishi.foundation.models import FormDraft, Job
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import Table
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization, Section

MOST = 5_000
JOB = "desk.import"
COLUMNS: Mapping[str, str] = {
    "受付番号": "number",
    "題名": "title",
    "種類": "kind",
    "提案者": "proposer_name",
    "状態": "status",
    "受付日": "received_on",
    "決定日": "decided_on",
    "事業の開始日": "started_on",
    "理由": "reason",
    "担当課": "section",
    "提案の内容": "summary",
}
NEEDED = ("受付番号", "題名", "状態", "受付日")
_LONGEST = {"number": 20, "title": 120, "proposer_name": 150, "reason": 500, "summary": 8_000}


@dataclass
class Preview:
    """What the import would do, in the shape the preview component shows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


def preview(organization: Organization, table: Table) -> Preview:
    """Read every line; nothing is written."""
    found = Preview()
    found.faults += [
        Fault(1, name, "", _("この見出しの列がありません。")) for name in NEEDED if name not in table.headings
    ]
    if len(table.rows) > MOST:
        found.faults.append(
            Fault(
                MOST, "", "", _("一度に取り込めるのは%(most)d行までです。分けてください。") % {"most": MOST}
            )
        )
    if found.faults:
        return found
    sections = dict(
        Section.objects.filter(organization=organization).order_by("valid_from").values_list("name", "pk")
    )
    seen: set[str] = set()
    for row in table.rows:
        values = _read(row.number, row.cells, sections, found.faults)
        if values["number"] in seen:
            found.faults.append(
                Fault(row.number, "受付番号", values["number"], _("同じ受付番号が上の行にもあります。"))
            )
        seen.add(values["number"])
        found.rows.append(values)
    _compare(organization, found)
    return found


def _read(
    number: int, cells: Mapping[str, str], sections: Mapping[str, int], faults: list[Fault]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for heading, name in COLUMNS.items():
        text = clean_text(cells.get(heading, ""), lines=True).strip()
        try:
            values[name] = _value(name, text, sections)
        except ValidationError as refused:
            faults.append(Fault(number, heading, shortened(text), " ".join(refused.messages)))
            values[name] = ""
    return _checked(number, values, faults)


def _value(name: str, text: str, sections: Mapping[str, int]) -> Any:
    if name in {"received_on", "decided_on", "started_on"}:
        return read_date(text).isoformat() if text else ""
    if name == "section":
        if text and text not in sections:
            raise ValidationError(
                _("この名前の課は登録されていません。課の名前を確かめるか、空にしてください。")
            )
        return sections.get(text)
    if name in {"status", "kind"}:
        return _choice(name, text)
    if len(text) > _LONGEST[name]:
        raise ValidationError(_("%(most)d文字までにしてください。") % {"most": _LONGEST[name]})
    return text


def _choice(name: str, text: str) -> str:
    choices: Any = ProposalStatus if name == "status" else ProposalKind
    known = {str(one.label): one.value for one in choices if one.value != "draft"}
    if not text and name == "kind":
        return ProposalKind.PROPOSAL.value
    if text not in known:
        raise ValidationError(_("選べるのは「%(names)s」です。") % {"names": _("・").join(known)})
    return str(known[text])


def _checked(number: int, values: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    labels = {name: heading for heading, name in COLUMNS.items()}
    told = {fault.column for fault in faults if fault.row == number}
    faults += [
        Fault(number, labels[name], "", _("必ず書いてください。"))
        for name in ("number", "title", "status", "received_on")
        if not values[name] and labels[name] not in told
    ]
    later = [values[name] for name in ("decided_on", "started_on") if values[name]]
    if values["received_on"] and any(day < values["received_on"] for day in later):
        faults.append(
            Fault(number, "受付日", values["received_on"], _("決定日や開始日より後になっています。"))
        )
    is_decided = values["status"] in {"adopted", "trial", "declined"}
    if is_decided and not values["decided_on"] and "決定日" not in told:
        faults.append(Fault(number, "決定日", "", _("採択・実証・不採択には決定日が要ります。")))
    return values


def _compare(organization: Organization, found: Preview) -> None:
    known = set(
        Proposal.objects.filter(
            organization=organization, number__in=[row["number"] for row in found.rows]
        ).values_list("number", flat=True)
    )
    for row in found.rows:
        if row["number"] in known:
            found.unchanged += 1
        else:
            found.added += 1


def start(
    *, organization: Organization, rows: Sequence[Mapping[str, Any]], actor: Person, at: dt.datetime
) -> Job:
    """Keep what was read and have the worker take it over."""
    desk_access.require(actor, "import", organization)
    FormDraft.objects.update_or_create(
        person=actor,
        form=f"{JOB}:{organization.pk}",
        defaults={"values": {"rows": list(rows)}, "saved_at": at},
    )
    return jobs.start(
        kind=JOB,
        title=_("過去の提案%(count)d件の取り込み") % {"count": len(rows)},
        person=actor,
        arguments={"organization_id": organization.pk, "person_id": actor.pk},
        at=at,
    )


@jobs.work(JOB)
def _carry_out(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    organization = Organization.objects.get(pk=job.arguments["organization_id"])
    actor = Person.objects.get(pk=job.arguments["person_id"])
    draft = FormDraft.objects.filter(person=actor, form=f"{JOB}:{organization.pk}").first()
    if draft is None:
        raise jobs.JobRefusedError(_("取り込む内容が見つかりません。ファイルをもう一度選んでください。"))
    rows = draft.values["rows"]
    at = timezone.now()
    made = import_past(organization=organization, rows=rows, actor=actor, at=at)
    for start_at in range(0, len(made), 50):
        progress(start_at, len(made), _("文章を読み取っています"))
        cases.refresh(Proposal.objects.filter(pk__in=made[start_at : start_at + 50]), at=at)
    draft.delete()
    return {"added": len(made)}


@transaction.atomic
def import_past(
    *, organization: Organization, rows: Sequence[Mapping[str, Any]], actor: Person, at: dt.datetime
) -> list[int]:
    """Take past proposals over; those whose number is known already are left as they are."""
    desk_access.require(actor, "import", organization)
    numbers = [row["number"] for row in rows]
    known = set(
        Proposal.objects.filter(organization=organization, number__in=numbers).values_list(
            "number", flat=True
        )
    )
    made = [_make(organization, row, actor, at) for row in rows if row["number"] not in known]
    trail.record(
        trail.Act(actor, "import", organization, at, organization_id=organization.pk, note=str(len(made)))
    )
    ids = [one.pk for one in made]
    transaction.on_commit(lambda: proposals_changed.send_robust(Proposal, ids=ids))
    return ids


@dataclass(frozen=True)
class Batch:
    """What came in together: when, how many, and how many nobody has worked on since."""

    at: dt.datetime
    count: int
    untouched: int


def batches(organization: Organization, at: dt.datetime) -> list[Batch]:
    """Imports that can still be taken back, newest first."""
    rows = (
        _imported(organization, at)
        .order_by("-created_at")
        .values("created_at")
        .annotate(n=Count("pk"), untouched=Count("pk", filter=Q(updated_at=F("created_at"))))
    )
    return [Batch(row["created_at"], row["n"], row["untouched"]) for row in rows]


def _imported(organization: Organization, at: dt.datetime) -> ProposalQuerySet:
    return Proposal.objects.filter(
        organization=organization, deleted_at__isnull=True, created_at__gt=at - RESTORABLE
    ).exclude(import_key="")


@transaction.atomic
def undo(
    *, organization: Organization, batch: dt.datetime, actor: Person, at: dt.datetime
) -> tuple[int, int]:
    """Take back what came in at ``batch``: how many were thrown away, how many stay because somebody worked on them.

    Their numbers are free again, so that the mended sheet can come in.
    """
    desk_access.require(actor, "import", organization)
    rows = _imported(organization, at).filter(created_at=batch).select_for_update()
    ids = [row.pk for row in rows if row.updated_at == row.created_at]
    stays = rows.count() - len(ids)
    if not ids:
        raise RefusedError(
            _("この取り込みは、もう取り消されたか、30日を過ぎたか、すべて書き直されています。")
        )
    for pk in ids:
        Proposal.objects.filter(pk=pk).update(
            deleted_at=at, updated_at=at, updated_by=actor, number="", import_key=f"undone:{pk}"
        )
    trail.record(
        trail.Act(actor, "undo_import", organization, at, organization_id=organization.pk, note=str(len(ids)))
    )
    transaction.on_commit(lambda: proposals_changed.send_robust(Proposal, ids=ids))
    return len(ids), stays


def _make(organization: Organization, row: Mapping[str, Any], actor: Person, at: dt.datetime) -> Proposal:
    received = _moment(row["received_on"])
    status = ProposalStatus(row["status"])
    ended = _moment(row["decided_on"]) if row["decided_on"] else received
    proposal = Proposal.objects.create(
        organization=organization,
        section_id=row["section"],
        kind=row["kind"],
        origin="on_behalf",
        number=row["number"],
        import_key=row["number"],
        title=row["title"],
        summary=row["summary"],
        proposer_name=row["proposer_name"],
        status=status,
        status_reason=row["reason"],
        received_at=received,
        decided_at=ended if status.is_decided else None,
        started_on=dt.date.fromisoformat(row["started_on"]) if row["started_on"] else None,
        stage_entered_at=ended,
        visibility=Visibility.INTERNAL,
        created_at=at,
        updated_at=at,
        updated_by=actor,
    )
    ProposerContact.objects.create(proposal=proposal)
    first = StageEntry(
        proposal=proposal, organization=organization, stage=ProposalStatus.RECEIVED, entered_at=received
    )
    first.save()
    if status != ProposalStatus.RECEIVED:
        flow.leave(first, max(received, ended))
        StageEntry.objects.create(
            proposal=proposal,
            organization=organization,
            stage=status,
            entered_at=max(received, ended),
            reason=row["reason"],
        )
    if row["section"] and status not in {*OPEN_STATUSES, ProposalStatus.WITHDRAWN}:
        Routing.objects.create(
            proposal=proposal, organization=organization, section_id=row["section"], weight=1.0, at=received
        )
    return proposal


def _moment(day: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(9)))
