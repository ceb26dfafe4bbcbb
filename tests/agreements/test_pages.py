"""Pages: who gets in, what they show, and that a refusal keeps what was typed."""

import pytest
from django.urls import reverse

from enishi.agreements import services
from enishi.agreements.models import Agreement
from tests.agreements.build import House

pytestmark = pytest.mark.django_db


def _get(client, name, *args, **query):
    return client.get(reverse(f"agreements:{name}", args=args), query)


def test_the_whole_way_through_the_pages(client):
    house = House()
    client.force_login(house.officer)
    page = client.get(reverse("agreements:agreement_new"))
    assert page.status_code == 200

    typed = {
        "organization": house.town.pk,
        "title": "空き家の見守りに関する協定",
        "kind": "individual",
        "scheme": "hokatsu",
        "counterpart": house.company.name,
        "purpose": "空き家の異変に気づく。",
        "token": page.context["form"]["token"].value(),
    }
    for _press in range(2):
        made = client.post(reverse("agreements:agreement_new"), typed, follow=True)

    agreement = Agreement.objects.get()
    assert made.redirect_chain == [(agreement.get_absolute_url(), 302)]
    assert agreement.counterparts == "星川通信"
    for name in ("terms", "parties", "obligations", "risks", "about", "submit"):
        assert _get(client, f"agreement_{name}", agreement.pk).status_code == 200, name
    client.post(reverse("agreements:risk_start", args=[agreement.pk]), {"phase": ["共通"]})
    assert agreement.versions.get().risks.count() == 27
    assert _get(client, "agreement_risks", agreement.pk).status_code == 200
    table = _get(client, "risk_table", agreement.pk)
    assert "考え方" in table.content.decode()


def test_every_page_of_a_signed_agreement_opens(client):
    house = House()
    agreement = house.signed()
    client.force_login(house.officer)
    change = services.request_change(
        agreement_id=agreement.pk, title="期間", reason="延ばす", actor=house.officer, at=agreement.updated_at
    )

    for name in (
        "agreement_detail agreement_about agreement_end activity_add sleep_explain agreement_prolong incident_new "
        "dispute_new change_new document_list version_list copy_add risk_table agreement_sign"
    ).split():
        assert _get(client, name, agreement.pk).status_code == 200, name
    assert _get(client, "change_detail", change.pk).status_code == 200
    assert _get(client, "change_assess", change.pk).status_code == 200
    for name in ("agreement_list", "calendar", "import_new", "agreement_trash"):
        assert _get(client, name).status_code == 200, name


def test_visitors_choose_a_scheme_without_an_account(client):
    assert _get(client, "scheme_list").status_code == 200
    asked = _get(client, "scheme_ask")
    assert "相手はだれですか" in asked.content.decode()

    following = _get(
        client, "scheme_ask", partner="local_government", who_decides="hand_over", work="execute"
    )
    assert following.status_code == 200
    advice = _get(
        client, "scheme_advice", partner="local_government", who_decides="hand_over", work="execute"
    )

    page = advice.content.decode()
    assert "1. 事務の委託" in page
    assert "地方自治法第252条の16" in page
    assert "令和8年6月14日" in page
    assert "未確認" in page
    assert "この制度で協定を起こす" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"partner": "martian"},
        {"amount_yen": "たくさん", "asked": "amount_yen", "then": "next"},
        {"amount_yen": "△5"},
        {"partner": "\x00"},
        {"skip": "nothing"},
        {"asked": "partner", "then": "next"},
    ],
)
def test_strange_answers_never_break_the_advisor(client, query):
    for name in ("scheme_ask", "scheme_advice"):
        assert client.get(reverse(f"agreements:{name}"), query, follow=True).status_code == 200


def test_every_scheme_every_article_and_the_limits_open(client):
    from enishi.agreements.knowledge import knowledge
    from enishi.agreements.scheme_facts import article_url

    for scheme in knowledge().schemes.values():
        assert _get(client, "scheme_detail", scheme.id).status_code == 200
        for citation in scheme.citations:
            assert client.get(article_url(citation)).status_code == 200
    assert _get(client, "scheme_detail", "nothing").status_code == 404
    compare = _get(client, "scheme_compare", left="jimu_itaku", right="renkei_kyoyaku").content.decode()
    # What both say stands once; what needs no vote to differ in words is not called different.
    assert "どちらも" in compare and "違う" not in compare and "未確認" in compare
    limits = _get(client, "threshold_list", body="town", amount="９０万円").content.decode()
    assert "上限以下" in limits and "議決は要らない" in limits
    assert _get(client, "threshold_list", body="x", amount="abc").status_code == 200


def test_what_both_forms_say_by_the_same_article_names_it_once(client):
    page = _get(client, "scheme_compare", left="sogo_hyoka", right="ippan_nyusatsu")

    shared = [told[0] for _label, told in page.context["rows"] if len(told) == 1]
    named = [[place.name for place in told.articles] for told in shared]
    assert any(named)
    assert [names for names in named if len(names) > len(set(names))] == []


def test_partner_reads_inside_but_does_not_write_and_strangers_get_404(client):
    house = House()
    agreement = house.signed()

    client.force_login(house.partner)
    page = _get(client, "agreement_detail", agreement.pk).content.decode()
    assert "義務と期限" in page
    assert "決裁の順" not in page
    assert _get(client, "agreement_about", agreement.pk).status_code == 403
    assert _get(client, "change_new", agreement.pk).status_code == 200
    client.force_login(house.stranger)
    assert _get(client, "agreement_detail", agreement.pk).status_code == 404
    client.logout()
    assert _get(client, "agreement_detail", agreement.pk).status_code == 404


def test_a_public_agreement_shows_outsiders_no_inner_things(client):
    house = House()
    agreement = house.signed(visibility="public", costs="ひみつの費用")

    page = _get(client, "agreement_detail", agreement.pk).content.decode()

    assert "見守りに関する協定" in page
    assert "ひみつの費用" not in page
    assert "リスク分担" not in page


def test_documents_come_as_word_and_pdf(client):
    house = House()
    agreement = house.signed()
    client.force_login(house.officer)

    for kind in ("comprehensive", "individual", "trial", "memorandum", "covenant", "specification", "bill"):
        word = client.get(reverse("agreements:document_download", args=[agreement.pk, kind, "docx"]))
        assert word.content[:2] == b"PK", kind
    pdf = client.get(reverse("agreements:document_download", args=[agreement.pk, "individual", "pdf"]))
    assert pdf.content.startswith(b"%PDF-")
    assert (
        client.get(reverse("agreements:document_download", args=[agreement.pk, "poem", "pdf"])).status_code
        == 404
    )
    client.force_login(house.stranger)
    assert (
        client.get(reverse("agreements:document_download", args=[agreement.pk, "bill", "pdf"])).status_code
        == 404
    )


def test_list_narrows_and_exports(client):
    house = House()
    signed, draft = house.signed(title="防災の協定"), house.draft(title="下書きの協定")
    client.force_login(house.officer)

    both = _get(client, "agreement_list").content.decode()
    assert "防災の協定" in both and "下書きの協定" in both and "協定 2件" in both
    only = _get(client, "agreement_list", status="active", q="星川").content.decode()
    assert "防災の協定" in only and "下書きの協定" not in only
    exported = _get(client, "agreement_list", format="csv").content.decode("utf-8-sig")
    assert exported.splitlines()[0].startswith("管理番号,名称")
    assert len(exported.splitlines()) == 3
    assert signed.pk != draft.pk


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_the_same_number_of_questions(client, django_assert_max_num_queries, count):
    house = House()
    for _each in range(count):
        house.draft()
    client.force_login(house.officer)
    _get(client, "agreement_list")

    with django_assert_max_num_queries(24):
        assert _get(client, "agreement_list").status_code == 200


def test_who_saves_second_sees_both_and_may_keep_either(client):
    house = House()
    agreement = house.draft()
    opened = agreement.version
    services.edit_terms(
        agreement_id=agreement.pk,
        values={"purpose": "先に保存した目的"},
        version=opened,
        actor=house.colleague,
        at=agreement.updated_at,
    )
    client.force_login(house.officer)
    typed = {
        "title": "見守りに関する協定",
        "kind": "individual",
        "scheme": "hokatsu",
        "purpose": "あとから書いた目的",
        "renewal": "none",
        "personal_data": "none",
        "payment": "none",
        "version": str(opened),
    }
    address = reverse("agreements:agreement_terms", args=[agreement.pk])

    page = client.post(address, typed)

    assert "先に保存した目的" in page.content.decode() and "あとから書いた目的" in page.content.decode()
    client.post(address, typed | {"version": str(page.context["opened"])})
    assert agreement.versions.get().purpose == "あとから書いた目的"


def test_rows_saved_second_show_what_was_there(client):
    house = House()
    agreement = house.draft()
    opened = agreement.version
    row = {"bearer": "甲", "text": "先の義務"}
    services.save_obligations(
        agreement_id=agreement.pk, rows=[row], version=opened, actor=house.colleague, at=agreement.updated_at
    )
    client.force_login(house.officer)
    typed = {
        "rows-TOTAL_FORMS": "1",
        "rows-INITIAL_FORMS": "0",
        "rows-0-bearer": "乙",
        "rows-0-text": "あとの義務",
        "version": str(opened),
    }

    page = client.post(
        reverse("agreements:agreement_obligations", args=[agreement.pk]), typed
    ).content.decode()

    assert "先の義務" in page and "あとの義務" in page
    assert agreement.versions.get().obligations.get().text == "先の義務"


def test_a_double_press_records_once(client):
    house = House()
    agreement = house.signed()
    client.force_login(house.officer)
    address = reverse("agreements:activity_add", args=[agreement.pk])
    token = client.get(address).context["once"]

    for _press in range(2):
        client.post(address, {"on": "2026-11-20", "text": "訓練をした", "once": token})

    assert agreement.activities.count() == 1


def test_a_day_that_is_none_of_the_obligation_is_refused(client):
    house = House()
    agreement = house.draft()
    services.save_obligations(
        agreement_id=agreement.pk,
        rows=[{"bearer": "甲", "text": "報告", "due_on": agreement.starts_on}],
        version=agreement.version,
        actor=house.officer,
        at=agreement.updated_at,
    )
    house.submit(agreement)
    house.approve(agreement)
    services.sign(
        agreement_id=agreement.pk, signed_on=agreement.starts_on, actor=house.officer, at=agreement.updated_at
    )
    key = agreement.versions.get().obligations.get().key
    client.force_login(house.officer)

    address = reverse("agreements:obligation_fulfil", args=[agreement.pk, key, "2026-01-01"])
    page = client.post(address, {"outcome": "done", "done_on": "2026-11-20"}).content.decode()

    assert "その期限はありません" in page
    assert agreement.fulfilments.count() == 0


@pytest.mark.parametrize(
    "query",
    ["q=%00", "status=%00", "section=" + "9" * 40, "due=²", "after=zzz", "scheme=%00%ff", "field=%E3%81"],
)
def test_strange_filters_never_break_the_register(client, query):
    assert client.get(f"{reverse('agreements:agreement_list')}?{query}").status_code == 200


def test_no_inner_word_of_an_agreement_reaches_an_outsider_by_any_door(client):
    """A canary in every inner place; a stranger and a visitor look everywhere."""
    house = House()
    word = "カナリア秘密語"
    agreement = house.draft(visibility="public", costs=word, confidentiality=word, personal_data_note=word)
    services.save_obligations(
        agreement_id=agreement.pk,
        rows=[{"bearer": word, "text": word}],
        version=agreement.version,
        actor=house.officer,
        at=agreement.updated_at,
    )
    house.submit(agreement)
    house.approve(agreement)
    services.sign(
        agreement_id=agreement.pk, signed_on=agreement.starts_on, actor=house.officer, at=agreement.updated_at
    )
    services.report_incident(
        agreement_id=agreement.pk,
        values={"title": word, "happened_on": agreement.starts_on, "detail": word},
        actor=house.officer,
        at=agreement.updated_at,
    )
    doors = [
        agreement.get_absolute_url(),
        reverse("agreements:agreement_list") + "?format=csv",
        f"/api/v1/agreements/{agreement.pk}",
        "/api/v1/agreements",
        f"/search?q={word}",
        f"/organizations/{house.town.pk}/",
    ]

    for person in (None, house.stranger):
        if person is not None:
            client.force_login(person)
        for door in doors:
            page = client.get(door).content.decode("utf-8", "replace")
            assert page.count(word) <= (3 if door.startswith("/search") else 0), door
            if door.startswith("/search"):
                assert "見守りに関する協定" not in page
