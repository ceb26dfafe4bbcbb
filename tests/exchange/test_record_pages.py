"""The pages of challenges and resources: who reads, who writes, what is never lost."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.models import FormDraft
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    ResourceFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return OrganizationFactory(name="あおば市")


@pytest.fixture
def planner(client, town):
    person = MembershipFactory(organization=town).person
    client.force_login(person)
    return person


def address(where, *args):
    return reverse(f"exchange:{where}", args=args)


def typed(record, **values):
    return {"version": record.version, **values}


@pytest.mark.parametrize(
    "where",
    [
        "challenge_list",
        "resource_list",
        "challenge_detail",
        "resource_detail",
        "challenge_pitch",
        "resource_pitch",
    ],
)
def test_visitors_read_what_is_public(where, client):
    record = ChallengeFactory() if where.startswith("challenge") else ResourceFactory()
    args = [] if where.endswith("list") else [record.pk]

    response = client.get(address(where, *args))

    assert response.status_code == 200
    assert record.title in response.content.decode()


@pytest.mark.parametrize("visibility", [one for one in Visibility if one != Visibility.PUBLIC])
def test_strangers_do_not_learn_of_other_records(visibility, client):
    organization = OrganizationFactory()
    section = SectionFactory(organization=organization)
    challenge = ChallengeFactory(organization=organization, section=section, visibility=visibility)

    assert client.get(address("challenge_detail", challenge.pk)).status_code == 404
    assert challenge.title not in client.get(address("challenge_list")).content.decode()


@pytest.mark.parametrize(
    "where", ["challenge_create", "challenge_start", "resource_create", "trash", "search_list", "field_list"]
)
def test_visitors_are_asked_to_sign_in(where, client):
    response = client.get(address(where))

    assert response.status_code == 302
    assert "login" in response.url


@pytest.mark.parametrize("where", ["edit", "check", "status", "delete", "files"])
def test_readers_are_told_who_may_write(where, client):
    client.force_login(MembershipFactory().person)
    challenge = ChallengeFactory(organization__name="よその市")

    response = client.get(address(f"challenge_{where}", challenge.pk))

    assert response.status_code == 403
    assert "よその市の担当の人" in response.content.decode()


def test_a_challenge_is_written_step_by_step_and_published(client, planner, town):
    field = Field.objects.get(code="welfare-1")
    answer = client.post(
        address("challenge_create"),
        {
            "title": "一人で暮らす高齢者の変化に気づけない",
            "sufferers": ["residents"],
            "present_state": "訪問は月一回。",
            "token": str(uuid.uuid4()),
        },
    )
    challenge = Challenge.objects.get()
    assert answer.url == address("challenge_step", challenge.pk, "goal")

    steps = [
        ("goal", {"desired_state": "二日以内に気づける。"}),
        ("seek", {"fields": [field.pk], "areas": "あおば市"}),
        ("terms", {"budget_max_yen": "１２０万円", "window_from": "令和9年4月1日", "window_to": "R10.3.31"}),
        ("share", {"contact_name": "高齢福祉課", "visibility": "public"}),
    ]
    for slug, values in steps:
        challenge.refresh_from_db()
        answer = client.post(address("challenge_step", challenge.pk, slug), typed(challenge, **values))
    assert answer.url == address("challenge_check", challenge.pk)
    answer = client.post(address("challenge_publish", challenge.pk))

    challenge.refresh_from_db()
    assert challenge.status == "open"
    assert (challenge.budget_max_yen, challenge.window_to) == (1_200_000, dt.date(2028, 3, 31))
    assert list(challenge.areas.all()) == [town]
    assert "令和9年度に受け入れ可能" in client.get(challenge.get_absolute_url()).content.decode()


def test_a_resource_is_written_step_by_step_and_published(client):
    firm = MembershipFactory(organization__kind=OrganizationKind.COMPANY, role=Role.PARTNER_MEMBER)
    client.force_login(firm.person)
    client.post(
        address("resource_create"),
        {
            "title": "見守りセンサー",
            "kinds": ["technology"],
            "offer": "家族に知らせます。",
            "token": str(uuid.uuid4()),
        },
    )
    resource = Resource.objects.get()
    steps = [
        ("reach", {"fields": [Field.objects.get(code="welfare-1").pk], "is_nationwide": "on"}),
        ("terms", {"cost_terms": "paid", "cost_max_yen": "980"}),
        ("share", {"visibility": "public"}),
    ]
    for slug, values in steps:
        resource.refresh_from_db()
        client.post(address("resource_step", resource.pk, slug), typed(resource, **values))

    client.post(address("resource_publish", resource.pk))

    resource.refresh_from_db()
    assert (resource.status, resource.is_nationwide, resource.cost_max_yen) == ("open", True, 980)


@pytest.mark.parametrize("where", ["challenge_create", "challenge_start"])
def test_a_double_click_makes_one_challenge(where, client, planner):
    values = {"title": "空き家が増えている", "sentence": "空き家が増えている", "token": str(uuid.uuid4())}

    first, second = [client.post(address(where), values) for _ in range(2)]

    assert Challenge.objects.count() == 1
    assert first.url == second.url


def test_what_was_typed_wrongly_is_kept_until_it_is_saved(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    step = address("challenge_step", challenge.pk, "terms")

    refused = client.post(step, typed(challenge, due_on="令和8年13月", conditions="夜は使えない"))
    again = client.get(step).content.decode()
    client.post(step, typed(challenge, due_on="令和8年12月1日", conditions="夜は使えない"))

    assert "「令和8年13月」は日付として読めません" in refused.content.decode()
    assert "夜は使えない" in again
    assert not FormDraft.objects.exists()


def test_a_kept_draft_can_be_dropped(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    client.post(address("challenge_step", challenge.pk, "terms"), typed(challenge, due_on="いつか"))

    client.post(address("challenge_draft_discard", challenge.pk, "terms"))

    assert not FormDraft.objects.exists()


def test_the_second_of_two_editors_sees_both_versions(client, planner, town):
    challenge = ChallengeFactory(organization=town, desired_state="もとの文")
    step = address("challenge_step", challenge.pk, "goal")
    client.post(step, typed(challenge, desired_state="先の人の文"))

    response = client.post(step, typed(challenge, desired_state="後の人の文"))

    page = response.content.decode()
    assert response.status_code == 409
    assert "先の人の文" in page and "後の人の文" in page
    challenge.refresh_from_db()
    assert challenge.desired_state == "先の人の文"


def test_the_second_editor_may_then_save_with_the_new_version(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    step = address("challenge_step", challenge.pk, "goal")
    client.post(step, typed(challenge, desired_state="先の人の文"))
    response = client.post(step, typed(challenge, desired_state="後の人の文"))
    version = response.context["form"].data["version"]

    client.post(step, {"version": version, "desired_state": "合わせた文"})

    challenge.refresh_from_db()
    assert challenge.desired_state == "合わせた文"


def test_publishing_too_early_leads_to_what_is_missing(client, planner, town):
    challenge = ChallengeFactory(organization=town, status="draft", desired_state="")

    answer = client.post(address("challenge_publish", challenge.pk), follow=True)

    page = answer.content.decode()
    assert "めざす姿を書いてください。" in page
    assert address("challenge_step", challenge.pk, "goal") in page


def test_the_status_moves_on_with_its_reason(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    page = address("challenge_status", challenge.pk)

    refused = client.post(page, {"status": "closed", "reason": ""})
    client.post(page, {"status": "closed", "reason": "予算が見送られたため"})

    assert "理由を書いてください。" in refused.content.decode()
    challenge.refresh_from_db()
    assert (challenge.status, challenge.status_reason) == ("closed", "予算が見送られたため")


def test_an_impossible_status_is_no_choice(client, planner, town):
    challenge = ChallengeFactory(organization=town, status="solved")

    response = client.post(
        address("challenge_status", challenge.pk), {"status": "in_dialogue", "reason": "x"}
    )

    assert response.status_code == 200
    challenge.refresh_from_db()
    assert challenge.status == "solved"


def test_the_bin_gives_back(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    client.post(address("challenge_delete", challenge.pk))
    assert client.get(challenge.get_absolute_url()).status_code == 404
    assert challenge.title in client.get(address("trash")).content.decode()

    client.post(address("challenge_restore", challenge.pk))

    assert client.get(challenge.get_absolute_url()).status_code == 200


def test_giving_back_twice_does_no_harm(client, planner, town):
    challenge = ChallengeFactory(organization=town)

    answer = client.post(address("challenge_restore", challenge.pk), follow=True)

    assert "すでに元に戻されています" in answer.content.decode()


def test_the_bin_shows_nobody_elses(client, planner):
    challenge = ChallengeFactory(deleted_at=dt.datetime.now(dt.UTC))

    page = client.get(address("trash")).content.decode()

    assert challenge.title not in page
    assert client.post(address("challenge_restore", challenge.pk)).status_code == 404


@pytest.mark.parametrize(
    ("areas", "sentence"),
    [
        ("あおば", "「あおば」は見つかりません"),
        ("府中市", "「府中市」は2か所あります"),
        ("、".join(f"x{number}" for number in range(300)), "一度に書けるのは200か所までです"),
    ],
)
def test_places_that_cannot_be_told_get_a_sentence(areas, sentence, client, planner, town):
    challenge = ChallengeFactory(organization=town)

    response = client.post(address("challenge_step", challenge.pk, "seek"), typed(challenge, areas=areas))

    assert sentence in response.content.decode()


def test_a_place_is_told_by_its_prefecture_and_read_back(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    step = address("challenge_step", challenge.pk, "seek")

    client.post(step, typed(challenge, areas="広島県府中市、あおば市"))

    assert set(challenge.areas.values_list("prefecture_code", flat=True)) == {"34", ""}
    assert "広島県府中市" in client.get(step).content.decode()


BAD = [
    "\x00",
    "<script>alert(1)</script>",
    "𠮷野家👨‍👩‍👧",
    "葛\U000e0100城市",
    "あ" * 1_000_000,
    "=cmd|'/c calc'!A1",
    "'; --",
]


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(
    "name", ["title", "present_state", "due_on", "budget_min_yen", "areas", "fields", "visibility"]
)
def test_no_text_in_any_field_breaks_a_page(name, text, client, planner, town):
    challenge = ChallengeFactory(organization=town)
    slug = {
        "title": "trouble",
        "present_state": "trouble",
        "areas": "seek",
        "fields": "seek",
        "visibility": "share",
    }
    values = {"title": "題名です", "visibility": "internal"} | {name: text}

    response = client.post(
        address("challenge_step", challenge.pk, slug.get(name, "terms")), typed(challenge, **values)
    )

    assert response.status_code in {200, 302}
    assert "<script>alert" not in client.get(challenge.get_absolute_url()).content.decode()


@pytest.mark.parametrize("where", ["challenge_list", "resource_list"])
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "a" * 5_000,
        "after=zzz",
        "before=W10",
        "field=x&area=p999999999999999999999&window=99999",
        "area=13&kind=x&sort=x&fresh=1&mine=1",
        "q=%E3%80%8C%27%22%5C%25_",
    ],
)
def test_no_address_breaks_a_list(where, query, client, planner):
    assert client.get(f"{address(where)}?{query}").status_code == 200


def test_a_huge_number_in_an_address_is_not_found(client):
    assert client.get("/challenges/99999999999999999999999/").status_code == 404


@pytest.mark.parametrize("where", ["challenge_list", "resource_list"])
def test_the_queries_of_a_list_do_not_grow(where, client, planner, django_assert_max_num_queries):
    make = ChallengeFactory if where.startswith("challenge") else ResourceFactory
    make.create_batch(2)
    client.get(address(where))
    # The rail counts what waits at the desk, and the newest are looked for among the fresh and the sunk.
    with django_assert_max_num_queries(21) as few:
        client.get(address(where))
    make.create_batch(15)

    with django_assert_max_num_queries(len(few)):
        response = client.get(address(where))

    assert response.content.decode().count('class="row"') == 17


@pytest.mark.parametrize("kind", ["challenge", "resource"])
def test_the_queries_of_a_record_do_not_grow(kind, client, planner, town, django_assert_max_num_queries):
    make = ChallengeFactory if kind == "challenge" else ResourceFactory
    fields = list(Field.objects.all()[:6])
    record = make(organization=town, fields=fields[:1], areas=[town])
    make(fields=fields[:1])
    client.get(record.get_absolute_url())
    # The red thread and the panels ask each room above once.
    with django_assert_max_num_queries(34) as few:
        client.get(record.get_absolute_url())
    record.fields.set(fields)
    record.areas.set([town, *OrganizationFactory.create_batch(8)])
    make.create_batch(4, fields=fields)

    with django_assert_max_num_queries(len(few)):
        client.get(record.get_absolute_url())


def test_lists_are_paged_by_key(client):
    ChallengeFactory.create_batch(45)
    seen, page = [], address("challenge_list")
    while page:
        response = client.get(page)
        rows = response.context["page"].rows
        seen += [row.pk for row in rows]
        cursor = response.context["page"].next_cursor
        page = f"{address('challenge_list')}?after={cursor}" if cursor else ""

    assert len(seen) == len(set(seen)) == 45


def test_unconfirmed_resources_sink_and_expired_ones_leave(client):
    expired = ResourceFactory(expires_on=NOON.date() - dt.timedelta(days=400))
    stale = ResourceFactory(confirmed_on=dt.date(2020, 3, 1), updated_at=NOON + dt.timedelta(days=1))
    fresh = ResourceFactory(confirmed_on=dt.date.today())

    response = client.get(address("resource_list"))

    assert [row.pk for row in response.context["page"].rows] == [fresh.pk, stale.pk]
    assert "要確認(最終確認 令和2年3月1日)" in response.content.decode()
    assert "掲載期限が過ぎています" in client.get(expired.get_absolute_url()).content.decode()


def test_a_new_record_is_the_writers_sections(client, town):
    section = SectionFactory(organization=town)
    client.force_login(MembershipFactory(organization=town, section=section, role=Role.OFFICER).person)

    client.post(address("challenge_create"), {"title": "空き家が増えている"})

    assert Challenge.objects.get().section == section


def test_the_words_asked_for_are_marked(client):
    ChallengeFactory(title="空き家が増えている")

    page = client.get(address("challenge_list"), {"q": "空家"}).content.decode()

    assert "<mark>空き家</mark>" in page
