"""A small town whose budget of two years shows what became of its decisions."""

import datetime as dt
from dataclasses import dataclass, field

from enishi.budgets import sharing, totals
from enishi.budgets.enums import Stage
from enishi.budgets.models import (
    Account,
    Allocation,
    BudgetCode,
    BudgetEntry,
    BudgetImport,
    CodeEquivalence,
    Programme,
    ProgrammeYear,
)
from enishi.evaluation.models import Evaluation, EvaluationCycle, FactSheet, ImprovementDecision, Subject
from enishi.indicators.offices import Offices
from enishi.organizations.enums import Role, Visibility
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

YEAR = 2026
MILLION = 1_000_000


@dataclass
class Town:
    house: object
    finance: object
    second: object
    mayor: object
    officer: object
    codes: dict = field(default_factory=dict)
    programmes: dict = field(default_factory=dict)


def town():
    """Offices named: two of 財政, one who decides, one officer of another section."""
    house = OrganizationFactory(name="あおば市")
    money, other = SectionFactory(organization=house), SectionFactory(organization=house)
    people = {}
    for name, section, role in (
        ("finance", money, Role.OFFICER),
        ("second", money, Role.MANAGER),
        ("mayor", other, Role.MANAGER),
        ("officer", other, Role.OFFICER),
    ):
        people[name] = PersonFactory(password="x")
        MembershipFactory(person=people[name], organization=house, section=section, role=role)
    offices = Offices.objects.create(
        organization=house, finance_section=money, review_section=money, updated_at=NOON
    )
    offices.deciders.set([people["mayor"]])
    return Town(house, **people)


def budget(town, rows, *, stage=Stage.INITIAL, round_no=0):
    """Entries on codes: ``(year, code, yen)``; codes are opened below one 款項目 for each year as they come."""
    runs = {}
    for year, code, yen in rows:
        if (year, code) not in town.codes:
            town.codes[year, code] = _code(town, year, code)
        run = runs[year] = runs.get(year) or _run(town, year, stage, round_no)
        BudgetEntry.objects.create(
            code=town.codes[year, code],
            stage=stage,
            round_no=round_no,
            amount_yen=yen,
            dated_on=dt.date(year - 1, 3, 20),
            resolution_no="議案第1号",
            import_run=run,
        )
    for year in {row[0] for row in rows}:
        totals.rebuild(town.house.pk, year)
        sharing.share_out(town.house.pk, year)


def _run(town, year, stage, round_no):
    return BudgetImport.objects.create(
        organization=town.house,
        source="typed",
        fiscal_year=year,
        stage=stage,
        round_no=round_no,
        dated_on=dt.date(year - 1, 3, 20),
        state="applied",
        created_at=NOON,
        applied_at=NOON,
    )


def _code(town, year, code):
    account, _new = Account.objects.get_or_create(
        organization=town.house, code="01", defaults={"name": "一般会計"}
    )
    parent, path = None, "01"
    for level, part in enumerate(("03", "01", "01", code), start=1):
        path = f"{path}-{part}"
        parent, _new = BudgetCode.objects.get_or_create(
            organization=town.house,
            fiscal_year=year,
            path=path,
            defaults={
                "account": account,
                "parent": parent,
                "level": level,
                "code": part,
                "name": f"科目{part}",
            },
        )
    return parent


def allocate(town, uid, *places, share_bp=10_000):
    """The programme is paid from the given ``(year, code)`` places."""
    for year, code in places:
        programme_year, _new = ProgrammeYear.objects.get_or_create(
            programme=town.programmes[uid], fiscal_year=year, defaults={"updated_at": NOON}
        )
        Allocation.objects.create(
            programme_year=programme_year, code=town.codes[year, code], share_bp=share_bp, updated_at=NOON
        )


def same(town, old, new):
    CodeEquivalence.objects.create(old=town.codes[old], new=town.codes[new], created_at=NOON)


def programme(town, uid, visibility=Visibility.PUBLIC):
    made = Programme.objects.create(
        organization=town.house,
        uid=uid,
        title=f"{uid}の事業",
        start_fy=2015,
        visibility=visibility,
        created_at=NOON,
        updated_at=NOON,
    )
    town.programmes[uid] = made
    return made


def cycle(town):
    return EvaluationCycle.objects.create(
        organization=town.house,
        title="令和6年度の評価",
        evaluated_fy=2024,
        decision_fy=YEAR,
        state="closed",
        first_due_on=dt.date(2025, 6, 1),
        approval_due_on=dt.date(2025, 6, 10),
        second_due_on=dt.date(2025, 7, 1),
        decision_due_on=dt.date(2025, 9, 1),
        created_at=NOON,
        updated_at=NOON,
    )


def decision(town, of_cycle, uid, direction, yen=None, relevant=True, into=None):
    """A programme reviewed in the cycle, and what was decided."""
    target = town.programmes.get(uid) or programme(town, uid)
    subject = Subject.objects.create(
        cycle=of_cycle,
        organization=town.house,
        programme=target,
        code=uid,
        title=target.title,
        included=True,
        place="6-decided",
        placed_at=NOON,
    )
    facts = FactSheet.objects.create(
        subject=subject, no=1, facts={}, sha256="0" * 64, frozen_at=NOON, frozen_by=town.officer
    )
    Evaluation.objects.create(
        subject=subject,
        stage="first",
        state="submitted",
        judgement="B",
        direction=direction,
        evaluator=town.officer,
        facts=facts,
        submitted_at=NOON,
        created_at=NOON,
        updated_at=NOON,
    )
    return ImprovementDecision.objects.create(
        subject=subject,
        organization=town.house,
        programme=target,
        direction=direction,
        content="内容",
        budget_relevant=relevant,
        expected_delta_yen=yen,
        target_fy=YEAR,
        merges_into=into,
        state="decided",
        proposed_by=town.officer,
        proposed_at=NOON,
        confirmed_by=town.finance,
        confirmed_at=NOON,
        decided_by=town.mayor,
        decided_at=NOON,
    )
