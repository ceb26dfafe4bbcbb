"""From a match to a conversation: one contact a pair, read by its two sides, told to those who look after it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from enishi.audit.selectors import history
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches import selectors, services
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState, DeclineReason, Outcome, Side
from enishi.exchange.matches.errors import (
    ContactMovedError,
    EmptyNoteError,
    NotMatchableError,
    ReasonMissingError,
)
from enishi.exchange.matches.models import Contact, MatchFeedback
from enishi.exchange.models import Challenge
from enishi.notifications.models import Notice
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def planner():
    return MembershipFactory().person


@pytest.fixture
def partner():
    firm = OrganizationFactory(kind=OrganizationKind.COMPANY)
    return MembershipFactory(organization=firm, role=Role.PARTNER_MEMBER).person


@pytest.fixture
def challenge(planner):
    return ChallengeFactory(organization=planner.memberships.get().organization)


@pytest.fixture
def resource(partner):
    return ResourceFactory(organization=partner.memberships.get().organization)


@pytest.fixture
def begun(challenge, resource, planner):
    return services.contact(
        challenge=challenge, resource=resource, side=Side.CHALLENGE, message="", actor=planner, at=NOON
    )


def test_an_inquiry_goes_out_with_its_reasons(begun, partner):
    (notice,) = Notice.objects.all()

    assert begun.state == ContactState.CONTACTED
    assert (notice.person, notice.kind) == (partner, "match_contact")
    assert "理由" in begun.notes.get().body
    assert begun.parts["meaning"] is not None
    assert [event.action for event in history(begun)] == ["contact"]


def test_kept_reasons_are_told_in_the_readers_language(begun):
    begun.refresh_from_db()
    japanese = begun.told_reasons
    begun.reasons = [*begun.reasons, "対象の地域で提供しています"]
    with translation.override("en"):
        *english, of_earlier_edition = begun.told_reasons

    assert japanese and len(english) == len(japanese)
    assert all(said != again for said, again in zip(japanese, english, strict=True))
    assert of_earlier_edition != "対象の地域で提供しています"


def test_pressed_twice_it_is_one(begun, challenge, resource, planner, partner):
    again = services.contact(
        challenge=challenge, resource=resource, side=Side.CHALLENGE, message="", actor=planner, at=NOON
    )
    other_way = services.contact(
        challenge=challenge, resource=resource, side=Side.RESOURCE, message="", actor=partner, at=NOON
    )

    assert (again.pk, other_way.pk, begun.notes.count()) == (begun.pk, begun.pk, 1)


def test_a_candidate_is_its_own_sides_affair(challenge, resource, planner, partner):
    kept = services.note_candidate(
        challenge=challenge, resource=resource, side=Side.CHALLENGE, actor=planner, at=NOON
    )

    assert list(contact_access.visible(planner)) == [kept]
    assert list(contact_access.visible(partner)) == []
    assert not Notice.objects.exists()

    sent = services.contact(
        challenge=challenge, resource=resource, side=Side.RESOURCE, message="", actor=partner, at=NOON
    )

    assert (sent.pk, sent.opened_side, sent.turn) == (kept.pk, Side.RESOURCE, Side.CHALLENGE)


def test_only_the_two_sides_read_and_write(begun, planner, partner):
    stranger = MembershipFactory().person

    seen = {who: list(contact_access.visible(who)) for who in (planner, partner, stranger)}

    assert seen == {planner: [begun], partner: [begun], stranger: []}
    with pytest.raises(PermissionDenied):
        services.write_note(contact_id=begun.pk, body="お話を", side=Side.RESOURCE, actor=stranger, at=NOON)
    with pytest.raises(PermissionDenied):
        services.write_note(contact_id=begun.pk, body="お話を", side=Side.CHALLENGE, actor=partner, at=NOON)


def test_nobody_is_asked_about_what_they_may_not_read(challenge, resource, planner):
    challenge.visibility = Visibility.INTERNAL
    challenge.save()

    with pytest.raises(RefusedError, match="相手の団体から見えません"):
        services.contact(
            challenge=challenge, resource=resource, side=Side.CHALLENGE, message="", actor=planner, at=NOON
        )

    assert not Contact.objects.exists()


def test_a_draft_is_not_talked_about(planner, resource):
    draft = ChallengeFactory(organization=planner.memberships.get().organization, status="draft")

    with pytest.raises(NotMatchableError):
        services.note_candidate(
            challenge=draft, resource=resource, side=Side.CHALLENGE, actor=planner, at=NOON
        )


def test_an_answer_begins_the_dialogue(begun, partner, planner):
    services.write_note(
        contact_id=begun.pk, body="ぜひ\nお話を", side=Side.RESOURCE, actor=partner, at=NOON + DAY
    )

    begun.refresh_from_db()
    assert (begun.state, begun.turn) == (ContactState.IN_DIALOGUE, Side.CHALLENGE)
    assert [each.pk for each in selectors.awaiting(planner)] == [begun.pk]
    assert Notice.objects.filter(person=planner, kind="match_note").count() == 1
    assert begun.notes.last().body == "ぜひ\nお話を"


def test_the_challenge_follows_into_dialogue_when_its_side_says_so(begun, planner, partner):
    services.write_note(contact_id=begun.pk, body="ぜひ", side=Side.RESOURCE, actor=partner, at=NOON)
    assert Challenge.objects.get().status == "open"
    services.move(
        contact_id=begun.pk, state=ContactState.PROPOSED, side=Side.RESOURCE, actor=partner, at=NOON
    )

    services.move(
        contact_id=begun.pk, state=ContactState.IN_DIALOGUE, side=Side.CHALLENGE, actor=planner, at=NOON
    )

    assert Challenge.objects.get().status == "in_dialogue"


def test_an_empty_word_is_refused(begun, partner):
    with pytest.raises(EmptyNoteError):
        services.write_note(contact_id=begun.pk, body=" \x00\n", side=Side.RESOURCE, actor=partner, at=NOON)


@pytest.mark.parametrize(("reason", "note"), [("", "合わない"), ("budget", " "), ("nonsense", "合わない")])
def test_a_refusal_needs_its_reason(begun, partner, reason, note):
    with pytest.raises(ReasonMissingError):
        services.move(
            contact_id=begun.pk,
            state=ContactState.DECLINED,
            side=Side.RESOURCE,
            actor=partner,
            at=NOON,
            reason=reason,
            note=note,
        )


def test_what_ended_teaches_and_what_goes_on_again_does_not(begun, planner, partner):
    services.move(
        contact_id=begun.pk,
        state=ContactState.DECLINED,
        side=Side.RESOURCE,
        actor=partner,
        at=NOON,
        reason=DeclineReason.BUDGET,
        note="半年で390万円は合わない",
    )
    feedback = MatchFeedback.objects.get()

    assert (feedback.led_on, feedback.reason, feedback.parts) == (False, "budget", begun.parts)

    services.move(
        contact_id=begun.pk, state=ContactState.IN_DIALOGUE, side=Side.CHALLENGE, actor=planner, at=NOON
    )

    assert not MatchFeedback.objects.exists()


def test_the_outcome_is_told_later(begun, planner, partner):
    services.write_note(contact_id=begun.pk, body="ぜひ", side=Side.RESOURCE, actor=partner, at=NOON)
    services.move(
        contact_id=begun.pk, state=ContactState.ADOPTED, side=Side.CHALLENGE, actor=planner, at=NOON
    )
    assert MatchFeedback.objects.get().led_on

    services.note_outcome(
        contact_id=begun.pk, outcome=Outcome.NONE, side=Side.CHALLENGE, actor=planner, at=NOON + 300 * DAY
    )

    assert not MatchFeedback.objects.get().led_on


def test_a_step_that_does_not_follow_is_refused(begun, partner):
    with pytest.raises(ContactMovedError):
        services.move(
            contact_id=begun.pk, state=ContactState.PROPOSED, side=Side.RESOURCE, actor=partner, at=NOON
        )


def test_silence_is_reminded_of_once_and_then_sleeps(begun, partner):
    counts = [services.remind_silent(NOON + days * DAY) for days in (13, 14, 15, 27, 28, 29)]

    begun.refresh_from_db()
    assert counts == [0, 1, 0, 0, 1, 0]
    assert begun.state == ContactState.DORMANT
    assert Notice.objects.filter(person=partner, kind="match_silent").count() == 1

    services.write_note(
        contact_id=begun.pk, body="遅くなりました", side=Side.RESOURCE, actor=partner, at=NOON + 40 * DAY
    )

    begun.refresh_from_db()
    assert (begun.state, begun.reminded_at) == (ContactState.IN_DIALOGUE, None)


def test_past_contacts_come_in_without_a_word_to_anybody(challenge, resource, planner):
    services.record_past_contact(
        challenge=challenge,
        resource=resource,
        state="declined",
        reason="半年で390万円は村の予算に合わない。",
        actor=planner,
        at=NOON,
    )

    past = Contact.objects.get()
    assert (past.state, past.decline_reason) == (ContactState.DECLINED, DeclineReason.BUDGET)
    assert MatchFeedback.objects.count() == 1
    assert not Notice.objects.exists()


def test_similar_pairs_tell_refusals_only_to_their_sides(challenge, resource, planner):
    for state, outcome in (("declined", ""), ("adopted", "implemented")):
        services.record_past_contact(
            challenge=ChallengeFactory(title=f"{challenge.title} {state}"),
            resource=ResourceFactory(title=f"{resource.title} {state}"),
            state=state,
            outcome=outcome,
            reason="遠くて通えない" if state == "declined" else "",
            actor=planner,
            at=NOON,
        )
    services.index_now("challenge", Challenge.objects.values_list("pk", flat=True))
    services.index_now("resource", [each.resource_id for each in Contact.objects.all()] + [resource.pk])

    told = selectors.similar_past_pairs(planner, challenge, resource)

    assert [(pair.contact.state, pair.led_on) for pair in told] == [("adopted", True)]


class TestPages:
    @pytest.fixture
    def pair_url(self, challenge, resource):
        return reverse("matches:pair", args=[challenge.pk, resource.pk])

    def test_the_pair_shows_both_texts_marked_and_its_parts(self, client, planner, resource, pair_url):
        resource.title = "一人で暮らす高齢者の変化に気づく"
        resource.save()
        client.force_login(planner)

        page = client.get(pair_url).content.decode()

        assert "<mark>" in page
        assert "点の内訳" in page
        assert "話してみる" in page

    def test_hostile_text_stays_text(self, client, planner, challenge, resource, pair_url):
        resource.offer = "<script>alert(1)</script>高齢者の変化に気づく"
        resource.save()
        client.force_login(planner)

        page = client.get(pair_url).content.decode()

        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page

    def test_a_press_sends_and_a_second_press_finds_it(self, client, planner, pair_url):
        client.force_login(planner)

        first = client.post(f"{pair_url}contact/", {"message": "お話を", "side": "challenge"})
        second = client.post(f"{pair_url}contact/", {"message": "お話を", "side": "challenge"})

        assert first.url == second.url
        assert "お話を" in client.get(first.url).content.decode()

    def test_others_do_not_learn_of_it(self, client, begun):
        client.force_login(MembershipFactory().person)
        for name in ("contact_detail", "contact_letter"):
            assert client.get(reverse(f"matches:{name}", args=[begun.pk])).status_code == 404
        for name in ("contact_note", "contact_move", "contact_outcome"):
            assert client.post(reverse(f"matches:{name}", args=[begun.pk])).status_code == 404

    def test_visitors_are_asked_to_sign_in(self, client, begun, pair_url):
        for url in (
            pair_url,
            begun.get_absolute_url(),
            reverse("matches:contact_list"),
            reverse("matches:pairs"),
        ):
            answer = client.get(url)
            assert (answer.status_code, "/login/" in answer.url) == (302, True)

    def test_a_pair_with_something_unseen_is_not_there(self, client, planner, resource, challenge):
        resource.visibility = Visibility.INTERNAL
        resource.save()
        client.force_login(planner)

        assert client.get(reverse("matches:pair", args=[challenge.pk, resource.pk])).status_code == 404

    def test_a_note_sent_twice_is_one(self, client, partner, begun):
        client.force_login(partner)
        token = "0b7d6d2e-4f43-4d5a-9d1f-8f3f7f0f9a11"

        for _press in range(2):
            client.post(f"{begun.get_absolute_url()}note/", {"body": "はい", "token": token})

        assert begun.notes.filter(kind="note").count() == 1

    def test_a_refusal_without_reason_keeps_what_was_written(self, client, partner, begun):
        client.force_login(partner)

        answer = client.post(
            f"{begun.get_absolute_url()}move/", {"state": "declined", "reason": "", "note": "遠いので"}
        )

        assert answer.status_code == 422
        assert "遠いので" in answer.content.decode()

    def test_the_letter_names_both_sides(self, client, planner, begun):
        client.force_login(planner)

        page = client.get(f"{begun.get_absolute_url()}letter/").content.decode()

        assert f"{begun.offering.name} 御中" in page
        assert begun.challenge.title in page

    def test_the_lists_questions_do_not_grow(self, client, planner, challenge):
        client.force_login(planner)
        asked = []

        for more in (1, 3):
            for resource in ResourceFactory.create_batch(more):
                services.contact(
                    challenge=challenge,
                    resource=resource,
                    side=Side.CHALLENGE,
                    message="",
                    actor=planner,
                    at=NOON,
                )
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse("matches:contact_list"))
            asked.append((len(queries), page.content.decode().count('class="row"')))

        assert [rows for _questions, rows in asked] == [1, 4]
        assert asked[0][0] == asked[1][0]


def test_a_pair_the_partner_cannot_read_says_so_before_anybody_writes(client):
    planner = MembershipFactory().person
    challenge = ChallengeFactory(
        organization=planner.memberships.get().organization, visibility=Visibility.INTERNAL
    )
    resource = ResourceFactory()
    client.force_login(planner)

    page = client.get(f"/matches/{challenge.pk}/{resource.pk}/").content.decode()

    assert "は相手の団体から見えません" in page
    assert 'name="message"' not in page
