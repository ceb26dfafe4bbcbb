"""What the region's projects left behind: lessons, a report, public pages, a handover, sheets of a year, two awards."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.config.demo.projects import WRITTEN_ON
from enishi.exchange.models import Challenge, Field
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization
from enishi.projects import next_challenges
from enishi.projects.awards import services as awards
from enishi.projects.awards import voting
from enishi.projects.awards.models import AwardCall, AwardEntry, AwardMail
from enishi.projects.enums import MeasureKind, MeasureTier
from enishi.projects.handovers import services as handovers
from enishi.projects.lessons import services as lessons
from enishi.projects.lessons.models import Lesson
from enishi.projects.lessons.naming import without_names
from enishi.projects.models import Project
from enishi.projects.reports import services as reports
from enishi.projects.services.indicators import take_up_indicator
from enishi.projects.sheets import services as sheets
from enishi.projects.sheets.enums import SheetKind

ONWARD = ("indicator", "next")


def fill(organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime) -> None:
    """Bring everything in, after the projects are there."""
    teller = _Teller(organizations, people, at)
    for row in lines("projects_lessons"):
        if row["what"] not in ONWARD:
            getattr(teller, row["what"])(row)


def fill_onward(
    organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime
) -> None:
    """Where the threads go on: the register's indicators and the next challenges, after the register is there."""
    teller = _Teller(organizations, people, at)
    for row in lines("projects_lessons"):
        if row["what"] in ONWARD:
            getattr(teller, row["what"])(row)


class _Teller:
    def __init__(
        self, organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime
    ) -> None:
        self.organizations, self.people, self.at = organizations, people, at
        self.shift = timezone.localdate(at) - WRITTEN_ON
        titles = {row["key"]: row["title"] for row in lines("projects")}
        found = Project.objects.filter(is_demo=True)
        self.projects = {key: found.get(title=title) for key, title in titles.items()}

    def day(self, text: str) -> dt.date:
        return dt.date.fromisoformat(text) + self.shift

    def moment(self, text: str) -> dt.datetime:
        """Half past four of that day, but never after now."""
        return min(timezone.make_aware(dt.datetime.combine(self.day(text), dt.time(16, 30))), self.at)

    def lesson(self, row: Mapping[str, Any]) -> None:
        project = self.projects.get(row.get("project", ""))
        incident = project.incidents.get(title=row["incident"]) if project and "incident" in row else None
        texts = ("title", "what_happened", "cause", "next_time", "visibility")
        happened = self.day(row["happened_on"]) if "happened_on" in row else None
        lesson = lessons.write_lesson(
            organization=self.organizations[row["organization"]],
            values={name: row[name] for name in texts} | {"happened_on": happened},
            actor=self.people[row["author"]],
            at=self.moment(row["on"]),
            project=project,
            incident=incident,
            fields=list(Field.objects.filter(name__in=row["fields"], parent__isnull=False)),
            record=not row.get("draft", False),
        )
        Lesson.objects.filter(pk=lesson.pk).update(is_demo=True)
        if "nameless" in row:
            self._without_names(lesson, row["nameless"])

    def _without_names(self, lesson: Lesson, row: Mapping[str, Any]) -> None:
        texts = dict(without_names(lesson).texts)
        for found, word in row["fix"].items():
            texts = {name: text.replace(found, word) for name, text in texts.items()}
        moment = self.moment(row["on"])
        nameless = lessons.prepare_nameless(
            lesson_id=lesson.pk, texts=texts, actor=self.people[row["by"]], at=moment
        )
        lessons.check_nameless(
            nameless_id=nameless.pk, publish=True, note="", actor=self.people[row["checker"]], at=moment
        )

    def indicator(self, row: Mapping[str, Any]) -> None:
        project = self.projects[row["project"]]
        take_up_indicator(
            project_id=project.pk,
            indicator_id=Indicator.objects.get(organization=project.organization, code=row["code"]).pk,
            kind=MeasureKind.OUTCOME,
            tier=MeasureTier.EVENT,
            may_be_shown=True,
            actor=self.people[row["author"]],
            at=self.moment(row["on"]),
        )

    def next(self, row: Mapping[str, Any]) -> None:
        """A challenge that is there already, or the draft that a project's report begins."""
        common: dict[str, Any] = {
            "project_id": self.projects[row["project"]].pk,
            "actor": self.people[row["author"]],
            "at": self.moment(row["on"]),
        }
        if "challenge" in row:
            challenge = Challenge.objects.get(import_key=f"demo-{row['challenge']}")
            next_challenges.link(challenge=challenge, **common)
        else:
            made = next_challenges.write_next(**common)
            Challenge.objects.filter(pk=made.pk).update(is_demo=True)

    def report(self, row: Mapping[str, Any]) -> None:
        common: dict[str, Any] = {
            "project_id": self.projects[row["project"]].pk,
            "actor": self.people[row["author"]],
            "at": self.moment(row["on"]),
        }
        reports.write_report(values={name: row[name] for name in reports.REPORT}, version=0, **common)
        if row["final"]:
            reports.finish_report(**common)

    def publication(self, row: Mapping[str, Any]) -> None:
        common: dict[str, Any] = {
            "project_id": self.projects[row["project"]].pk,
            "actor": self.people[row["author"]],
            "at": self.moment(row["on"]),
        }
        values = {name: row[name] for name in reports.PUBLIC}
        reports.write_publication(values=values, version=0, is_demo=True, **common)
        if not row.get("draft"):
            reports.publish(**common)

    def packet(self, row: Mapping[str, Any]) -> None:
        person, successor = self.people[row["person"]], self.people[row["successor"]]
        packet = handovers.make_packet(
            organization=self.organizations[row["organization"]],
            person=person,
            successor=successor,
            note=row["note"],
            actor=person,
            at=self.moment(row["on"]),
            is_demo=True,
        )
        read = list(packet.items.values_list("pk", flat=True)[: row["confirm"]])
        handovers.confirm_items(packet_id=packet.pk, items=read, actor=successor, at=self.at)

    def sheet(self, row: Mapping[str, Any]) -> None:
        actor, moment = self.people[row["author"]], self.moment(row["on"])
        sheet = sheets.begin_sheet(
            kind=SheetKind(row["kind"]),
            organization=self.organizations[row["organization"]],
            year=FiscalYear.of(self.day(row["on"])),
            actor=actor,
            at=moment,
        )
        sheets.write_sheet(
            sheet_id=sheet.pk,
            lines=row["lines"],
            overall={"reflection": row["reflection"], "next_year": row["next_year"]},
            new_lines=row["own"],
            version=sheet.version,
            actor=actor,
            at=moment,
        )

    def award(self, row: Mapping[str, Any]) -> None:
        actor = self.people[row["author"]]
        opened = self.moment(row["entries_from"])
        days = ("entries_from", "entries_until", "judging_from", "judging_until")
        values = {name: row[name] for name in ("title", "purpose", "method", "prizes")}
        call = awards.write_call(
            organization=self.organizations[row["organization"]],
            values=values | {name: self.day(row[name]) for name in days},
            criteria=row["criteria"],
            actor=actor,
            at=opened,
            is_demo=True,
        )
        jurors = [self.people[key] for key in row["jurors"]]
        if jurors:
            awards.set_jurors(call_id=call.pk, persons=jurors, actor=actor, at=opened)
        call = awards.open_call(call_id=call.pk, actor=actor, at=opened)
        for entry in row["entries"]:
            self._entry(call, entry, self.moment(row["judging_from"]))
        if "announced_on" in row:
            moment = self.moment(row["announced_on"])
            awards.announce(call_id=call.pk, remarks=row["remarks"], actor=actor, at=moment)

    def _entry(self, call: AwardCall, row: Mapping[str, Any], judged: dt.datetime) -> None:
        entry = awards.enter(
            call_id=call.pk,
            project_id=self.projects[row["project"]].pk,
            values=row,
            actor=self.people[row["by"]],
            at=self.moment(row["on"]),
        )
        later = max(judged, self.moment(row["on"]))
        for number in range(row["votes"]):
            self._vote(call, entry, f"voter{entry.pk}-{number}@demo.example", later)
        for key, points in row["scores"].items():
            awards.score(entry_id=entry.pk, points=points, comment="", actor=self.people[key], at=later)

    def _vote(self, call: AwardCall, entry: AwardEntry, email: str, at: dt.datetime) -> None:
        """An imaginary voter opens an imaginary mail: no letter is written."""
        mail = AwardMail(entry=entry, voter=voting.voter_of(call, email))
        voting.cast(token=voting.link_of(mail), at=at)
