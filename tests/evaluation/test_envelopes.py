"""Envelopes: a rule in the open, sums to the yen, by hand only with a reason, one choice a year."""

import re
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.budgets import sharing
from enishi.evaluation.envelopes import services
from enishi.evaluation.envelopes.sharing import STANDARD_POINTS, Measure, mean_points, share
from enishi.evaluation.models import EnvelopeRow, EnvelopeScenario
from enishi.foundation.refusals import RefusedError
from enishi.indicators.models import Indicator, Standing
from enishi.plans.models import Level, NodeIdentity, NodeIndicator, Placement, Plan, PlanNode, PlanVersion
from tests.evaluation.money_world import MILLION, allocate, budget, programme, town
from tests.factories import NOON

statuses = st.dictionaries(st.sampled_from(list(STANDARD_POINTS)[:-1]), st.integers(0, 9))
measures = st.lists(st.tuples(st.integers(0, 10**12), statuses), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(measures, st.integers(-5_000, 5_000), st.integers(0, 10_000))
def test_envelopes_sum_to_the_grown_whole(rows, growth, pool):
    found = share(
        [Measure(n, yen, standings) for n, (yen, standings) in enumerate(rows)],
        growth_bp=growth,
        pool_bp=pool,
        points=STANDARD_POINTS,
    )

    exact = Fraction(sum(yen for yen, _s in rows) * (10_000 + growth), 10_000)
    assert abs(sum(each.total_yen for each in found) - exact) <= Fraction(1, 2)
    assert all(each.total_yen >= 0 for each in found)


@pytest.mark.parametrize(
    ("standings", "points"),
    [({}, 2), ({"achieved": 2}, 4), ({"achieved": 1, "regressed": 1}, 2), ({"undecidable": 3}, 0)],
)
def test_points_are_the_mean_of_the_indicators(standings, points):
    assert mean_points(standings, STANDARD_POINTS) == points


def test_size_alone_moves_nothing():
    rows = [Measure(1, 1_000_000, {"late": 1}), Measure(2, 10_000, {"late": 1})]

    found = share(rows, growth_bp=0, pool_bp=1_000, points=STANDARD_POINTS)

    assert [each.total_yen for each in found] == [1_000_000, 10_000]


@pytest.fixture
def place(db):
    """Two measures with a programme each: one whose indicator is reached, one whose is late."""
    made = town()
    plan = Plan.objects.create(
        organization=made.house,
        kind="basic",
        name="総合計画",
        start_fy=2024,
        end_fy=2031,
        visibility="public",
        created_at=NOON,
        updated_at=NOON,
    )
    version = PlanVersion.objects.create(plan=plan, no=1, created_at=NOON, updated_at=NOON)
    level = Level.objects.create(version=version, order=1, label="施策")
    budget(made, [(2026, "0100", 6 * MILLION), (2026, "0200", 4 * MILLION)])
    budget(made, [(2025, "0100", 5 * MILLION)])
    for n, (code, status) in enumerate((("0100", "achieved"), ("0200", "late")), start=1):
        identity = NodeIdentity.objects.create(plan=plan)
        node = PlanNode.objects.create(
            version=version,
            identity=identity,
            uid=identity.uid,
            level=level,
            path=f"{n:04}",
            depth=1,
            code=str(n),
            title=f"施策{n}",
            updated_at=NOON,
        )
        target = programme(made, f"10010{n}")
        allocate(made, target.uid, (2026, code))
        Placement.objects.create(version=version, node=node, programme=target)
        yardstick = Indicator.objects.create(
            organization=made.house, code=f"K{n}", name=f"指標{n}", unit="人", visibility="public",
            created_at=NOON, updated_at=NOON,
        )  # fmt: skip
        NodeIndicator.objects.create(node=node, indicator=yardstick)
        Standing.objects.create(indicator=yardstick, fiscal_year=2025, status=status, value=500, as_of=NOON)
    sharing.share_out(made.house.pk, 2026)
    made.version = version
    return made


def scenario(place, **changes):
    values = {
        "title": "成果5%",
        "fiscal_year": 2027,
        "plan_version": place.version,
        "depth": 1,
        "base_fy": 2026,
        "base_stage": "initial",
        "outcome_fy": 2025,
        "growth_bp": -100,
        "pool_bp": 1_000,
    } | changes
    return services.write_scenario(
        organization=place.house, values=values, points={}, actor=place.finance, at=NOON
    )


def test_a_scenario_follows_outcomes_and_explains_itself(place):
    rows = list(scenario(place).rows.all())

    assert [row.base_yen for row in rows] == [6 * MILLION, 4 * MILLION]
    assert sum(row.total_yen for row in rows) == 9_900_000
    # The pool of 990,000 is shared 5,940,000 × 4 to 3,960,000 × 1.
    assert [row.outcome_yen for row in rows] == [848_571, 141_429]
    assert "指標1件の平均4.00点" in rows[0].explanation
    with translation.override("en"):
        assert not re.search("[ぁ-ん円]", rows[0].read_explanation)
        assert not [each for each in rows[0].read_unit_costs if re.search("[ぁ-ん]", each["why"])]


def test_by_hand_only_with_a_reason_and_kept_when_worked_out_again(place):
    made = scenario(place)
    row = made.rows.first()
    with pytest.raises(RefusedError, match="理由"):
        services.adjust(row_id=row.pk, adjust_yen=100, reason="", actor=place.finance, at=NOON)
    services.adjust(row_id=row.pk, adjust_yen=100, reason="国の制度改正", actor=place.finance, at=NOON)

    services.write_scenario(
        scenario_id=made.pk,
        version=made.version,
        values={"growth_bp": 0},
        points={},
        actor=place.finance,
        at=NOON,
    )

    assert sum(EnvelopeRow.objects.filter(scenario=made).values_list("total_yen", flat=True)) == 10_000_100


def test_choosing_sets_the_others_aside_and_closes_them(place):
    first, second = scenario(place), scenario(place, title="一律")
    with pytest.raises(PermissionDenied):
        services.choose(scenario_id=second.pk, reason="x", actor=place.finance, at=NOON)

    services.choose(scenario_id=second.pk, reason="激変を避けるため", actor=place.mayor, at=NOON)

    states = dict(EnvelopeScenario.objects.values_list("pk", "state"))
    assert states == {first.pk: "set_aside", second.pk: "chosen"}
    with pytest.raises(RefusedError, match="書き換えられません"):
        services.write_scenario(
            scenario_id=first.pk, version=2, values={}, points={}, actor=place.finance, at=NOON
        )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_fy": 2027}, "予算の年度より前"),
        ({"pool_bp": 10_001}, "100%まで"),
        ({"depth": 3}, "その階層の枝がありません"),
        ({"base_fy": 2020}, "一円も配賦されていません"),
    ],
)
def test_what_makes_no_sense_is_refused(place, changes, sentence):
    with pytest.raises(RefusedError, match=sentence):
        scenario(place, **changes)


def test_pages_show_and_compare(place, client):
    made = scenario(place)
    client.force_login(place.finance)

    page = client.get(made.get_absolute_url()).content.decode()
    compared = client.get(reverse("evaluation:envelope_compare"), {"year": 2027}).content.decode()

    assert "9,900千円" in page
    assert "全体は" in page and "(△1.0%)" in page
    assert "成果を見る年度の決算がない" in page
    assert "全体-1%、配り直し10%" in compared
    form = client.get(reverse("evaluation:envelope_edit", args=[made.pk])).content.decode()
    assert 'value="-1"' in form
