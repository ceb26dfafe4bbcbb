"""Scorings: the ranking by value, and who may see what while it goes on."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.plans.errors import PlanError
from enishi.plans.models import ScoringRound
from enishi.plans.priorities import services
from enishi.plans.priorities.access import readable_scorers
from enishi.plans.priorities.calculations import Given, ranking_of
from tests.factories import NOON
from tests.plans.making import approved, cast, draft_of, node, plan_of


def given(*points):
    """Points by scorer, measure and criterion (10, 11)."""
    return [Given(scorer, measure, criterion, value) for scorer, measure, criterion, value in points]


def test_ranking_is_the_weighted_mean_with_ties_sharing_the_better_place():
    rows = given((1, 1, 10, 5), (1, 1, 11, 1), (1, 2, 10, 1), (1, 2, 11, 5), (1, 3, 10, 1), (1, 3, 11, 1))

    found = ranking_of(rows, measures=[1, 2, 3], weights={10: 1.0, 11: 1.0})

    assert [(row.measure, row.place, row.total) for row in found.rows] == [
        (1, 1, 3.0),
        (2, 1, 3.0),
        (3, 3, 1.0),
    ]


def test_other_weights_turn_the_ranking_and_that_is_said():
    rows = given((1, 1, 10, 5), (1, 1, 11, 2), (1, 2, 10, 3), (1, 2, 11, 5))

    first = ranking_of(rows, measures=[1, 2], weights={10: 80.0, 11: 20.0})
    other = ranking_of(rows, measures=[1, 2], weights={10: 20.0, 11: 80.0})

    assert [row.measure for row in first.rows] == [1, 2]
    assert [row.measure for row in other.rows] == [2, 1]
    assert [round(each.change, 3) for each in first.tipping] == [-0.625, 1.667]
    assert 0.99 < first.rows[0].kept < 1.0


def test_disagreement_is_shown_from_two_points_on():
    rows = given((1, 1, 10, 5), (2, 1, 10, 3), (1, 2, 10, 3), (2, 2, 10, 4))

    found = ranking_of(rows, measures=[1, 2], weights={10: 1.0})

    assert [(row.cells[0].mean, row.cells[0].is_split) for row in found.rows] == [(4.0, True), (3.5, False)]
    assert found.split_cells == 1


def test_a_measure_without_a_score_on_a_criterion_is_left_out_and_named():
    rows = given((1, 1, 10, 5), (1, 1, 11, 5), (1, 2, 10, 5))

    assert ranking_of(rows, measures=[1, 2], weights={10: 1.0, 11: 1.0}).unscored == (2,)


@pytest.mark.parametrize("weights", [{}, {10: 0.0}])
def test_no_weight_no_ranking(weights):
    assert ranking_of(given((1, 1, 10, 5)), measures=[1], weights=weights) is None


@pytest.fixture
def who(db):
    return cast()


@pytest.fixture
def scoring(who) -> ScoringRound:
    row = services.create_round(
        organization=who.town,
        values={"title": "重点施策", "section": who.section},
        actor=who.officer,
        at=NOON,
    )
    services.set_measures(
        round_id=row.pk, rows=[("乗合交通", "", None), ("移動販売", "", None)], actor=who.officer, at=NOON
    )
    services.set_criteria(
        round_id=row.pk, rows=[("即効性", "早いか", 60), ("費用", "見合うか", 40)], actor=who.officer, at=NOON
    )
    services.set_scorers(
        round_id=row.pk, people=[who.officer, who.planner, who.second], actor=who.officer, at=NOON
    )
    return services.open_round(round_id=row.pk, actor=who.officer, at=NOON)


def score(row, person, values, *, submit=True):
    measures, criteria = list(row.measures.all()), list(row.criteria.all())
    keys = [(measure.pk, criterion.pk) for measure in measures for criterion in criteria]
    points = dict(zip(keys, values, strict=False))
    return services.save_scores(
        round_id=row.pk, points=points, reasons={}, actor=person, at=NOON, submit=submit
    )


def names(rows):
    return [each.person for each in rows]


def test_scores_stay_hidden_until_both_handed_in(who, scoring):
    score(scoring, who.officer, [5, 4, 3, 2])
    score(scoring, who.planner, [4, 4, 4, 4], submit=False)

    assert names(readable_scorers(who.planner, scoring)) == [who.planner]
    assert names(readable_scorers(who.officer, scoring)) == [who.officer]
    score(scoring, who.planner, [4, 4, 4, 4])
    assert names(readable_scorers(who.planner, scoring)) == [who.officer, who.planner]
    assert names(readable_scorers(who.second, scoring)) == [who.second]
    assert names(readable_scorers(who.stranger, scoring)) == []


def test_page_of_a_waiting_scorer_shows_no_ranking(client, who, scoring):
    score(scoring, who.officer, [5, 4, 3, 2])
    client.force_login(who.planner)

    body = client.get(scoring.get_absolute_url()).content.decode()

    assert "ほかの人の点はまだ見えません" in body
    assert 'id="ranking"' not in body and 'id="scores"' not in body


def test_handing_in_needs_every_score_and_happens_once(who, scoring):
    with pytest.raises(PlanError, match="まだ点のないところが2"):
        score(scoring, who.officer, [5, 4])
    score(scoring, who.officer, [5, 4, 3, 2])
    with pytest.raises(PlanError, match="もう提出しています"):
        score(scoring, who.officer, [1, 1, 1, 1])


def test_a_refused_hand_in_keeps_what_was_given(client, who, scoring):
    client.force_login(who.officer)
    measure, criterion = scoring.measures.first(), scoring.criteria.first()
    sent = {f"p_{measure.pk}_{criterion.pk}": "5", f"r_{measure.pk}": "待つ人が多い", "then": "submit"}

    answer = client.post(reverse("plans:scoring_score", args=[scoring.pk]), sent)

    assert answer.status_code == 422
    kept = scoring.scorers.get(person=who.officer).scores.get()
    assert (kept.points, kept.reason) == (5, "待つ人が多い")


@pytest.mark.parametrize("points", [0, 6])
def test_points_outside_the_scale_are_refused(who, scoring, points):
    with pytest.raises(PlanError, match="1から5まで"):
        score(scoring, who.officer, [points, 4, 3, 2])


def test_only_those_asked_score_and_only_managers_and_planners_close(who, scoring):
    with pytest.raises(PermissionDenied):
        score(scoring, who.stranger, [5, 4, 3, 2])
    score(scoring, who.officer, [5, 4, 3, 2])
    with pytest.raises(PermissionDenied):
        services.close_round(round_id=scoring.pk, conclusion="", actor=who.officer, at=NOON)


def test_closing_keeps_the_result_as_it_was(who, scoring):
    score(scoring, who.officer, [5, 4, 3, 2])

    closed = services.close_round(round_id=scoring.pk, conclusion="乗合交通から", actor=who.planner, at=NOON)

    assert [(row["place"], row["measure"], row["total"]) for row in closed.result["rows"]] == [
        (1, "乗合交通", 4.6),
        (2, "移動販売", 2.6),
    ]
    assert closed.result["weights"] == {"即効性": 60, "費用": 40}
    with pytest.raises(PlanError, match="締め切った採点"):
        services.edit_round(
            round_id=closed.pk, values={"title": "x"}, version=None, actor=who.planner, at=NOON
        )


def test_a_round_starts_with_the_five_usual_criteria_and_needs_measures_and_people(who):
    row = services.create_round(organization=who.town, values={"title": "採点"}, actor=who.planner, at=NOON)

    assert [each.label for each in row.criteria.all()] == [
        "即効性・波及効果",
        "実現可能性",
        "費用対効果",
        "公平性・持続可能性",
        "客観的根拠",
    ]
    with pytest.raises(PlanError, match="採点する施策"):
        services.open_round(round_id=row.pk, actor=who.planner, at=NOON)


def test_measures_are_chosen_by_a_range_beside_those_ticked(client, who):
    plan = plan_of(who)
    tree = draft_of(plan)
    one, two = node(who, tree, "子ども", code="1"), node(who, tree, "福祉", code="2")
    leaves = [node(who, tree, f"施策{at}", above, code=f"{at}") for at, above in enumerate((one, one, two))]
    approved(who, tree)
    row = services.create_round(
        organization=who.town, values={"title": "採点", "plan": plan}, actor=who.planner, at=NOON
    )
    client.force_login(who.planner)
    here = reverse("plans:scoring_measures", args=[row.pk])

    def press(button, **more):
        return client.post(here, {button: "1", "others": "新しい案 | 例", "nodes": [leaves[2].uid]} | more)

    assert press("add").status_code == 422
    press("add", level="施策", under=one.path)
    assert list(row.measures.values_list("title", flat=True)) == ["0 施策0", "1 施策1", "2 施策2", "新しい案"]
    press("take_out", under=one.path, nodes=[each.uid for each in leaves])
    assert list(row.measures.values_list("title", flat=True)) == ["2 施策2", "新しい案"]


def test_criteria_are_read_from_lines_and_faults_name_the_line(client, who):
    row = services.create_round(organization=who.town, values={"title": "採点"}, actor=who.planner, at=NOON)
    client.force_login(who.planner)
    here = reverse("plans:scoring_criteria", args=[row.pk])

    refused = client.post(here, {"lines": "即効性 | 60 | 早いか\n費用 | 多め | 見合うか"}).content.decode()
    client.post(here, {"lines": "即効性 | 60 | 早いか\n費用 | 40 | 見合うか"})

    assert "2行目の重み「多め」" in refused
    assert [(each.label, each.weight) for each in row.criteria.all()] == [("即効性", 60), ("費用", 40)]


def test_ranking_page_tries_other_weights_and_exports(client, who, scoring):
    score(scoring, who.officer, [5, 1, 1, 5])
    first, second = scoring.criteria.all()
    client.force_login(who.officer)

    usual = client.get(scoring.get_absolute_url()).context["ranking"]["rows"]
    tried = client.get(scoring.get_absolute_url(), {f"w_{first.pk}": "1", f"w_{second.pk}": "99"}).context[
        "ranking"
    ]["rows"]
    table = client.get(scoring.get_absolute_url(), {"format": "csv"}).content.decode("utf-8-sig")

    assert [row["measure"].title for row in usual] == ["乗合交通", "移動販売"]
    assert [row["measure"].title for row in tried] == ["移動販売", "乗合交通"]
    assert table.splitlines()[1].startswith("1,乗合交通,3.4")
