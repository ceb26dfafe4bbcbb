"""What logic models, evidence, scorings and readings offer: home, search, handover, and panels."""

import pytest
from django.urls import reverse

from enishi.foundation import panels as registry
from enishi.organizations import handover
from enishi.plans.evidence import services as evidence
from enishi.plans.logic import services as logic
from enishi.plans.models import Evidence, LogicModel, Scorer
from enishi.plans.offers import handing, panels, search
from enishi.plans.priorities import services as priorities
from tests.factories import NOON, SectionFactory
from tests.plans.making import cast, programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return cast()


def scoring(who):
    row = priorities.create_round(
        organization=who.town, values={"title": "重点施策"}, actor=who.planner, at=NOON
    )
    priorities.set_measures(
        round_id=row.pk, rows=[("乗合交通", "", None), ("移動販売", "", None)], actor=who.planner, at=NOON
    )
    priorities.set_scorers(round_id=row.pk, people=[who.officer], actor=who.planner, at=NOON)
    return priorities.open_round(round_id=row.pk, actor=who.planner, at=NOON)


def model(who):
    made = logic.start_model(owner=programme(who, "100101", "乗合交通"), actor=who.officer, at=NOON)
    logic.put_node(
        model_id=made.pk,
        values={"stage": "activity", "text": "便を走らせる"},
        indicators=[],
        actor=who.officer,
        at=NOON,
    )
    return made


def titles(person):
    found = panels.waiting(person, NOON)
    return [each.title for each in found["items"]] if found else []


def test_home_names_what_waits_for_whom(who):
    row, made = scoring(who), model(who)
    assert titles(who.officer) == ["重点施策"]
    assert titles(who.planner) == []

    logic.submit_model(model_id=made.pk, actor=who.officer, at=NOON)

    assert titles(who.planner) == ["乗合交通 第1版"]
    assert titles(who.officer) == ["重点施策"]
    points = {
        (measure.pk, criterion.pk): 3 for measure in row.measures.all() for criterion in row.criteria.all()
    }
    priorities.save_scores(
        round_id=row.pk, points=points, reasons={}, actor=who.officer, at=NOON, submit=True
    )
    assert titles(who.officer) == []


def test_search_hides_drafts_and_what_was_thrown_away(who):
    made = model(who)
    assert search.logic_text(made).not_yet_shared
    assert ("便を走らせる", 1.0) in search.logic_text(made).body_parts

    logic.delete_model(model_id=made.pk, actor=who.officer, at=NOON)

    assert search.logic_text(LogicModel.objects.get(pk=made.pk)) is None


def test_section_hands_everything_on_even_what_lies_in_the_trash(who):
    row = evidence.create_evidence(
        organization=who.town, values={"claim": "主張", "section": who.section}, actor=who.officer, at=NOON
    )
    evidence.delete_evidence(evidence_id=row.pk, actor=who.officer, at=NOON)
    model(who)
    heir = SectionFactory(organization=who.town)

    assert handing.count_of_section(who.section) == 2
    assert handing.give_section(who.section, heir, who.planner, NOON) == 2
    assert Evidence.objects.get().section == LogicModel.objects.get().section == heir


def test_scores_not_handed_in_go_to_the_successor_empty(who):
    row = scoring(who)
    measure, criterion = row.measures.first(), row.criteria.first()
    priorities.save_scores(
        round_id=row.pk, points={(measure.pk, criterion.pk): 5}, reasons={}, actor=who.officer, at=NOON
    )

    piles = handover.hand_over(
        giver=who.officer, taker=who.second, organization=who.town, actor=who.planner, at=NOON
    )

    assert [pile.count for pile in piles if "採点" in str(pile.label)] == [1]
    scorer = Scorer.objects.get()
    assert (scorer.person, scorer.scores.count()) == (who.second, 0)


def test_programme_page_offers_a_model_and_marks_its_evidence(client, who):
    work = programme(who, "100101", "乗合交通")
    row = evidence.create_evidence(
        organization=who.town,
        values={"claim": "通院を見送った人がいる", "section": who.section},
        actor=who.officer,
        at=NOON,
    )
    evidence.use_evidence(evidence_id=row.pk, owner=work, purpose="need", actor=who.officer, at=NOON)
    client.force_login(who.officer)

    body = client.get(work.get_absolute_url()).content.decode()

    assert f"{reverse('plans:logic_new')}?programme={work.pk}" in body
    assert "通院を見送った人がいる" in body and "未確認1件" in body
    assert {panel.record for panel in registry.records} >= {
        "plans.plannode",
        "plans.plan",
        "budgets.programme",
    }


def test_pages_tell_their_history_to_those_who_may_read_it(client, who):
    made = model(who)
    client.force_login(who.officer)

    body = client.get(made.get_absolute_url()).content.decode()

    assert "ロジックモデルの下書きを作りました。" in body and "要素を書きました。" in body
