"""What challenges and resources show on the home page and on an organisation's page."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from enishi.exchange import history, panels, services
from enishi.exchange.models import Challenge, Field
from enishi.foundation.models import FormDraft
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return MembershipFactory()


def titles(context):
    return [item.title for item in context["items"]] if context else []


def test_my_drafts_and_our_unconfirmed_resources_wait_for_me(place):
    mine = ChallengeFactory(organization=place.organization, status="draft", updated_by=place.person)
    ChallengeFactory(organization=place.organization, status="draft")
    old = ResourceFactory(organization=place.organization, confirmed_on=dt.date(2026, 3, 1))
    ResourceFactory(organization=place.organization)
    ResourceFactory(confirmed_on=dt.date(2026, 3, 1))

    assert titles(panels.waiting(place.person, NOON)) == [mine.title, old.title]


def test_what_seeks_partners_after_its_deadline_is_late(place):
    late = ChallengeFactory(organization=place.organization, due_on=dt.date(2026, 11, 1))
    ChallengeFactory(organization=place.organization, due_on=dt.date(2026, 12, 1))
    ChallengeFactory(organization=place.organization, due_on=dt.date(2026, 11, 1), status="solved")

    assert panels.late(place.person, NOON) == {"challenges": [late]}


def test_an_organization_shows_what_the_reader_may_read(client):
    firm = OrganizationFactory(kind=OrganizationKind.COMPANY)
    shown = ResourceFactory(organization=firm)
    ResourceFactory(organization=firm, visibility=Visibility.INTERNAL)

    context = panels.of_organization(MembershipFactory().person, firm)

    assert context["resources"] == [shown]


def test_what_is_being_typed_is_kept_and_shown_again(client, place):
    client.force_login(place.person)
    challenge = ChallengeFactory(organization=place.organization)
    keep = reverse("exchange:challenge_draft_keep", args=[challenge.pk, "goal"])

    answer = client.post(keep, {"desired_state": "まだ途中の文", "version": 1})
    page = client.get(reverse("exchange:challenge_step", args=[challenge.pk, "goal"])).content.decode()

    assert answer.content.decode().startswith("入力を控えました")
    assert "まだ途中の文" in page
    challenge.refresh_from_db()
    assert challenge.desired_state != "まだ途中の文"


def test_a_kept_draft_does_not_silently_replace_what_others_wrote_since(client, place):
    client.force_login(place.person)
    challenge = ChallengeFactory(organization=place.organization)
    step = reverse("exchange:challenge_step", args=[challenge.pk, "goal"])
    client.post(
        reverse("exchange:challenge_draft_keep", args=[challenge.pk, "goal"]), {"desired_state": "控えた文"}
    )
    services.edit_challenge(
        challenge_id=challenge.pk,
        values={"desired_state": "ほかの人の文"},
        version=1,
        actor=MembershipFactory(organization=place.organization).person,
        at=timezone.now(),
    )

    version = client.get(step).context["form"].data["version"]
    answer = client.post(step, {"desired_state": "控えた文", "version": version})

    assert answer.status_code == 409
    assert "ほかの人の文" in answer.content.decode()


def test_a_new_challenge_is_kept_before_it_is_there(client, place):
    client.force_login(place.person)

    client.post(reverse("exchange:challenge_draft_new"), {"title": "まだ途中の題名"})
    page = client.get(reverse("exchange:challenge_create")).content.decode()

    assert "まだ途中の題名" in page
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RESIDENT])
def test_readers_keep_nothing(role, client, place):
    client.force_login(MembershipFactory(organization=place.organization, role=role).person)
    challenge = ChallengeFactory(organization=place.organization)

    answer = client.post(reverse("exchange:challenge_draft_keep", args=[challenge.pk, "goal"]), {"x": "y"})

    assert answer.status_code == 403
    assert not FormDraft.objects.exists()


def test_a_huge_paste_is_not_kept(client, place):
    client.force_login(place.person)

    client.post(reverse("exchange:challenge_draft_new"), {"title": "あ" * 300_000})

    assert not FormDraft.objects.exists()


def test_what_was_just_written_is_found_by_another_spelling(
    client, place, django_capture_on_commit_callbacks
):
    client.force_login(place.person)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("exchange:challenge_create"), {"title": "こども食堂の食材が足りない"})
    Challenge.objects.update(status="open", published_at=NOON)
    challenge = Challenge.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("exchange:challenge_step", args=[challenge.pk, "goal"]),
            {"version": challenge.version, "desired_state": "毎週ひらける。"},
        )

    page = client.get(reverse("exchange:challenge_list"), {"q": "子ども食堂"})

    assert [row.pk for row in page.context["page"].rows] == [challenge.pk]


def test_the_history_says_codes_and_names_in_words(client, place):
    client.force_login(place.person)
    challenge = ChallengeFactory(organization=place.organization)
    services.edit_challenge(
        challenge_id=challenge.pk,
        values={
            "sufferers": ["residents", "administration"],
            "field_ids": [Field.objects.get(code="housing-1").pk],
        },
        version=1,
        actor=place.person,
        at=timezone.now(),
    )

    (line,) = history.lines(challenge)

    assert line.sentence == "書き直しました。"
    assert {(change.label, change.before, change.after) for change in line.changes} == {
        ("だれが困っているか", "住民", "住民・行政"),
        ("分野", "", "空き家"),
    }
