"""Formulas, numbers of other rooms, standings in bulk, what the room counts about itself, and what is handed over."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from enishi.engines import progress
from enishi.foundation import metrics
from enishi.foundation.metrics import Counted, Figure, Metric, Period
from enishi.indicators import calculations, formulas, periods, rounds, selectors, services, standings
from enishi.indicators.handover import give_led, give_section
from enishi.indicators.models import Measurement, Standing
from enishi.indicators.panels import waiting
from enishi.indicators.services import changes
from enishi.notifications.models import Notice
from tests.factories import NOON, SectionFactory


def formula(house, indicator, numerator, denominator="", scale=1):
    values = {
        "text": "式で計算する", "numerator": numerator, "denominator": denominator, "scale": Decimal(scale),
        "valid_from": dt.date(2000, 4, 1), "reason": "式に改めた",
    }  # fmt: skip
    return services.define(indicator_id=indicator.pk, values=values, actor=house.officer, at=NOON)


def test_m3_a_ratio_follows_its_elements(house):
    rate = house.indicator(value_type="ratio", unit="%", decimals=1)
    born, people = house.element("出生", unit="人"), house.element("人口", unit="人")
    formula(house, rate, "[出生]", "[人口]", 100)

    house.approved(born, 2024, 30)
    house.approved(people, 2024, 400)
    first = Measurement.objects.current().get(indicator=rate)
    house.approved(born, 2024, 32, change_reason="届の遅れ")
    second = Measurement.objects.current().get(indicator=rate)

    assert (first.value, first.numerator, first.denominator) == (Decimal("7.5"), 30, 400)
    assert (second.value, second.supersedes_id, second.status) == (8, first.pk, "revised")
    assert Standing.objects.get(indicator=rate, fiscal_year=2024).value == 8


def test_a_formula_over_zero_or_a_missing_element_says_which(house):
    rate = house.indicator(value_type="ratio", unit="%")
    born, people = house.element("出生"), house.element("人口")
    formula(house, rate, "[出生]", "[人口]")
    house.approved(born, 2023, 30)
    house.approved(people, 2023, 0)
    house.approved(born, 2024, None, missing_reason="届の統計がまだ")

    reasons = (
        Measurement.objects.current()
        .filter(indicator=rate)
        .order_by("period_end")
        .values_list("missing_reason", flat=True)
    )
    assert list(reasons) == ["分母が0", "出生: 届の統計がまだ"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("[出生", "読めません"), ("出生 +", "途中で終わって"), ("(出生", "足りません"), ("知らない", "ありません"), ("出生 + 面積", "同じ量ではない"), ("__import__('os')", "読めません"), ("(" * 40 + "1", "深すぎ")],
)  # fmt: skip
def test_a_formula_that_cannot_be_read_is_refused(house, text, words):
    indicator = house.indicator()
    house.element("出生", unit="人")
    house.element("面積", unit="ha")

    with pytest.raises(ValidationError) as caught:
        formula(house, indicator, text)

    assert words in caught.value.message_dict["numerator"][0]


def test_formulas_keep_precedence_and_are_exact():
    values = {name: formulas.Quantity(Fraction(number)) for name, number in (("A", 1), ("B", 2), ("C-1", 3))}

    assert formulas.evaluate(formulas.parse("A + B × [C-1] ÷ 4 − (A − B)"), values).value == Fraction(7, 2)


def test_a_value_of_a_formula_is_not_typed(house):
    indicator = house.indicator()
    house.element("出生")
    formula(house, indicator, "[出生]")

    with pytest.raises(ValidationError):
        house.write(indicator, 2024, 3)


@pytest.fixture
def metric():
    def figure(organization_id, period, as_of):
        return Figure(Decimal(period.first.year), Decimal(3), Decimal(5))

    def rows(organization_id, period, as_of, actor):
        return [Counted("協定甲", "/", True)]

    metrics.register(Metric("test.signed", "協定", "結んだ数", "件", figure, rows))
    yield "test.signed"
    metrics._metrics.pop("test.signed")


def test_a_number_of_another_room_is_an_element_with_its_list(house, metric, client):
    element = house.element("協定", metric=metric)

    services.compute_element(element, years=2, at=NOON)
    services.compute_element(element, years=2, at=NOON)
    client.force_login(house.officer)
    page = client.get(element.get_absolute_url()).content.decode()

    rows = Measurement.objects.filter(element=element).order_by("fiscal_year")
    assert [(row.value, row.numerator, row.status, row.state) for row in rows] == [
        (2025, 3, "confirmed", "approved"),
        (2026, 3, "provisional", "approved"),
    ]
    assert "協定甲" in page


def test_thousands_are_judged_as_one_by_one(house):
    """Twelve months joined beforehand, or given to the engine as they are: the same standings."""
    flows = house.indicator(aggregation="sum", frequency="monthly")
    means = house.indicator(name="平均", aggregation="mean", frequency="monthly")
    for indicator in (flows, means):
        house.goals(indicator, 60, 80)
        spans = [periods.months(2024, month, 1) for month in range(4, 13)] + [
            periods.months(2025, month, 1) for month in (1, 2, 3)
        ]
        entries = [services.Entry(span.start, span.end, Decimal(f"5.{n}")) for n, span in enumerate(spans)]
        made = services.record_values(
            owner=indicator, entries=entries, source="月報", submit=True, actor=house.officer, at=NOON
        )
        services.approve_values(measurement_ids=[row.pk for row in made], actor=house.manager, at=NOON)

    for indicator in (flows, means):
        quick = Standing.objects.get(indicator=indicator, fiscal_year=2024)
        yardstick = calculations.yardstick_of(indicator)
        assert len(yardstick.readings) == 1
        yardstick.readings = [calculations.reading_of(row) for row in indicator.measurements.all()]
        slow = progress.judge(yardstick.series(), fiscal_year=2024)
        assert (quick.get_status_display(), quick.attainment) == (
            slow.status.value,
            round(Decimal(slow.figure.value.numerator) / slow.figure.value.denominator, 8),
        )


@pytest.mark.parametrize("count", [1, 4])
def test_standings_take_the_same_queries_for_many(house, django_assert_num_queries, count):
    keys = [house.indicator(name=f"指標{number}").pk for number in range(count)]

    with django_assert_num_queries(9):
        standings.rebuild(keys, at=NOON)


def test_a_plan_has_its_own_frame_and_falls_back_on_the_towns(house):
    indicator = house.indicator()
    house.goals(indicator, 60, 80)
    house.approved(indicator, 2025, 70)
    services.set_target(
        indicator_id=indicator.pk,
        fiscal_year=2027,
        value=Decimal(100),
        frame="plan-7",
        actor=house.officer,
        at=NOON,
    )

    own = selectors.standings([indicator.pk], 2025)[indicator.pk]
    of_plan = selectors.standings([indicator.pk], 2025, frame="plan-7")[indicator.pk]
    elsewhere = selectors.standings([indicator.pk], 2025, frame="plan-9")[indicator.pk]

    assert (own.progress, of_plan.progress, elsewhere.progress) == (
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.5"),
    )


def test_the_room_counts_itself(house):
    achieved, late = house.indicator(), house.indicator(name="遅れ")
    for indicator, value in ((achieved, 90), (late, 61)):
        house.goals(indicator, 60, 80)
        house.approved(indicator, 2025, value)
    house.approved(house.indicator(name="欠測"), 2025, None, missing_reason="調査中止")
    house.indicator(name="値なし")
    year, day = Period(dt.date(2025, 4, 1), dt.date(2026, 3, 31)), dt.date(2026, 11, 22)

    def figure(key):
        found = metrics.metric(key).figure(house.organization.pk, year, day)
        rows = metrics.metric(key).rows(house.organization.pk, year, day, house.officer)
        assert sum(row.counts for row in rows) == found.numerator
        return found.numerator, found.denominator

    assert figure("indicators.achieved") == (1, 2)
    assert figure("indicators.missing") == (1, 3)
    assert figure("indicators.sourced") == (3, 3)
    assert figure("indicators.in_time") == (3, 4)


def test_due_values_stand_on_the_home_page_and_are_told_once(house):
    indicator = house.indicator()

    (item,) = waiting(house.officer, NOON)["items"]
    told = [rounds.remind(NOON), rounds.remind(NOON)]

    assert (item.title, item.due) == (indicator.name, dt.date(2026, 5, 30))
    assert told == [1, 0]
    assert Notice.objects.of(house.officer).filter(kind="indicator_due").count() == 1


def test_indicators_go_to_the_successor(house):
    indicator = house.indicator(officer=house.officer)
    successor = SectionFactory(organization=house.organization)

    led = give_led(house.officer, house.manager, house.organization, house.planner, NOON)
    moved = give_section(house.section, successor, None, NOON)

    indicator.refresh_from_db()
    assert (led, moved, indicator.officer, indicator.section) == (1, 1, house.manager, successor)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("令和７年度", "令和7年度"), ("R7", "令和7年度"), ("2025", "令和7年度"), ("H30", "平成30年度"),
        ("令和7年度第2四半期", "令和7年度第2四半期"), ("2025Q3", "令和7年度第3四半期"), ("令和7年度下半期", "令和7年度下半期"),
        ("2025/04", "令和7年4月"), ("令和7年", "令和7年(暦年)"), ("R7.10.1", "令和7年10月1日"),
    ],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(text, words):
    assert periods.read(text).words == words


@pytest.mark.parametrize("text", ["7", "らいねん", "令和", "2025Q5", "R7年13月", "99999"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(periods.UnreadablePeriodError):
        periods.read(text)


@pytest.mark.parametrize(
    ("change", "year", "goal"),
    [
        ({"basis": "baseline", "way": "down", "measure": "percent", "amount": 30, "fiscal_year": 2028}, 2028, "130.2"),
        ({"basis": "baseline", "way": "up", "measure": "points", "amount": "2.5", "fiscal_year": 2028}, 2028, "188.5"),
        ({"basis": "baseline", "way": "up", "measure": "times", "amount": 2, "fiscal_year": 2028}, 2028, "372"),
        ({"basis": "previous", "way": "up", "measure": "percent", "amount": 5}, 2026, "210"),
    ],
)  # fmt: skip
def test_a_target_written_as_a_change_becomes_a_number(house, change, year, goal):
    indicator = house.indicator(direction="DOWN" if change["way"] == "down" else "UP", unit="時間")
    given = change | {"amount": Decimal(change["amount"])}
    waiting = services.set_change(indicator_id=indicator.pk, **given, actor=house.officer, at=NOON)
    assert (waiting.target, bool(waiting.note)) == (None, True)

    services.set_baseline(
        indicator_id=indicator.pk, fiscal_year=2023, value=Decimal(186), actor=house.officer, at=NOON
    )
    house.approved(indicator, 2025, 200)
    changes.work_out([indicator.pk], at=NOON)

    target = indicator.targets.get(is_current=True, fiscal_year=year)
    assert target.value == Decimal(goal)
    assert "から計算" in target.rationale


def test_a_target_typed_by_hand_is_not_overwritten_by_a_change(house):
    indicator = house.indicator(direction="DOWN", unit="時間")
    house.goals(indicator, 186, 100, target_year=2028)

    made = services.set_change(
        indicator_id=indicator.pk, basis="baseline", way="down", measure="percent", amount=Decimal(30),
        fiscal_year=2028, actor=house.officer, at=NOON,
    )  # fmt: skip

    assert "手で入れた" in made.note
    assert indicator.targets.get(is_current=True).value == 100


def test_a_change_against_the_direction_is_refused(house):
    indicator = house.indicator(direction="UP", unit="人")

    with pytest.raises(ValidationError, match="増減の向き"):
        services.set_change(
            indicator_id=indicator.pk, basis="previous", way="down", measure="percent", amount=Decimal(5),
            actor=house.officer, at=NOON,
        )  # fmt: skip
