"""Pages of reviews: what each person meets, without JavaScript, and in a known number of questions."""

import pytest
from django.urls import reverse
from django.utils import timezone

from enishi.evaluation import panels, selectors
from enishi.evaluation.models import Evaluation, Panelist, Subject
from enishi.evaluation.rounds import remind
from enishi.foundation.models import FormDraft
from enishi.notifications.models import Notice
from tests.evaluation.making import TYPED, programme, subject, town, walk
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def form_of(**changes):
    """The form as a browser sends it."""
    typed = {**TYPED, **changes}
    scores = typed.pop("scores")
    return {
        **{f"score_{key}": value for key, value in scores.items()},
        **typed,
        "version": typed.get("version", 0),
    }


def fill_url(of, stage="first"):
    return reverse("evaluation:sheet_fill", args=[of.subject.pk, stage])


def test_a_sheet_is_filled_and_handed_in_on_one_page(client):
    of = town()
    client.force_login(of.officer)

    answer = client.post(fill_url(of), form_of() | {"then": "submit"})

    assert answer.status_code == 302
    assert Subject.objects.get(pk=of.subject.pk).place == "2-approval"
    assert Evaluation.objects.get().evaluator == of.officer


def test_saving_without_handing_in_keeps_the_sheet_with_its_writer(client):
    of = town()
    client.force_login(of.officer)

    client.post(fill_url(of), form_of(comment="途中まで") | {"judgement": ""})

    kept = Evaluation.objects.get()
    assert (kept.state, kept.comment, kept.subject.place) == ("draft", "途中まで", "1-first")


def test_an_incomplete_sheet_stays_on_the_page_with_every_word(client):
    of = town()
    client.force_login(of.officer)

    answer = client.post(fill_url(of), form_of(judgement="A") | {"then": "submit"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert TYPED["comment"] in text
    assert "2段階以上違います" in text
    assert FormDraft.objects.filter(person=of.officer).count() == 1


def test_two_editors_see_both_versions(client):
    of = town()
    client.force_login(of.colleague)
    client.post(fill_url(of), form_of(comment="先に書いた人の言葉"))
    client.force_login(of.officer)

    answer = client.post(fill_url(of), form_of(comment="後から書いた人の言葉"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "先に書いた人の言葉" in text
    assert "後から書いた人の言葉" in text


def test_the_page_names_where_each_prefilled_part_comes_from(client):
    of = town()
    client.force_login(of.officer)

    text = client.get(fill_url(of)).content.decode()

    for source in ("事務事業の台帳", "総合計画", "指標の記録(子育て課)", "予算・決算の記録"):
        assert source in text


def test_an_auditor_follows_a_settled_amount_to_the_codes_that_paid_it(client):
    of = town()
    walk(of, "2-approval")
    client.force_login(of.auditor)

    text = client.get(reverse("evaluation:sheet_detail", args=[of.subject.pk])).content.decode()

    assert f'href="{of.programme.get_absolute_url()}?year=2025#year">決算額</a>' in text
    assert f'href="{of.indicators[0].get_absolute_url()}">利用した人の数(人)</a>' in text


def test_an_outside_judge_sees_the_frozen_facts_only(client):
    of = town(external=True)
    Panelist.objects.create(cycle=of.cycle, person=of.outsider, added_by=of.reviewer, added_at=NOON)
    client.force_login(of.outsider)
    detail = reverse("evaluation:sheet_detail", args=[of.subject.pk])
    before = client.get(detail).status_code
    walk(of, "4-external")
    of.programme.years.update(narrative="提出したあとに書きかえた文")

    text = client.get(fill_url(of, "external")).content.decode()

    assert (before, client.get(detail).status_code) == (404, 200)
    assert "5か所で週5日ひらいた。" in text
    assert "提出したあとに書きかえた文" not in text


def test_a_visitor_reads_what_was_published_and_nothing_else(client):
    of = town()
    walk(of, "decided")
    url = reverse("evaluation:result_detail", args=[of.subject.pk])
    before = client.get(url).status_code
    client.force_login(of.reviewer)
    client.post(reverse("evaluation:sheet_publish", args=[of.subject.pk]))
    client.logout()

    answer = client.get(url)

    assert (before, answer.status_code) == (404, 200)
    assert "子育て広場運営事業" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_asks_no_more_for_more_sheets(client, count, django_assert_max_num_queries):
    of = town()
    for number in range(2, count + 2):
        subject(of.cycle, programme(of.house, of.care, f"20030{number}", f"事業{number}"))
    client.force_login(of.officer)
    address = reverse("evaluation:sheet_list", args=[of.cycle.pk])
    client.get(address)

    with django_assert_max_num_queries(32):
        answer = client.get(address)

    assert answer.content.decode().count('class="row"') == count + 1


def test_the_list_narrows_by_trigger_and_shows_what_was_left_out(client):
    of = town()
    Subject.objects.create(
        cycle=of.cycle,
        organization=of.house,
        programme=programme(of.house, of.care, "200302", "選ばれなかった事業"),
        code="200302",
        title="選ばれなかった事業",
        section=of.care,
        why=[{"trigger": "new", "sentence": "まだ2年目です。"}],
        placed_at=NOON,
    )
    client.force_login(of.officer)
    address = reverse("evaluation:sheet_list", args=[of.cycle.pk])

    chosen = client.get(f"{address}?trigger=off_track").content.decode()
    left = client.get(f"{address}?left_out=1").content.decode()

    assert ("子育て広場運営事業" in chosen, "選ばれなかった事業" in chosen) == (True, False)
    assert "まだ2年目です。" in left


@pytest.mark.parametrize(
    ("place", "who"),
    [("1-first", "officer"), ("2-approval", "manager"), ("3-second", "reviewer"), ("5-decision", "reviewer")],
)
def test_a_sheet_waits_for_whoever_is_next(place, who):
    of = town()
    walk(of, place)

    waiting = {
        name: [row.pk for row in selectors.waiting_for(getattr(of, name), 5)]
        for name in ("officer", "manager", "reviewer", "auditor", "stranger")
    }

    assert waiting[who] == [of.subject.pk]
    assert [name for name in ("auditor", "stranger") if waiting[name]] == []


def test_today_says_what_to_do_and_where():
    of = town()

    items = panels.waiting(of.officer, NOON)["items"]

    assert [(item.title, item.url) for item in items] == [("子育て広場運営事業", fill_url(of))]


def test_a_reminder_is_sent_once(django_capture_on_commit_callbacks):
    town()
    at = timezone.make_aware(timezone.datetime(2026, 7, 29, 7, 30))

    with django_capture_on_commit_callbacks(execute=True):
        told = (remind(at), remind(at))

    assert told[0] > 0
    assert told[1] == 0
    assert Notice.objects.filter(kind="evaluation_due").count() == told[0]


def test_moving_on_tells_whoever_is_next(django_capture_on_commit_callbacks):
    of = town()

    with django_capture_on_commit_callbacks(execute=True):
        walk(of, "2-approval")

    told = Notice.objects.filter(kind="evaluation_turn").values_list("person__name", flat=True)
    assert list(told) == ["manager"]


def test_the_api_gives_published_sheets_to_everybody(client):
    of = town()
    walk(of, "decided")
    client.force_login(of.reviewer)
    client.post(reverse("evaluation:sheet_publish", args=[of.subject.pk]))
    client.logout()

    answer = client.get("/api/v1/evaluation/results").json()

    assert [item["content"]["name"] for item in answer["items"]] == ["子育て広場運営事業"]
