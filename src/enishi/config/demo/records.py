"""The region's challenges, resources and past contacts, brought in through the same doors as anybody's."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.exchange.matches import services as matches
from enishi.exchange.models import Challenge, Field, Resource
from enishi.exchange.services import ImportedRow, save_imported
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership, Organization, Section
from enishi.organizations.visibility import forget_reach

Sections = Mapping[tuple[str, str], Section]


def fill(
    organizations: Mapping[str, Organization],
    sections: Sections,
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Bring in everything, dated as if it had come in over the past months."""
    clerk = _hire_clerk(organizations.values(), at)
    reader = _Reader(organizations, sections)
    for kind, read in (("resource", reader.resource), ("challenge", reader.challenge)):
        by_day = sorted(lines(f"{kind}s"), key=lambda row: _day_of(row, at))
        for day, rows in groupby(by_day, key=lambda row: _day_of(row, at)):
            save_imported(kind=kind, rows=[read(row) for row in rows], actor=clerk, at=_moment(day))
    _past_contacts(people["planner"])
    _dismiss(clerk)


def _hire_clerk(organizations: Iterable[Organization], at: dt.datetime) -> Person:
    """Somebody who may write for every imaginary organisation, for as long as the filling takes."""
    clerk = Person.objects.create_user("clerk@demo.example", None, name="見本係")
    Membership.objects.bulk_create(
        Membership(
            person=clerk,
            organization=organization,
            role=Role.ADMINISTRATOR if organization.is_public_body else Role.PARTNER_ADMINISTRATOR,
            valid_from=timezone.localdate(at),
        )
        for organization in organizations
    )
    return clerk


def _dismiss(clerk: Person) -> None:
    clerk.memberships.all().delete()
    clerk.is_active = False
    clerk.save(update_fields=["is_active"])
    forget_reach(clerk)


def _day_of(row: Mapping[str, Any], at: dt.datetime) -> dt.date:
    """The day a row came in: as told, when it was confirmed, or a month before its window, but never after today."""
    today = timezone.localdate(at)
    if row.get("posted_on"):
        return min(dt.date.fromisoformat(row["posted_on"]), today)
    if row.get("confirmed_on"):
        return min(dt.date.fromisoformat(row["confirmed_on"]), today)
    return min(dt.date.fromisoformat(row["window_from"]) - dt.timedelta(days=30), today)


def _moment(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9, 30)))


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


class _Reader:
    """Turns the keys and names of the files into the database's."""

    def __init__(self, organizations: Mapping[str, Organization], sections: Sections) -> None:
        self.organizations = organizations
        self.sections = sections
        self.fields = {field.name: field.pk for field in Field.objects.filter(parent__isnull=False)}

    def _common(self, row: Mapping[str, Any]) -> dict[str, Any]:
        section = self._section(row)
        return {
            "title": row["title"],
            "section_id": section.pk if section else None,
            "visibility": row["visibility"],
            "field_ids": [self.fields[name] for name in row["fields"]],
            "area_ids": [self.organizations[key].pk for key in row["regions"] if key != "nationwide"],
            "window_from": _date(row["window_from"]),
            "window_to": _date(row["window_to"]),
            "conditions": row["conditions"],
            "is_demo": True,
        }

    def _section(self, row: Mapping[str, Any]) -> Section | None:
        """The section named, or the first one of an owner who shares within a section only."""
        own = [section for (owner, _code), section in self.sections.items() if owner == row["organization"]]
        named = self.sections.get((row["organization"], row.get("section") or ""))
        return named or (own[0] if own and row["visibility"] == "section" else None)

    def challenge(self, row: Mapping[str, Any]) -> ImportedRow:
        names = (
            "present_state figures tried desired_state success_measure sufferers resource_kinds budget_min_yen "
            "budget_max_yen budget_note shareable_data means_considered pitch status status_reason"
        ).split()
        values = self._common(row) | {name: row[name] for name in names} | {"due_on": _date(row["deadline"])}
        return self._row(row, values)

    def resource(self, row: Mapping[str, Any]) -> ImportedRow:
        names = "kinds offer capacity cost_note cost_min_yen cost_max_yen track_record".split()
        values = self._common(row) | {name: row[name] for name in names}
        values |= {
            "is_nationwide": "nationwide" in row["regions"],
            "cost_terms": row["cost"],
            "status": "open",
            "confirmed_on": _date(row["confirmed_on"]),
            "expires_on": _date(row["expires_on"]),
        }
        return self._row(row, values)

    def _row(self, row: Mapping[str, Any], values: Mapping[str, Any]) -> ImportedRow:
        return ImportedRow(self.organizations[row["organization"]].pk, f"demo-{row['key']}", values)


def _past_contacts(planner: Person) -> None:
    find: Callable[[Any, str], Any] = lambda model, key: model.objects.get(import_key=f"demo-{key}")  # noqa: E731
    for row in sorted(lines("feedback"), key=lambda row: row["on"]):
        matches.record_past_contact(
            challenge=find(Challenge, row["challenge"]),
            resource=find(Resource, row["resource"]),
            state=row["state"],
            outcome=row["outcome"] or "",
            reason=row["reason"],
            actor=planner,
            at=_moment(dt.date.fromisoformat(row["on"])),
        )
