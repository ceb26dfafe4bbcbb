"""Questions about agreements; nothing here writes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from enishi.agreements import calculations, ports
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, Side, VersionState
from enishi.agreements.models import Agreement, Approval, Fulfilment, Incident, Party, Risk, Version
from enishi.engines import schemes
from enishi.foundation.access import Actor
from enishi.foundation.forms import clean_text
from enishi.foundation.numbers import whole
from enishi.organizations.visibility import reach_of

SHOWN_FIRST = (
    VersionState.IN_FORCE,
    VersionState.APPROVED,
    VersionState.IN_APPROVAL,
    VersionState.DRAFT,
)
DUE_SOON = (30, 90)


def version_shown(agreement: Agreement) -> Version | None:
    """The version a reader means: in force, else the one furthest on its way, else the last there was."""
    rows = list(agreement.versions.select_related("made_by").order_by("-number"))
    for state in SHOWN_FIRST:
        found = next((row for row in rows if row.state == state), None)
        if found is not None:
            return found
    return rows[0] if rows else None


def asleep(rows: models.QuerySet[Any, Any], today: dt.date) -> models.QuerySet[Any, Any]:
    """In force, and nothing done under them for a year."""
    return rows.filter(status=AgreementStatus.ACTIVE, last_activity_on__lt=today - calculations.ASLEEP_AFTER)


@dataclass(frozen=True)
class Conditions:
    """What a list of agreements is narrowed by."""

    q: str = ""
    status: Sequence[str] = ()
    kind: Sequence[str] = ()
    field: Sequence[str] = ()
    scheme: str = ""
    section: str = ""
    due: str = ""
    asleep: bool = False
    mine: bool = False
    sort: str = "recent"
    narrowed: bool = False

    @classmethod
    def read(cls, parameters: Any) -> "Conditions":
        """From an address; what nobody offered is dropped."""
        several = [
            tuple(map(clean_text, parameters.getlist(name)))[:30] for name in ("status", "kind", "field")
        ]
        single = [
            clean_text(parameters.get(name) or "").strip()[:100] for name in ("q", "scheme", "section", "due")
        ]
        is_asleep, is_mine = parameters.get("asleep") == "1", parameters.get("mine") == "1"
        sort = parameters.get("sort", "recent")
        return cls(
            status=several[0],
            kind=several[1],
            field=several[2],
            q=single[0],
            scheme=single[1],
            section=single[2],
            due=single[3],
            asleep=is_asleep,
            mine=is_mine,
            sort=sort if sort in SORTS else "recent",
            narrowed=any(several) or any(single) or is_asleep or is_mine,
        )


SORTS: dict[str, tuple[str, ...]] = {
    "recent": ("-updated_at", "-pk"),
    "due": ("next_due_on", "pk"),
    "end": ("ends_on", "pk"),
}


def register_of(
    actor: Actor, conditions: Conditions, today: dt.date
) -> models.QuerySet[Agreement, Agreement]:
    """The agreements this person may read, narrowed."""
    rows: models.QuerySet[Agreement, Agreement] = agreement_access.visible(actor)
    for word in conditions.q.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(counterparts__icontains=word)
            | Q(number__icontains=word)
            | Q(organization__name__icontains=word)
        )
    rows = _narrowed(rows, conditions)
    if conditions.asleep:
        rows = asleep(rows, today)
    if conditions.due == "over":
        rows = rows.filter(status=AgreementStatus.ACTIVE, next_due_on__lt=today)
    elif (days := whole(conditions.due)) in DUE_SOON:
        until = today + dt.timedelta(days=days)
        rows = rows.filter(status=AgreementStatus.ACTIVE, next_due_on__lte=until)
    if conditions.sort in {"due", "end"}:
        rows = rows.filter(**{f"{SORTS[conditions.sort][0]}__isnull": False})
    if conditions.mine:
        rows = rows.filter(officer_id=actor.pk or 0)
    return rows


def _narrowed(
    rows: models.QuerySet[Agreement, Agreement], conditions: Conditions
) -> models.QuerySet[Agreement, Agreement]:
    if conditions.status:
        rows = rows.filter(status__in=conditions.status)
    if conditions.kind:
        rows = rows.filter(kind__in=conditions.kind)
    if conditions.scheme:
        rows = rows.filter(scheme=conditions.scheme)
    if conditions.section.isdecimal() and len(conditions.section) < 16:
        rows = rows.filter(section_id=int(conditions.section))
    if conditions.field:
        through = Agreement.fields.through._default_manager.filter(
            Q(field__code__in=conditions.field) | Q(field__parent__code__in=conditions.field)
        )
        rows = rows.filter(pk__in=through.values("agreement_id"))
    return rows


def approvals_waiting_for(person: Actor) -> list[Approval]:
    """Where it is this person's turn."""
    rows = (
        Approval.objects.filter(
            person_id=cast(int, person.pk), state="waiting", version__state=VersionState.IN_APPROVAL
        )
        .select_related("version__agreement")
        .order_by("pk")
    )
    earlier = Approval.objects.filter(
        version=models.OuterRef("version"),
        round=models.OuterRef("round"),
        order__lt=models.OuterRef("order"),
        state="waiting",
    )
    return list(rows.annotate(blocked=models.Exists(earlier)).filter(blocked=False))


@dataclass(frozen=True)
class Occurrence:
    """顕在化率 of one agreement or many: came true ÷ listed."""

    happened: int
    listed: int


def risk_occurrence(agreement_ids: Sequence[int] | models.QuerySet[Any, Any]) -> Occurrence:
    """Distinct listed risks that came true ÷ risks listed in the version in force (or the last signed one)."""
    listed: dict[int, set[str]] = {}
    for agreement_id, key in Risk.objects.filter(
        version__agreement__in=agreement_ids, version__state=VersionState.IN_FORCE
    ).values_list("version__agreement_id", "key"):
        listed.setdefault(agreement_id, set()).add(key)
    happened: dict[int, set[str]] = {}
    for agreement_id, key in risks_that_came_true(agreement_ids):
        happened.setdefault(agreement_id, set()).add(key)
    pairs = [schemes.occurrence(keys, happened.get(pk, set())) for pk, keys in listed.items()]
    return Occurrence(sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))


def risks_that_came_true(agreement_ids: Sequence[int] | models.QuerySet[Any, Any]) -> set[tuple[int, str]]:
    """Agreement and key of each risk that came true: told here, or by the work done under the agreement."""
    own = Incident.objects.filter(agreement__in=agreement_ids).values_list("agreement_id", "risk_key")
    return {*own, *ports.risks_that_came_true(agreement_ids)}


def partners_by(agreements: models.QuerySet[Any, Any], column: str) -> list[tuple[str, int]]:
    """How many partners there are of each kind (or size): one counts once, however many agreements it signed."""
    rows = (
        Party.objects.filter(
            version__agreement__in=agreements, version__state=VersionState.IN_FORCE, side=Side.PARTNER
        )
        .values(column)
        .annotate(partners=Count("name", distinct=True))
        .order_by(column)
    )
    return [(row[column], row["partners"]) for row in rows]


def changes_between(left: Version, right: Version) -> list[tuple[str, Any, Any]]:
    """Every subject of both versions: its name, and what each says."""
    before, after = calculations.snapshot(left), calculations.snapshot(right)
    rows: list[tuple[str, Any, Any]] = [
        (name, _told(left, name), _told(right, name)) for name in calculations.TERMS
    ]
    rows.append(("parties", _parties(before["parties"]), _parties(after["parties"])))
    rows += _rowwise("obligation", before["obligations"], after["obligations"], _obligation)
    rows += _rowwise("risk", before["risks"], after["risks"], _risk)
    return rows


def _told(version: Version, name: str) -> Any:
    display = getattr(version, f"get_{name}_display", None)
    return display() if display is not None else getattr(version, name)


def _parties(rows: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{row['name']}: {row['role']}" for row in rows)


def _rowwise(kind: str, left: Any, right: Any, told: Any) -> list[tuple[str, Any, Any]]:
    old, new = ({str(row["key"]): row for row in rows} for rows in (left, right))
    keys = [*old, *(key for key in new if key not in old)]
    return [
        (f"{kind} {number}", told(old[key]) if key in old else "", told(new[key]) if key in new else "")
        for number, key in enumerate(keys, start=1)
    ]


def _obligation(row: Mapping[str, Any]) -> str:
    return f"{row['bearer']}: {row['text']} {row['due_on'] or ''}"


def _risk(row: Mapping[str, Any]) -> str:
    return f"{row['key']} {row['kind']}: {row['bearer']} {row['threshold']} {row['remedy']}".strip()


@dataclass(frozen=True)
class CalendarDay:
    """One thing on one day, with the way to it."""

    on: dt.date
    what: str
    agreement: Agreement
    done: bool = False


def calendar_days(actor: Actor, first: dt.date, last: dt.date, *, limit: int = 500) -> list[CalendarDay]:
    """Deadlines of the agreements this person works with, between two days."""
    houses = reach_of(actor).organization_ids
    mine = Q(organization_id__in=houses) | Q(
        pk__in=Agreement.parties.through._default_manager.filter(organization_id__in=houses).values(
            "agreement_id"
        )
    )
    rows = (
        agreement_access.visible(actor)
        .filter(mine, status=AgreementStatus.ACTIVE, next_due_on__lte=last)
        .prefetch_related(
            models.Prefetch(
                "versions",
                Version.objects.filter(state=VersionState.IN_FORCE)
                .only("agreement_id", "renewal")
                .prefetch_related(models.Prefetch("obligations", to_attr="duties")),
                to_attr="in_force",
            ),
            models.Prefetch(
                "fulfilments",
                Fulfilment.objects.filter(due_on__gte=first).only("agreement_id", "key", "due_on"),
                to_attr="told",
            ),
        )
        .only("title", "notice_on", "ends_on", "next_due_on", "organization_id", "updated_at")
        .order_by("next_due_on", "pk")[:limit]
    )
    found = [day for row in rows for day in _days_of(row, first, last)]
    return sorted(found, key=lambda day: (day.on, day.agreement.pk))


def _days_of(agreement: Any, first: dt.date, last: dt.date) -> list[CalendarDay]:
    days: list[CalendarDay] = []
    for version in agreement.in_force:
        rows = calculations.dues(
            version.duties,
            agreement.told,
            until=last,
            repeats_until=calculations.repeats_until(agreement, version),
        )
        days += [
            CalendarDay(
                due.on, f"{due.obligation.bearer}: {due.obligation.text}", agreement, due.done is not None
            )
            for due in rows
            if due.on
        ]
    if agreement.notice_on:
        days.append(CalendarDay(agreement.notice_on, _("更新・終了の申し出の期限"), agreement))
    if agreement.ends_on:
        days.append(CalendarDay(agreement.ends_on, _("協定の終わり"), agreement))
    return [day for day in days if first <= day.on <= last]
