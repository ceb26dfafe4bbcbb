"""Reviews of あおば市: the programmes of 令和7年度 decided for 令和9年度, and the review of measures under way."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.config.demo.files import lines
from enishi.evaluation import selectors
from enishi.evaluation.enums import Stage, Trigger
from enishi.evaluation.errors import IncompleteError
from enishi.evaluation.models import EvaluationCycle, Subject
from enishi.evaluation.services import cycles, decisions, proposals, publishing, sheets
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization

EVALUATED, DECIDED_FOR = 2025, 2027
JUDGED = ("necessity", "alternative", "fairness")
RULES: dict[str, Any] = {
    "evaluated_fy": EVALUATED,
    "decision_fy": DECIDED_FOR,
    "criteria": ["necessity", "effectiveness", "efficiency", "alternative", "fairness"],
}
PROGRAMMES: dict[str, Any] = RULES | {
    "title": "令和8年度 事務事業評価",
    "unit": "programme",
    "triggers": [Trigger.OFF_TRACK.value, Trigger.COST_UP.value, Trigger.PROPOSED.value],
    "first_due_on": dt.date(2026, 9, 30),
    "approval_due_on": dt.date(2026, 10, 7),
    "second_due_on": dt.date(2026, 10, 23),
    "decision_due_on": dt.date(2026, 11, 6),
}
MEASURES: dict[str, Any] = RULES | {
    "title": "令和8年度 施策評価",
    "unit": "node",
    "triggers": [],
    "has_external": True,
    "first_due_on": dt.date(2026, 12, 4),
    "approval_due_on": dt.date(2026, 12, 11),
    "second_due_on": dt.date(2026, 12, 25),
    "external_due_on": dt.date(2027, 1, 15),
    "decision_due_on": dt.date(2027, 1, 29),
}


def fill(organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime) -> None:
    """Proposals first, then a whole review of programmes, then one of measures that is half-way."""
    _Reviews(organizations["aoba"], people, at).tell()


class _Reviews:
    """水瀬 leads, 篠宮 decides, the sections write."""

    def __init__(self, town: Organization, people: Mapping[str, Person], at: dt.datetime) -> None:
        self.town, self.people, self.at = town, people, at
        self.leader, self.decider = people["planner"], people["planner2"]
        self.rows = list(lines("evaluation"))
        self.programmes = {row.uid: row for row in Programme.objects.filter(organization=town)}
        self.indicators = {row.code: row for row in Indicator.objects.filter(organization=town)}

    def tell(self) -> None:
        for row in self._of("proposal"):
            self._propose(row)
        wanted = [row for row in self._of("programme") if row["uid"] in self.programmes]
        for row in wanted:
            self._yardsticks(row)
        self._whole_review(wanted)
        self._half_way()

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["kind"] == kind]

    def moment(self, day: str, hour: int = 10) -> dt.datetime:
        told = timezone.make_aware(dt.datetime.fromisoformat(f"{day}T{hour:02}:20:00"))
        return min(told, self.at)

    def _propose(self, row: Mapping[str, Any]) -> None:
        # Programmes are read inside the house as long as they are not public: residents' words come through the desk.
        if row["uid"] in self.programmes:
            proposals.propose_review(
                programme=self.programmes[row["uid"]],
                kind=row["proposer"],
                reason=row["reason"],
                actor=self.people[row["person"]],
                at=self.moment(row["on"]),
            )

    def _yardsticks(self, row: Mapping[str, Any]) -> None:
        found = [self.indicators[code] for code in row["yardsticks"] if code in self.indicators]
        if found:
            proposals.set_yardsticks(
                programme=self.programmes[row["uid"]],
                indicators=found,
                actor=self.leader,
                at=self.moment("2026-08-20"),
            )

    # --- Programmes -----------------------------------------------------------------------------------------------------

    def _whole_review(self, rows: Sequence[Mapping[str, Any]]) -> None:
        cycle = self._prepare(PROGRAMMES, "2026-08-24")
        subjects = self._choose(cycle, rows)
        cycles.open_cycle(cycle_id=cycle.pk, actor=self.leader, at=self.moment("2026-09-01"))
        for number, row in enumerate(rows):
            subject = subjects.get(row["uid"])
            if subject is not None:
                self._through(subject, row, number)
        cycles.close_cycle(cycle_id=cycle.pk, actor=self.leader, at=self.moment("2026-11-09"))

    def _prepare(self, rules: Mapping[str, Any], day: str) -> EvaluationCycle:
        cycle = cycles.create_cycle(
            organization=self.town, values=rules, actor=self.leader, at=self.moment(day)
        )
        EvaluationCycle.objects.filter(pk=cycle.pk).update(is_demo=True)
        cycles.select_subjects(cycle_id=cycle.pk, actor=self.leader, at=self.moment(day, 11))
        return cycle

    def _choose(self, cycle: EvaluationCycle, rows: Sequence[Mapping[str, Any]]) -> dict[str, Subject]:
        """What the triggers left out and 行革 wants to see; what they chose and nobody has written yet waits a year."""
        wanted = {row["uid"]: row for row in rows}
        for subject in cycle.subjects.select_related("programme"):
            assert subject.programme is not None
            row = wanted.get(subject.programme.uid)
            if (row is not None) == subject.included:
                continue
            taken = (row or {}).get("why") or "額か住民への影響が大きい事業として、行革担当が指定した。"
            reason = taken if row is not None else "来年度の評価に回す(同じ課の評価が3件を超えるため)。"
            cycles.choose_by_hand(
                subject_id=subject.pk,
                included=row is not None,
                reason=reason,
                actor=self.leader,
                at=self.moment("2026-08-27"),
            )
        chosen = cycle.subjects.filter(included=True).select_related("programme", "section")
        return {row.code: row for row in chosen}

    def _through(self, subject: Subject, row: Mapping[str, Any], number: int) -> None:
        """First, approval, second, decision: on the days a town of this size would take."""
        day = 8 + number
        self._first(subject, row, f"2026-09-{day + 8:02}")
        sheets.approve(
            subject_id=subject.pk,
            actor=self.people[row["manager"]],
            at=self.moment(f"2026-10-0{1 + number % 7}", 9),
        )
        second = row["second"] | {"direction": row["decision"]["direction"], "merges_into": self._aim(row)}
        self._submit(
            subject,
            Stage.SECOND,
            second,
            row["reason"],
            self.leader,
            self.moment(f"2026-10-{day + 1:02}", 15),
        )
        self._decide(subject, row)

    def _first(self, subject: Subject, row: Mapping[str, Any], day: str) -> None:
        writer = self.people[row["officer"]]
        self._submit(subject, Stage.FIRST, self._typed(row), row["reason"], writer, self.moment(day, 16))

    def _submit(
        self,
        subject: Subject,
        stage: Stage,
        values: dict[str, Any],
        reason: str,
        actor: Person,
        at: dt.datetime,
    ) -> None:
        given: dict[str, Any] = {
            "subject_id": subject.pk,
            "stage": stage,
            "version": 0,
            "actor": actor,
            "at": at,
        }
        try:
            sheets.submit(**given, values=values)
        except IncompleteError:
            # Two steps away from what the indicators say: whoever judges says why (E3).
            sheets.submit(**given, values=values | {"departure_reason": reason})

    def _typed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "scores": dict(zip(JUDGED, row["scores"], strict=True)) if row["scores"] else {},
            "judgement": row["judgement"],
            "comment": row["comment"],
            "direction": row["direction"],
            "improvement": row["improvement"],
            "expected_delta_yen": row["delta"],
            "merges_into": self._aim(row),
        }

    def _aim(self, row: Mapping[str, Any]) -> Programme | None:
        """Into which programme one goes that is to be merged."""
        return self.programmes.get((row.get("decision") or {}).get("into", ""))

    def _decide(self, subject: Subject, row: Mapping[str, Any]) -> None:
        told = row["decision"]
        made = decisions.propose(
            subject_id=subject.pk,
            values={
                "direction": told["direction"],
                "content": told["content"],
                "budget_relevant": told["relevant"],
                "budget_reason": "" if told["relevant"] else "いまの人員と消耗品の範囲でできるため。",
                "expected_delta_yen": told["delta"],
                "target_fy": DECIDED_FOR,
                "merges_into": self._aim(row),
                "owner_section": subject.section,
                "owner": self.people[row["officer"]],
            },
            actor=self.people[row["manager"]],
            at=self.moment("2026-10-27"),
        )
        decisions.confirm(decision_id=made.pk, actor=self.leader, at=self.moment("2026-10-30", 14))
        decisions.decide(decision_id=made.pk, actor=self.decider, at=self.moment("2026-11-05", 13))
        for each in row["follow_ups"]:
            decisions.add_follow_up(
                decision_id=made.pk,
                what=each["what"],
                due_on=dt.date.fromisoformat(each["due_on"]),
                owner=self.people[each["owner"]],
                actor=self.leader,
                at=self.moment("2026-11-06"),
            )
        if row["public"] and subject.programme is not None and subject.programme.visibility == "public":
            whole = Subject.objects.select_related("cycle", "programme", "section").get(pk=subject.pk)
            publishing.publish(
                subject_id=subject.pk,
                sheet=selectors.sheet_of(whole, on=self.at.date()),
                actor=self.leader,
                at=self.moment("2026-11-16"),
            )

    # --- Measures -------------------------------------------------------------------------------------------------------

    def _half_way(self) -> None:
        cycle = self._prepare(MEASURES, "2026-11-04")
        cycles.open_cycle(cycle_id=cycle.pk, actor=self.leader, at=self.moment("2026-11-10"))
        cycles.add_panelist(
            cycle_id=cycle.pk,
            person=self.people["university"],
            actor=self.leader,
            at=self.moment("2026-11-10", 11),
        )
        rows = {row["no"]: row for row in self._of("measure")}
        for subject in cycle.subjects.filter(included=True).select_related("node", "section"):
            assert subject.node is not None
            row = rows.get(subject.node.code)
            if row is not None:
                self._some_way(subject, row)

    def _some_way(self, subject: Subject, row: Mapping[str, Any]) -> None:
        if row["place"] == "first":
            sheets.save_sheet(
                subject_id=subject.pk,
                stage=Stage.FIRST,
                values=self._typed(row),
                version=0,
                actor=self.people[row["officer"]],
                at=self.moment("2026-11-17"),
            )
            return
        self._first(subject, row, "2026-11-18")
        if row["place"] == "second":
            sheets.approve(
                subject_id=subject.pk, actor=self.people[row["manager"]], at=self.moment("2026-11-19")
            )
