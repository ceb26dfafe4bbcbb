"""A large city for measuring: 3,000 programmes × 10 years, 5,000 indicators, 1,000,000 values, 2,000,000 entries.

Rows are written in bulk, past the services, because making them is not what is measured.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LAST = 2026
"""The running fiscal year; the ten years end with it."""
YEARS = 10
SETSU = 5
"""節 below each 事業."""


@dataclass(frozen=True)
class Size:
    programmes: int = 3_000
    indicators: int = 5_000
    values: int = 1_000_000
    entries: int = 2_000_000

    @classmethod
    def quick(cls) -> "Size":
        return cls(programmes=300, indicators=500, values=100_000, entries=200_000)


@dataclass
class City:
    house: Any
    person: Any
    size: Size
    version: Any = None
    nodes: list[Any] = field(default_factory=list)
    programmes: list[Any] = field(default_factory=list)
    indicators: list[Any] = field(default_factory=list)
    cycle: Any = None
    at: dt.datetime = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)

    @property
    def years(self) -> range:
        return range(LAST - YEARS + 1, LAST + 1)


def build(size: Size) -> City:
    """The whole city in an empty, migrated database."""
    city = _people(size)
    for step in (_programmes, _budget, _plan, _indicators, _values, _cycle, _decisions):
        step(city)
    return city


def _people(size: Size) -> City:
    from enishi.accounts.models import Person
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership, Organization, Section

    house = Organization.objects.create(kind="municipality", name="測定市")
    Section.objects.bulk_create(
        Section(organization=house, name=f"測定{number}課", valid_from="2015-04-01") for number in range(100)
    )
    person = Person.objects.create_user("planner@bench.example", None, name="測定 一郎")
    Membership.objects.create(person=person, organization=house, role=Role.PLANNER, valid_from="2015-04-01")
    return City(house, person, size)


def _programmes(city: City) -> None:
    from enishi.budgets.models import BudgetYear, Programme, ProgrammeYear
    from enishi.indicators.bulk import insert_rows
    from enishi.organizations.models import Section

    sections = list(Section.objects.filter(organization=city.house).order_by("pk"))
    city.programmes = Programme.objects.bulk_create(
        (
            Programme(
                organization=city.house,
                section=sections[number % len(sections)],
                uid=f"{100_000 + number}",
                title=f"地域の暮らしを支える事業 {number}",
                summary="ひとり暮らしの高齢者の異変に早く気づき、地域で支える。" * 2,
                start_fy=2015,
                visibility="public",
                created_at=city.at,
                updated_at=city.at,
            )
            for number in range(city.size.programmes)
        ),
        batch_size=2_000,
    )
    insert_rows(
        ProgrammeYear,
        ("programme", "fiscal_year", "status", "fte", "narrative", "updated_at"),
        (
            (row.pk, year, "running", "1.50", "訪問と見守りを続けた。", _stamp(city))
            for row in city.programmes
            for year in city.years
        ),
    )
    BudgetYear.objects.bulk_create(
        BudgetYear(
            organization=city.house,
            fiscal_year=year,
            yen_per_fte=7_500_000,
            fte_source="測定",
            published_at=city.at,
            published_by=city.person,
        )
        for year in city.years
    )


def _stamp(city: City) -> str:
    return city.at.replace(tzinfo=None).isoformat(sep=" ")


# --- The budget ------------------------------------------------------------------------------------------------------------------

AMOUNTS = (
    ("request", 0, 1_200_000),
    ("assessment", 1, 1_050_000),
    ("initial", 0, 1_000_000),
    ("supplement", 1, 50_000),
    ("commitment", 0, 900_000),
)


def _budget(city: City) -> None:
    """款 10 · 項 40 · 目 200 · one 事業 a programme · five 節 each; the entries of a 節 are its stages and its spending."""
    from enishi.budgets.models import (
        Account,
        Allocation,
        BudgetEntry,
        BudgetImport,
        ProgrammeYear,
    )
    from enishi.indicators.bulk import insert_rows

    account = Account.objects.create(organization=city.house, code="01", name="一般会計")
    per_place = max(city.size.entries // (city.size.programmes * SETSU * YEARS), len(AMOUNTS) + 1)
    for year in city.years:
        places = _codes(city, account, year)
        run = BudgetImport.objects.create(
            organization=city.house,
            source="file",
            fiscal_year=year,
            stage="initial",
            dated_on=dt.date(year - 1, 3, 20),
            filename=f"予算{year}.csv",
            state="applied",
            created_at=city.at,
            applied_at=city.at,
        )
        insert_rows(
            BudgetEntry,
            (
                "code",
                "stage",
                "round_no",
                "amount_yen",
                "dated_on",
                "resolution_no",
                "note",
                "import_run",
                "row_no",
            ),
            _entries(places["setsu"], year, run.pk.hex, per_place),
        )
        own = dict(
            ProgrammeYear.objects.filter(programme__organization=city.house, fiscal_year=year).values_list(
                "programme_id", "pk"
            )
        )
        insert_rows(
            Allocation,
            ("programme_year", "code", "share_bp", "method", "note", "updated_at"),
            (
                (own[row.pk], code, 10_000, "direct", "", _stamp(city))
                for row, code in zip(city.programmes, places["jigyo"], strict=True)
            ),
        )


def _codes(city: City, account: Any, year: int) -> dict[str, list[int]]:
    from enishi.budgets.models import BudgetCode

    def made(rows: list[Any]) -> list[Any]:
        return BudgetCode.objects.bulk_create(rows, batch_size=2_000)

    def code(parent: Any, level: int, number: str, name: str) -> Any:
        path = f"{parent.path if parent else '01'}-{number}"
        return BudgetCode(
            organization=city.house,
            fiscal_year=year,
            account=account,
            parent=parent,
            level=level,
            code=number,
            path=path,
            name=name,
        )

    kan = made([code(None, 1, f"{n:02}", f"款{n}") for n in range(1, 11)])
    ko = made([code(top, 2, f"{n:02}", f"項{n}") for top in kan for n in range(1, 5)])
    moku = made([code(top, 3, f"{n:02}", f"目{n}") for top in ko for n in range(1, 6)])
    jigyo = made(
        [
            code(moku[place % len(moku)], 4, f"{place:04}", row.title[:100])
            for place, row in enumerate(city.programmes)
        ]
    )
    setsu = made([code(top, 6, f"{n:02}", f"節{n}") for top in jigyo for n in range(1, SETSU + 1)])
    return {"jigyo": [row.pk for row in jigyo], "setsu": [row.pk for row in setsu]}


def _entries(places: list[int], year: int, run: str, per_place: int) -> Iterator[tuple[Any, ...]]:
    day, payments = f"{year}-04-01", per_place - len(AMOUNTS)
    for row_no, place in enumerate(places, start=1):
        for stage, round_no, yen in AMOUNTS:
            yield place, stage, round_no, yen + place % 1_000, day, "議案第1号", "", run, row_no
        for payment in range(payments):
            yield (
                place,
                "spending",
                0,
                800_000 // payments,
                f"{year}-{5 + payment % 8:02}-15",
                "",
                "",
                run,
                row_no,
            )


def roll_up(city: City) -> None:
    """All sums of all years anew, and what each programme gets."""
    from enishi.budgets import sharing, totals

    for year in city.years:
        totals.rebuild(city.house.pk, year)
        sharing.share_out(city.house.pk, year)


# --- The plan ---------------------------------------------------------------------------------------------------------------------


def _plan(city: City) -> None:
    """8 政策 × 8 施策 × 5 基本事業; the programmes hang from the last."""
    from enishi.plans.models import Level, Placement, Plan, PlanVersion

    plan = Plan.objects.create(
        organization=city.house,
        kind="basic",
        name="測定市総合計画",
        start_fy=2022,
        end_fy=2031,
        visibility="public",
        created_at=city.at,
        updated_at=city.at,
    )
    version = PlanVersion.objects.create(plan=plan, no=1, created_at=city.at, updated_at=city.at)
    levels = [
        Level.objects.create(version=version, order=order, label=label)
        for order, label in enumerate(("政策", "施策", "基本事業"), start=1)
    ]
    tops = _branches(city, version, levels[0], [None], 8)
    measures = _branches(city, version, levels[1], tops, 8)
    works = _branches(city, version, levels[2], measures, 5)
    city.version, city.nodes = version, [*tops, *measures, *works]
    Placement.objects.bulk_create(
        (
            Placement(version=version, node=works[place % len(works)], programme=row, is_primary=True)
            for place, row in enumerate(city.programmes)
        ),
        batch_size=2_000,
    )


def _branches(city: City, version: Any, level: Any, parents: list[Any], each: int) -> list[Any]:
    from enishi.plans.models import NodeIdentity, PlanNode

    rows = []
    for parent in parents:
        for number in range(1, each + 1):
            identity = NodeIdentity(plan=version.plan)
            rows.append(
                PlanNode(
                    version=version,
                    identity=identity,
                    uid=identity.uid,
                    parent=parent,
                    level=level,
                    path=f"{parent.path if parent else ''}{number:04}",
                    depth=level.order,
                    code=f"{parent.code + '-' if parent else ''}{number}",
                    title=f"{level.label}{number} 安心して暮らせるまちをつくる",
                    intent="だれもが住みなれた地域で暮らし続けられる。",
                    updated_at=city.at,
                )
            )
    NodeIdentity.objects.bulk_create([row.identity for row in rows])
    return PlanNode.objects.bulk_create(rows)


# --- Indicators -----------------------------------------------------------------------------------------------------------------


def _indicators(city: City) -> None:
    from enishi.evaluation.models import ProgrammeIndicator
    from enishi.indicators.models import Baseline, Indicator, IndicatorDefinition, Target
    from enishi.plans.models import NodeIndicator

    city.indicators = Indicator.objects.bulk_create(
        (
            Indicator(
                organization=city.house,
                code=f"K{number:05}",
                name=f"見守りにつながった人の数 {number}",
                unit="人",
                direction="UP" if number % 3 else "DOWN",
                aggregation="sum" if number % 2 else "last",
                frequency="monthly",
                visibility="public",
                created_at=city.at,
                updated_at=city.at,
            )
            for number in range(city.size.indicators)
        ),
        batch_size=1_000,
    )
    rows = city.indicators
    IndicatorDefinition.objects.bulk_create(
        (
            IndicatorDefinition(
                indicator=row, version=1, text="定義", valid_from=dt.date(2015, 4, 1), created_at=city.at
            )
            for row in rows
        ),
        batch_size=1_000,
    )
    first = city.years[0]
    Baseline.objects.bulk_create(
        (
            Baseline(indicator=row, fiscal_year=first, value=600, basis="実績", **_made(Baseline, city))
            for row in rows
        ),
        batch_size=1_000,
    )
    Target.objects.bulk_create(
        (
            Target(
                indicator=row,
                fiscal_year=year,
                value=(1_000 + (year - first) * 20)
                if row.direction == "UP"
                else max(500 - (year - first) * 20, 10),
                rationale="推移から",
                **_made(Target, city),
            )
            for row in rows
            for year in (LAST, LAST + 5)
        ),
        batch_size=1_000,
    )
    NodeIndicator.objects.bulk_create(
        (
            NodeIndicator(node=city.nodes[place % len(city.nodes)], indicator=row)
            for place, row in enumerate(rows)
        ),
        batch_size=1_000,
    )
    ProgrammeIndicator.objects.bulk_create(
        (
            ProgrammeIndicator(programme=programme, indicator=rows[place % len(rows)])
            for place, programme in enumerate(city.programmes)
        ),
        batch_size=1_000,
    )


def _made(model: Any, city: City) -> dict[str, Any]:
    """Who and when, under whatever names the model has for it."""
    known = {field.name for field in model._meta.concrete_fields}
    moments = {name: city.at for name in ("created_at", "recorded_at", "at", "set_at") if name in known}
    people = {name: city.person for name in ("created_by", "recorded_by", "set_by") if name in known}
    return moments | people


def _values(city: City) -> None:
    """Monthly totals and, for the rest of the million, parts by district."""
    from enishi.indicators.bulk import insert_rows
    from enishi.indicators.models import AcquisitionRun, Measurement

    run = AcquisitionRun.objects.create(
        organization=city.house, kind="values", source="測定", person=city.person, at=city.at
    )
    per_year = city.size.values // (city.size.indicators * YEARS)
    insert_rows(
        Measurement,
        (
            "indicator", "fiscal_year", "period_start", "period_end", "dims", "value", "status", "state", "definition",
            "run", "recorded_at", "no_denominator_reason", "missing_reason", "source_locator", "note", "returned_reason",
            "change_reason",
        ),
        _measured(city, run.pk, per_year),
    )  # fmt: skip


def _measured(city: City, run: int, per_year: int) -> Iterator[tuple[Any, ...]]:
    chance, stamp = random.Random(7), _stamp(city)
    months = min(per_year, 12)
    for row in city.indicators:
        for year in city.years:
            spans = [_month(year, number) for number in range(months)]
            for first, last in spans:
                yield _value(row.pk, year, first, last, "", chance.randint(10, 120), run, stamp)
            for number in range(per_year - months):
                first, last = spans[number % months]
                dims = f"地区={number // months}-{number}"
                yield _value(row.pk, year, first, last, dims, chance.randint(1, 20), run, stamp)


def _month(year: int, number: int) -> tuple[str, str]:
    month = (number + 3) % 12 + 1
    first = dt.date(year + (month < 4), month, 1)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    return first.isoformat(), (following - dt.timedelta(days=1)).isoformat()


def _value(
    key: int, year: int, first: str, last: str, dims: str, value: int, run: int, stamp: str
) -> tuple[Any, ...]:
    return key, year, first, last, dims, value, "confirmed", "approved", 1, run, stamp, "", "", "", "", "", ""


# --- The review ------------------------------------------------------------------------------------------------------------------


def _cycle(city: City) -> None:
    """Last year's cycle over every programme, each sheet in the making."""
    from enishi.evaluation.models import EvaluationCycle, Subject

    city.cycle = EvaluationCycle.objects.create(
        organization=city.house,
        title="測定の評価",
        evaluated_fy=LAST - 1,
        decision_fy=LAST + 1,
        state="running",
        first_due_on=dt.date(LAST, 12, 1),
        approval_due_on=dt.date(LAST, 12, 10),
        second_due_on=dt.date(LAST, 12, 20),
        decision_due_on=dt.date(LAST, 12, 28),
        opened_at=city.at,
        created_at=city.at,
        updated_at=city.at,
    )
    Subject.objects.bulk_create(
        (
            Subject(
                cycle=city.cycle,
                organization=city.house,
                programme=row,
                code=row.uid,
                title=row.title,
                section_id=row.section_id,
                included=True,
                placed_at=city.at,
            )
            for row in city.programmes
        ),
        batch_size=1_000,
    )


def _decisions(city: City) -> None:
    """One in three programmes was to change in the running year's budget."""
    from enishi.accounts.models import Person
    from enishi.evaluation.models import EvaluationCycle, ImprovementDecision, Subject

    mayor = Person.objects.create_user("mayor@bench.example", None, name="測定 市長")
    earlier = EvaluationCycle.objects.create(
        organization=city.house,
        title="一つ前の評価",
        evaluated_fy=LAST - 2,
        decision_fy=LAST,
        state="closed",
        first_due_on=dt.date(LAST - 1, 6, 1),
        approval_due_on=dt.date(LAST - 1, 6, 10),
        second_due_on=dt.date(LAST - 1, 7, 1),
        decision_due_on=dt.date(LAST - 1, 9, 1),
        created_at=city.at,
        updated_at=city.at,
    )
    subjects = Subject.objects.bulk_create(
        (
            Subject(
                cycle=earlier,
                organization=city.house,
                programme=row,
                code=row.uid,
                title=row.title,
                included=True,
                place="6-decided",
                placed_at=city.at,
            )
            for row in city.programmes[::3]
        ),
        batch_size=1_000,
    )
    ImprovementDecision.objects.bulk_create(
        (
            ImprovementDecision(
                subject=row,
                organization=city.house,
                programme_id=row.programme_id,
                direction="改善",
                content="内容",
                expected_delta_yen=100_000,
                target_fy=LAST,
                state="decided",
                proposed_by=city.person,
                proposed_at=city.at,
                confirmed_by=city.person,
                confirmed_at=city.at,
                decided_by=mayor,
                decided_at=city.at,
            )
            for row in subjects
        ),
        batch_size=1_000,
    )


def value_lines(indicators: int, count: int) -> Iterator[str]:
    """A file of values for another house with indicators ``K00000`` on: one line a month."""
    yield "指標番号,年月,値"
    years = count // (indicators * 12) + 1
    written = 0
    for number in range(indicators):
        for year in range(LAST - years, LAST):
            for place in range(12):
                if written == count:
                    return
                month = (place + 3) % 12 + 1
                yield f"K{number:05},{year + (month < 4)}年{month}月,{(number * 7 + place) % 900 + 1}"
                written += 1


def entry_lines(count: int) -> Iterator[str]:
    """A file of an initial budget: so many lines on 款 to 節."""
    yield "会計,款,款名,項,項名,目,目名,事業,事業名,節,節名,金額,摘要"
    for number in range(count):
        place, setsu = number % 3_000, number // 3_000 % SETSU + 1
        moku = place % 200
        yield (
            f"01,{moku // 20 + 1:02},款{moku // 20 + 1},{moku // 5 % 4 + 1:02},項{moku // 5 % 4 + 1},"
            f"{moku % 5 + 1:02},目{moku % 5 + 1},{place:04},事業{place},{setsu:02},節{setsu},"
            f"{number % 9_000 * 1_000},明細{number}"
        )
