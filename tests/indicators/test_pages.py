"""The pages: who sees what, what is typed arrives, and how many queries a list takes."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enishi.indicators import services
from enishi.indicators.models import Indicator, Measurement
from tests.factories import NOON, MembershipFactory, PersonFactory
from tests.indicators.making import TODAY


@pytest.fixture
def shown(house):
    """A public indicator with goals, four years, parts, and one value that waits."""
    indicator = house.indicator(dims=["地区"], suppress_below=10, decimals=0)
    house.goals(indicator, 60, 80)
    for year, value in ((2022, 58), (2023, 60), (2024, 66)):
        house.approved(indicator, year, value)
    for name, value in (("北", 4), ("南", 30), ("東", 26)):
        house.approved(indicator, 2023, value, dims=f"地区={name}")
    house.write(indicator, 2025, 71)
    return indicator


def page(client, person, name, *args, **query):
    if person is not None:
        client.force_login(person)
    return client.get(reverse(f"indicators:{name}", args=args), query)


def test_the_record_shows_sentence_chart_and_table(client, house, shown):
    answer = page(client, None, "indicator_detail", shown.pk)

    text = answer.content.decode()
    assert "年度達成率は120.0%" in text
    assert "令和6年度" in text
    assert "補間" in text
    assert "承認待ち" not in text


def test_small_parts_and_one_more_are_hidden_from_outside(client, house, shown):
    outside = page(client, None, "indicator_detail", shown.pk).content.decode()
    inside = page(client, house.officer, "indicator_detail", shown.pk).content.decode()

    assert (outside.count("秘匿</td>"), inside.count("秘匿</td>")) == (2, 0)
    assert ">30人</td>" in outside
    assert ">4人</td>" in inside


def test_a_hidden_part_is_not_found_by_its_own_address(client, house, shown):
    hidden = Measurement.objects.get(indicator=shown, dims="地区=北")
    plain = Measurement.objects.get(indicator=shown, dims="地区=南")

    assert page(client, None, "value_detail", hidden.pk).status_code == 404
    assert page(client, None, "value_detail", plain.pk).status_code == 200


def test_what_waits_is_seen_inside_only(client, house, shown):
    waiting = Measurement.objects.get(indicator=shown, fiscal_year=2025)

    assert page(client, None, "value_detail", waiting.pk).status_code == 404
    assert page(client, house.officer, "value_detail", waiting.pk).status_code == 200


def test_a_private_indicator_is_unknown_outside(client, house):
    hidden = house.indicator(visibility="internal")
    resident = PersonFactory()
    MembershipFactory(person=resident, organization=house.organization, role="resident")

    assert page(client, None, "indicator_detail", hidden.pk).status_code == 404
    assert page(client, resident, "indicator_detail", hidden.pk).status_code == 404
    assert page(client, house.officer, "indicator_detail", hidden.pk).status_code == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [("indicator_chart", "image/svg"), ("indicator_png", "image/png"), ("indicator_numbers", "text/csv")],
)
def test_the_chart_is_given_away(client, house, shown, name, kind):
    answer = page(client, None, name, shown.pk)

    assert answer["Content-Type"].startswith(kind)
    assert len(answer.content) > 100


def test_a_value_is_typed_in_full_width_and_approved_by_another(client, house):
    indicator = house.indicator()
    client.force_login(house.officer)
    client.post(
        reverse("indicators:value_new", args=[indicator.pk]),
        {"period": "令和７年度", "value": "１，２３４人", "status": "confirmed", "source": "統計書 3頁"},
    )
    row = Measurement.objects.get(indicator=indicator)
    client.force_login(house.manager)
    client.post(reverse("indicators:value_approve", args=[row.pk]), {})

    row.refresh_from_db()
    assert (row.value, row.fiscal_year, row.state) == (1234, 2025, "approved")


def test_a_refused_value_keeps_what_was_typed(client, house):
    indicator = house.indicator()
    client.force_login(house.officer)

    answer = client.post(
        reverse("indicators:value_new", args=[indicator.pk]),
        {"period": "令和7年度", "value": "約三百", "status": "confirmed", "source": "統計書"},
    )

    assert answer.status_code == 422
    assert "約三百" in answer.content.decode()
    assert not Measurement.objects.exists()


def test_the_grid_writes_all_rows_or_none(client, house):
    one, two = house.indicator(name="一つ目"), house.indicator(name="二つ目")
    client.force_login(house.officer)
    address = reverse("indicators:grid") + f"?section={house.section.pk}&period=令和7年度"
    rows = {f"value_{one.pk}": "△１２", f"value_{two.pk}": "三", "source": "集計表"}

    refused = client.post(address, rows)
    none = Measurement.objects.count()
    client.post(address, rows | {f"value_{two.pk}": "", f"missing_{two.pk}": "調査なし"})

    assert (refused.status_code, none) == (422, 0)
    assert "数として読めません" in refused.content.decode()
    assert [(row.value, row.missing_reason) for row in Measurement.objects.order_by("indicator_id")] == [
        (-12, ""),
        (None, "調査なし"),
    ]


def test_several_values_are_approved_at_once_but_not_ones_own(client, house):
    rows = [house.write(house.indicator(name=f"指標{n}"), 2025, n) for n in range(3)]
    own = house.write(house.indicator(name="自分の"), 2025, 9, actor=house.manager)
    client.force_login(house.manager)

    shown = client.get(reverse("indicators:waiting")).content.decode()
    client.post(reverse("indicators:waiting"), {"chosen": [row.pk for row in rows]})

    assert f'value="{own.pk}"' not in shown
    assert set(Measurement.objects.values_list("state", flat=True)) == {"approved", "submitted"}


def test_the_list_takes_the_same_queries_however_long_it_is(client, house):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = client.get(reverse("indicators:indicator_list"))
        assert answer.status_code == 200
        return len(caught)

    house.goals(house.indicator(name="最初"), 60, 80)
    client.force_login(house.officer)
    queries()
    few = queries()
    for number in range(6):
        house.indicator(name=f"指標{number}")

    assert queries() == few <= 25


@pytest.mark.parametrize("form", ["xlsx", "csv", "csv-cp932"])
def test_the_list_leaves_as_a_file(client, house, form):
    house.indicator(name="出生数")

    answer = page(client, None, "indicator_list", format=form)

    assert "attachment" in answer["Content-Disposition"]
    assert len(answer.content) > 100


def test_the_list_is_narrowed_by_status_and_words(client, house):
    on_track, other = house.indicator(name="出生数"), house.indicator(name="死亡数")
    house.goals(on_track, 60, 80)
    house.approved(on_track, 2025, 70)

    found = page(client, None, "indicator_list", status="achieved", year="2025").content.decode()
    by_word = page(client, None, "indicator_list", q="死亡").content.decode()

    assert ("出生数" in found, "死亡数</a>" in found) == (True, False)
    assert ("出生数</a>" in by_word, other.name in by_word) == (False, True)


def test_overdue_is_counted_until_a_reason_is_given(client, house):
    indicator = house.indicator()
    assert page(client, house.officer, "overdue").content.decode().count(indicator.name) >= 1

    house.write(indicator, 2025, None, missing_reason="調査を隔年に改めた")

    indicator.refresh_from_db()
    assert indicator.next_due_on.isoformat() == "2027-05-30"
    assert indicator.name not in page(client, house.officer, "overdue").content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "indicator_new",
        "grid",
        "waiting",
        "overdue",
        "element_list",
        "element_new",
        "run_list",
        "run_new",
        "trash",
    ],
)
def test_working_pages_open_for_an_officer_and_ask_visitors_to_sign_in(client, house, name):
    visitor = client.get(reverse(f"indicators:{name}")).status_code

    assert (visitor, page(client, house.officer, name).status_code) == (
        200 if name == "element_list" else 302,
        200,
    )


@pytest.mark.parametrize(
    "name",
    [
        "indicator_edit", "definition_new", "indicator_acquisition", "baseline_set", "target_set", "value_new",
        "indicator_retire", "indicator_print",
    ],
)  # fmt: skip
def test_pages_of_an_indicator_open_for_its_officer(client, house, name):
    indicator = house.indicator()

    answer = page(client, house.officer, name, indicator.pk)

    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


def test_two_who_write_at_once_see_both(client, house):
    indicator = house.indicator()
    client.force_login(house.officer)
    address = reverse("indicators:indicator_edit", args=[indicator.pk])
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: value for name, value in values.items() if value is not None and value is not False}
    Indicator.objects.filter(pk=indicator.pk).update(version=7, name="ほかの人が変えた")

    answer = client.post(address, values | {"name": "わたしが変えた", "version": "1", "dims": ""})

    assert answer.status_code == 422
    assert "ほかの人が先に保存しました" in answer.content.decode()


def test_offices_are_set_by_a_planner_and_asked_by_all_rooms(client, house):
    from enishi.indicators.offices import Office, acts_as
    from enishi.organizations.visibility import forget_reach

    before = acts_as(house.officer, house.organization, Office.FINANCE)
    client.force_login(house.planner)
    client.post(
        reverse("indicators:offices"),
        {"finance_section": house.section.pk, "deciders": [house.manager.pk], "version": "0"},
    )
    for person in (house.officer, house.planner, house.manager):
        forget_reach(person)
        person.__dict__.pop("_offices", None)

    assert (before, acts_as(house.officer, house.organization, Office.FINANCE)) == (False, True)
    assert not acts_as(house.planner, house.organization, Office.FINANCE)
    assert acts_as(house.planner, house.organization, Office.REVIEW)
    assert acts_as(house.manager, house.organization.pk, Office.COUNCIL)
    assert not acts_as(PersonFactory(), house.organization, Office.PLANNING)


def test_a_data_element_is_put_aside_and_taken_up_again(client, house):
    element = house.element("births")
    used = house.element("people")
    house.indicator(name="出生の割合", aggregation="none", definition="出生", unit="人")
    formula = {"text": "人の数", "numerator": "[people]", "valid_from": TODAY, "reason": "式にした"}
    services.define(indicator_id=Indicator.objects.get().pk, values=formula, actor=house.officer, at=NOON)
    away = reverse("indicators:element_retire", args=[element.pk])
    client.force_login(house.planner)

    refused = client.post(reverse("indicators:element_retire", args=[used.pk]), {"reason": "統計が終わった"})
    client.post(away, {"reason": "統計が終わった"})

    assert "の式が使っている" in refused.content.decode()
    shown = client.get(element.get_absolute_url()).content.decode()
    assert "統計が終わった" in shown
    assert "値を入れる" not in shown
    assert element.code not in client.get(reverse("indicators:element_list")).content.decode()
    assert element.code in client.get(reverse("indicators:element_list") + "?state=retired").content.decode()
    client.post(reverse("indicators:element_take_up", args=[element.pk]))
    element.refresh_from_db()
    assert element.retired_at is None


def test_a_change_is_set_read_and_dropped_by_a_program(client, house):
    indicator = house.indicator(direction="DOWN")
    services.set_baseline(
        indicator_id=indicator.pk, fiscal_year=2023, value=Decimal(200), actor=house.officer, at=NOON
    )
    address = f"/api/v1/indicators/{indicator.pk}/change-target"
    body = {"way": "down", "amount": "30", "fiscal_year": 2028, "words": "30%削減"}
    client.force_login(house.officer)

    made = client.post(address, body, "application/json")
    wrong = client.post(address, body | {"way": "up"}, "application/json")
    shown = client.get(f"/api/v1/indicators/{indicator.pk}").json()

    assert (made.status_code, made.json()["sentence"]) == (201, "基準値から30%減らす")
    assert Decimal(shown["change_target"]["target"]["value"]) == 140
    assert (wrong.status_code, "増減の向きを合わせてください" in str(wrong.json())) == (409, True)
    assert client.delete(address).status_code == 204
    assert client.get(f"/api/v1/indicators/{indicator.pk}").json()["change_target"] is None
