"""What became of あおば市's decisions: the review of 令和6年度 in the budget of 令和8年度, published; and ways to share the next."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.config.demo.files import lines
from enishi.evaluation.envelopes import services as envelopes
from enishi.evaluation.errors import IncompleteError
from enishi.evaluation.models import EnvelopeScenario, EvaluationCycle, Reflection, Subject
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.published import services as published
from enishi.evaluation.reflection import selectors
from enishi.evaluation.reflection.comparing import suggested
from enishi.evaluation.reflection.enums import ReflectionStatus
from enishi.evaluation.reflection.selectors import Moment
from enishi.evaluation.reflection.services import Said, approve, record_many
from enishi.evaluation.services import cycles, decisions, sheets
from enishi.organizations.models import Organization
from enishi.plans.models import Placement, PlanVersion
from enishi.projects import programmes
from enishi.projects.models import Project

EVALUATED, TARGET = 2024, 2026
JUDGED = ("necessity", "alternative", "fairness")
CYCLE: dict[str, Any] = {
    "title": "令和7年度 事務事業評価",
    "unit": "programme",
    "evaluated_fy": EVALUATED,
    "decision_fy": TARGET,
    "criteria": ["necessity", "effectiveness", "efficiency", "alternative", "fairness"],
    "triggers": ["proposed"],
    "has_second": False,
    "first_due_on": dt.date(2025, 7, 31),
    "approval_due_on": dt.date(2025, 8, 8),
    "decision_due_on": dt.date(2025, 9, 30),
}
SCENARIOS: tuple[dict[str, Any], ...] = (
    {"title": "令和8年度 一律1%減、成果3%", "fiscal_year": 2026, "base_fy": 2025, "outcome_fy": 2024, "growth_bp": -100, "pool_bp": 300},
    {"title": "令和8年度 成果10%", "fiscal_year": 2026, "base_fy": 2025, "outcome_fy": 2024, "growth_bp": 0, "pool_bp": 1_000},
    {"title": "令和9年度 前年と同じ額、成果5%", "fiscal_year": 2027, "base_fy": 2026, "outcome_fy": 2025, "growth_bp": 0, "pool_bp": 500},
    {"title": "令和9年度 1.5%減、成果8%", "fiscal_year": 2027, "base_fy": 2026, "outcome_fy": 2025, "growth_bp": -150, "pool_bp": 800},
)  # fmt: skip
CARRIED = (("見守り", "100101"), ("移動", "701904"), ("空き家", "702101"))
"""A word in the title of a project, and the programme as which it is carried out."""


def fill(organizations: Mapping[str, Organization], people: Mapping[str, Person], at: dt.datetime) -> None:
    """After plans, budgets and the room's own reviews are there."""
    _Money(organizations["aoba"], people, at).tell()


class _Money:
    """蔵本 of 財政 records, 百瀬 approves; 水瀬 freezes and 篠宮 publishes and decides."""

    def __init__(self, town: Organization, people: Mapping[str, Person], at: dt.datetime) -> None:
        self.town, self.people, self.at = town, people, at
        self.rows = {row["uid"]: row for row in lines("evaluation_money")}
        self.programmes = {row.uid: row for row in Programme.objects.filter(organization=town)}

    def moment(self, day: str) -> dt.datetime:
        return min(timezone.make_aware(dt.datetime.fromisoformat(f"{day}T13:40:00")), self.at)

    def tell(self) -> None:
        self._review()
        self._reflect_initial()
        self._reflect_supplement()
        self._reflect_under_way()
        self._publish()
        self._share()
        self._carry()

    # --- The review of 令和6年度 -----------------------------------------------------------------------------------------

    def _review(self) -> None:
        leader = self.people["planner"]
        cycle = cycles.create_cycle(
            organization=self.town, values=CYCLE, actor=leader, at=self.moment("2025-06-02")
        )
        EvaluationCycle.objects.filter(pk=cycle.pk).update(is_demo=True)
        cycles.select_subjects(cycle_id=cycle.pk, actor=leader, at=self.moment("2025-06-03"))
        for subject in cycle.subjects.order_by("code"):
            wanted = subject.code in self.rows
            if wanted != subject.included:
                cycles.choose_by_hand(
                    subject_id=subject.pk,
                    included=wanted,
                    reason="課ごとに3件まで、額と影響の大きい順に選んだ。",
                    actor=leader,
                    at=self.moment("2025-06-05"),
                )
        cycles.open_cycle(cycle_id=cycle.pk, actor=leader, at=self.moment("2025-06-16"))
        for subject in cycle.subjects.filter(included=True).select_related("section").order_by("code"):
            self._through(subject, self.rows[subject.code])
        cycles.close_cycle(cycle_id=cycle.pk, actor=leader, at=self.moment("2025-10-01"))

    def _through(self, subject: Subject, row: Mapping[str, Any]) -> None:
        into = self.programmes.get(row["into"])
        values: dict[str, Any] = {
            "scores": dict(zip(JUDGED, row["scores"], strict=True)),
            "judgement": row["judgement"],
            "comment": row["comment"],
            "direction": row["direction"],
            "improvement": row["improvement"],
            "expected_delta_yen": row["delta"],
            "merges_into": into,
        }
        given: dict[str, Any] = {
            "subject_id": subject.pk,
            "stage": "first",
            "version": 0,
            "actor": self.people[row["officer"]],
            "at": self.moment("2025-07-22"),
        }
        try:
            sheets.submit(**given, values=values)
        except IncompleteError:
            sheets.submit(**given, values=values | {"departure_reason": "指標の値が出たあとの動きを入れた。"})
        manager = self.people[row["manager"]]
        sheets.approve(subject_id=subject.pk, actor=manager, at=self.moment("2025-08-05"))
        made = decisions.propose(
            subject_id=subject.pk,
            values={
                "direction": row["direction"],
                "content": row["content"],
                "budget_relevant": row["relevant"],
                "budget_reason": "" if row["relevant"] else "いまの人員と経費の範囲でできるため。",
                "expected_delta_yen": row["delta"],
                "target_fy": TARGET if row["relevant"] else None,
                "merges_into": into,
                "owner_section": subject.section,
                "owner": self.people[row["officer"]],
            },
            actor=manager,
            at=self.moment("2025-08-29"),
        )
        decisions.confirm(decision_id=made.pk, actor=self.people["planner"], at=self.moment("2025-09-10"))
        decisions.decide(decision_id=made.pk, actor=self.people["planner2"], at=self.moment("2025-09-24"))

    # --- The budget of 令和8年度 ------------------------------------------------------------------------------------------

    def _decided(self, year: int) -> list[ImprovementDecision]:
        return list(selectors.worklist(self.town.pk, year).select_related("subject"))

    def _reflect_initial(self) -> None:
        moment = Moment(TARGET)
        rows = self._decided(TARGET)
        found = selectors.comparisons(rows, moment)
        said = {row.pk: self._said(row, found[row.pk], self.rows.get(row.subject.code, {})) for row in rows}
        self._record(moment, said, "2026-03-30", "2026-04-03")

    def _said(self, decision: ImprovementDecision, comparison: Any, row: Mapping[str, Any]) -> Said:
        """What 財政 wrote; where it wrote nothing, what the amounts speak for."""
        advice = suggested(
            direction=decision.direction, decided_yen=decision.expected_delta_yen, comparison=comparison
        )
        status = row.get("status") or advice.status or ReflectionStatus.PARTIAL.value
        if comparison.problem and status in (ReflectionStatus.FULL, ReflectionStatus.PARTIAL):
            status = ReflectionStatus.LATER.value
        told = "" if status == ReflectionStatus.FULL else advice.why
        return Said(str(status), row.get("reason") or told)

    def _reflect_supplement(self) -> None:
        moment = Moment(TARGET, "supplement", 1)
        rows = [row for row in self._decided(TARGET) if self.rows.get(row.subject.code, {}).get("supplement")]
        told = {row.pk: self.rows[row.subject.code]["supplement"] for row in rows}
        self._record(
            moment,
            {pk: Said(each["status"], each["reason"]) for pk, each in told.items()},
            "2026-09-29",
            "2026-10-02",
        )

    def _reflect_under_way(self) -> None:
        """The request for 令和9年度 is in: recorded, most of it not approved yet."""
        moment = Moment(TARGET + 1, "request")
        rows = self._decided(TARGET + 1)
        found = selectors.comparisons(rows, moment)
        clear = [row for row in rows if not found[row.pk].problem]
        said = {row.pk: self._said(row, found[row.pk], {}) for row in clear[:4]}
        self._record(moment, said, "2026-11-12", "")

    def _record(self, moment: Moment, said: dict[int, Said], day: str, approved_on: str) -> None:
        record_many(
            house=self.town.pk, moment=moment, said=said, actor=self.people["finance"], at=self.moment(day)
        )
        if approved_on:
            rows = Reflection.objects.waiting().filter(decision__in=said, stage=moment.stage)
            approve(
                reflection_ids=list(rows.values_list("pk", flat=True)),
                actor=self.people["manager_gen"],
                at=self.moment(approved_on),
            )

    def _publish(self) -> None:
        row = published.freeze(
            organization=self.town,
            fiscal_year=TARGET,
            title="あおば市 評価と予算のデータ(令和8年度)",
            note="令和6年度の仕事を評価して決めたことが、令和8年度の予算にどう表れたかをまとめました。数字は、だれでも計算しなおせます。",
            actor=self.people["planner"],
            at=self.moment("2026-10-19"),
            is_demo=True,
        )
        published.publish(data_set_id=row.pk, actor=self.people["planner2"], at=self.moment("2026-10-23"))

    # --- Envelopes and cases ---------------------------------------------------------------------------------------------

    def _share(self) -> None:
        """Four scenarios; that of the running year was chosen."""
        version = self._plan()
        if version is None:
            return
        made = [self._scenario(values, version) for values in SCENARIOS]
        envelopes.choose(
            scenario_id=made[0].pk,
            reason="一年目なので、配り直しは3%にとどめた。重みを変えても上位と下位の施策が入れ替わらないことを確かめた。",
            actor=self.people["planner2"],
            at=self.moment("2025-10-14"),
        )

    def _plan(self) -> PlanVersion | None:
        """The version in force under which most programmes hang."""
        held = Placement.objects.filter(version__plan__organization=self.town, version__state="approved")
        best = held.values("version").annotate(number=Count("pk")).order_by("-number", "-version").first()
        return PlanVersion.objects.get(pk=best["version"]) if best else None

    def _scenario(self, values: Mapping[str, Any], version: PlanVersion) -> EnvelopeScenario:
        depths: Sequence[int] = sorted(
            set(Placement.objects.filter(version=version).values_list("node__depth", flat=True))
        )
        return envelopes.write_scenario(
            organization=self.town,
            values={**values, "plan_version": version, "depth": depths[0], "base_stage": "initial"},
            points={},
            actor=self.people["finance"],
            at=self.moment(f"{values['fiscal_year'] - 1}-10-06"),
            is_demo=True,
        )

    def _carry(self) -> None:
        """Tie some projects to the programme as which they are carried out."""
        for word, uid in CARRIED:
            project = (
                Project.objects.filter(organization=self.town, title__contains=word, deleted_at__isnull=True)
                .exclude(status="draft")
                .order_by("pk")
                .first()
            )
            if project is not None:
                programmes.link(
                    project_id=project.pk,
                    uid=uid,
                    actor=self.people["planner"],
                    at=self.moment("2026-04-06"),
                )
