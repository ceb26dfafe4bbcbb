"""A town that reviews one programme: its records, its people, a running cycle."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from enishi.accounts.models import Person
from enishi.budgets.models import (
    BudgetYear,
    Programme,
    ProgrammeMoney,
    ProgrammeYear,
)
from enishi.evaluation.enums import CycleState, Place
from enishi.evaluation.models import EvaluationCycle, ProgrammeIndicator, Subject
from enishi.indicators.models import Baseline, Indicator, Standing
from enishi.indicators.offices import Offices
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Organization, Section
from enishi.plans.models import Level, NodeIdentity, Plan, PlanNode, PlanVersion
from enishi.plans.models_placing import Placement
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

YEAR = 2025
LATER = NOON + dt.timedelta(days=1)
MILLION = 1_000_000

TYPED: dict[str, Any] = {
    "scores": {"necessity": "A", "alternative": "B", "fairness": "A"},
    "judgement": "B",
    "comment": "相談の件数は増えたが、土曜日に来られない家庭が残っている。",
    "direction": "改善",
    "improvement": "土曜日の開館を月に2回試し、利用した人の数で翌年度に判断する。",
    "expected_delta_yen": 500_000,
}


@dataclass
class Town:
    house: Organization
    care: Section
    review: Section
    officer: Person
    colleague: Person
    manager: Person
    reviewer: Person
    mayor: Person
    auditor: Person
    outsider: Person
    resident: Person
    stranger: Person
    programme: Programme
    cycle: EvaluationCycle
    subject: Subject
    indicators: list[Indicator] = field(default_factory=list)


def town(*, external: bool = False, state: str = CycleState.RUNNING) -> Town:
    """One programme with two indicators, money of two years and a place in the plan."""
    house = OrganizationFactory(name="あおば市")
    care = SectionFactory(organization=house, name="子育て課")
    review = SectionFactory(organization=house, name="行革課")
    people = _people(house, care, review)
    offices = Offices.objects.create(organization=house, review_section=review, updated_at=NOON)
    offices.deciders.set([people["mayor"]])
    made = programme(house, care, "200301", "子育て広場運営事業")
    indicators = _indicators(house, care, made)
    _plan(house, care, made)
    of_cycle = cycle(house, external=external, state=state)
    return Town(
        house=house,
        care=care,
        review=review,
        programme=made,
        cycle=of_cycle,
        subject=subject(of_cycle, made),
        indicators=indicators,
        **people,
    )


def _people(house: Organization, care: Section, review: Section) -> dict[str, Person]:
    placed = {
        "officer": (house, care, Role.OFFICER),
        "colleague": (house, care, Role.OFFICER),
        "manager": (house, care, Role.MANAGER),
        "reviewer": (house, review, Role.OFFICER),
        "mayor": (house, review, Role.ADMINISTRATOR),
        "auditor": (house, None, Role.AUDITOR),
        "resident": (house, None, Role.RESIDENT),
        "stranger": (OrganizationFactory(name="となり市"), None, Role.PLANNER),
        "outsider": (None, None, None),
    }
    people = {}
    for name, (where, section, role) in placed.items():
        people[name] = PersonFactory(name=name, password="x")
        if where is not None:
            MembershipFactory(person=people[name], organization=where, section=section, role=role)
    return people


def programme(house: Organization, section: Section, uid: str, title: str, **values: Any) -> Programme:
    """A programme with money and people of two years."""
    made = Programme.objects.create(
        **{
            "organization": house,
            "section": section,
            "uid": uid,
            "title": title,
            "summary": "市内5か所で親子の広場をひらき、子育ての相談を受ける。",
            "legal_basis": "児童福祉法第6条の3",
            "delivery": "contract",
            "start_fy": 2019,
            "visibility": Visibility.PUBLIC,
            "created_at": NOON,
            "updated_at": NOON,
        }
        | values
    )
    for year, initial, settled in ((YEAR - 1, 9 * MILLION, 8 * MILLION), (YEAR, 10 * MILLION, 12 * MILLION)):
        of_year = ProgrammeYear.objects.create(
            programme=made,
            fiscal_year=year,
            status="running",
            fte=Decimal("1.5"),
            narrative="5か所で週5日ひらいた。",
            updated_at=NOON,
        )
        ProgrammeMoney.objects.bulk_create(
            [
                ProgrammeMoney(programme_year=of_year, stage="initial", amount_yen=initial),
                ProgrammeMoney(programme_year=of_year, stage="settlement", amount_yen=settled),
            ]
        )
        BudgetYear.objects.get_or_create(
            organization=house, fiscal_year=year, defaults={"yen_per_fte": 8 * MILLION, "fte_source": "試し"}
        )
    return made


def _indicators(house: Organization, section: Section, made: Programme) -> list[Indicator]:
    rows = []
    for number, (name, stage, status, values) in enumerate(
        (
            ("利用した人の数", "output", "slightly_late", {YEAR - 1: 10_000, YEAR: 11_000}),
            ("子育てが楽しいと答えた割合", "intermediate", "late", {YEAR - 1: 61, YEAR: 62}),
        ),
        1,
    ):
        row = Indicator.objects.create(
            organization=house,
            section=section,
            code=f"K{number}",
            name=name,
            stage=stage,
            unit="人" if stage == "output" else "%",
            visibility=Visibility.PUBLIC,
            created_at=NOON,
            updated_at=NOON,
        )
        ProgrammeIndicator.objects.create(programme=made, indicator=row, order=number)
        Baseline.objects.create(indicator=row, fiscal_year=2020, value=50, created_at=NOON)
        for year, value in values.items():
            Standing.objects.create(
                indicator=row,
                fiscal_year=year,
                status=status,
                value=value,
                target=value * 2,
                attainment=Decimal("0.75"),
                attainment_n=3,
                attainment_d=4,
                as_of=NOON,
            )
        rows.append(row)
    return rows


def _plan(house: Organization, section: Section, made: Programme) -> PlanNode:
    plan = Plan.objects.create(
        organization=house,
        kind="basic",
        name="総合計画",
        start_fy=2024,
        end_fy=2031,
        visibility=Visibility.PUBLIC,
        created_at=NOON,
        updated_at=NOON,
    )
    version = PlanVersion.objects.create(plan=plan, no=1, created_at=NOON, updated_at=NOON)
    levels = [
        Level.objects.create(version=version, order=n, label=name) for n, name in ((1, "政策"), (2, "施策"))
    ]
    parent: PlanNode | None = None
    for depth, (code, title) in enumerate((("2", "子どもが育つまち"), ("03", "子育ての支え")), 1):
        identity = NodeIdentity.objects.create(plan=plan)
        parent = PlanNode.objects.create(
            version=version,
            identity=identity,
            uid=identity.pk,
            parent=parent,
            level=levels[depth - 1],
            path="0002" * depth,
            depth=depth,
            code=code,
            title=title,
            target="就学前の子どもと保護者",
            intent="安心して子育てができる",
            section=section,
            updated_at=NOON,
        )
    assert parent is not None
    Placement.objects.create(version=version, node=parent, programme=made)
    PlanVersion.objects.filter(pk=version.pk).update(
        state="approved", effective_on=dt.date(2024, 4, 1), approved_at=NOON, frozen_hash="0" * 64
    )
    return parent


def cycle(
    house: Organization, *, external: bool = False, state: str = CycleState.RUNNING, **values: Any
) -> EvaluationCycle:
    return EvaluationCycle.objects.create(
        **{
            "organization": house,
            "title": "令和8年度 事務事業評価",
            "evaluated_fy": YEAR,
            "decision_fy": YEAR + 2,
            "state": state,
            "opened_at": NOON,
            "has_external": external,
            "first_due_on": dt.date(2026, 7, 31),
            "approval_due_on": dt.date(2026, 8, 7),
            "second_due_on": dt.date(2026, 8, 31),
            "external_due_on": dt.date(2026, 9, 30) if external else None,
            "decision_due_on": dt.date(2026, 10, 15),
            "created_at": NOON,
            "updated_at": NOON,
        }
        | values
    )


def subject(of_cycle: EvaluationCycle, of: Programme, **values: Any) -> Subject:
    return Subject.objects.create(
        **{
            "cycle": of_cycle,
            "organization": of_cycle.organization,
            "programme": of,
            "code": of.uid,
            "title": of.title,
            "section": of.section,
            "included": True,
            "why": [{"trigger": "off_track", "sentence": "遅れている指標があります。"}],
            "place": Place.FIRST,
            "placed_at": NOON,
        }
        | values
    )


def walk(of: Town, place: str, **typed: Any) -> None:
    """Bring the town's sheet to a station, as its people would."""
    from enishi.evaluation.services import decisions, sheets

    key = of.subject.pk
    steps = [
        lambda: sheets.submit(
            subject_id=key, stage="first", values=TYPED | typed, version=0, actor=of.officer, at=NOON
        ),
        lambda: sheets.approve(subject_id=key, actor=of.manager, at=NOON),
        lambda: sheets.submit(
            subject_id=key, stage="second", values=SECOND, version=0, actor=of.reviewer, at=NOON
        ),
    ]
    if of.cycle.has_external:
        steps.append(
            lambda: sheets.submit(
                subject_id=key, stage="external", values=SECOND, version=0, actor=of.outsider, at=NOON
            )
        )
    steps.append(lambda: _decide(of, decisions))
    for step in steps:
        of.subject.refresh_from_db()
        if of.subject.place == place:
            return
        step()
    of.subject.refresh_from_db()


SECOND: dict[str, Any] = {
    "judgement": "B",
    "comment": "土曜日の試行は数字で判断できる形になっている。",
    "direction": "改善",
    "improvement": "試行の前に、来られない家庭の数を調べる。",
}
DECIDED: dict[str, Any] = {
    "direction": "改善",
    "content": "土曜日の開館を月に2回試す。",
    "budget_relevant": True,
    "expected_delta_yen": 500_000,
    "target_fy": YEAR + 2,
}


def _decide(of: Town, decisions: Any) -> None:
    made = decisions.propose(subject_id=of.subject.pk, values=DECIDED, actor=of.manager, at=NOON)
    decisions.confirm(decision_id=made.pk, actor=of.reviewer, at=NOON)
    decisions.decide(decision_id=made.pk, actor=of.mayor, at=NOON)
