"""Rankings as people see them: filters, what was left out, new ones, fair reach, combinations, weights."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enishi.engines.matching import MatchWeights, View
from enishi.exchange.matches import calculations, reach, selectors, services, together
from enishi.exchange.matches.enums import ContactState, Side
from enishi.exchange.matches.errors import ConflictRefusedError, TooFewOutcomesError
from enishi.exchange.matches.models import (
    Contact,
    JointPartner,
    MatchFeedback,
    SuggestedMatch,
    WeightsVersion,
)
from enishi.exchange.models import Challenge, Field, Resource
from enishi.notifications.models import Notice
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def read_all():
    services.index_now("challenge", Challenge.objects.values_list("pk", flat=True))
    services.index_now("resource", Resource.objects.values_list("pk", flat=True))


@pytest.fixture
def planner():
    return MembershipFactory().person


@pytest.fixture
def town(planner):
    return planner.memberships.get().organization


@pytest.fixture
def challenge(town):
    return ChallengeFactory(organization=town, fields=[Field.objects.get(code="welfare-1")])


def ranked(who, challenge, **wanted):
    page = selectors.ranked_resources(
        who, challenge, at=timezone.now(), wanted=selectors.Filter(**wanted) if wanted else None
    )
    return [found.record for found in page.rows], page


def test_filters_narrow_and_count(planner, challenge):
    people = ResourceFactory(
        kinds=["people"],
        fields=[Field.objects.get(code="welfare-2")],
        published_at=timezone.now() - dt.timedelta(days=90),
    )
    space = ResourceFactory(kinds=["space"], published_at=timezone.now())
    read_all()

    assert set(ranked(planner, challenge)[0]) == {people, space}
    assert ranked(planner, challenge, kinds=frozenset({"people"}))[0] == [people]
    assert ranked(planner, challenge, fields=frozenset({"welfare"}))[0] == [people]
    assert ranked(planner, challenge, new=True)[0] == [space]
    assert ranked(planner, challenge)[1].choices["kind"] == {"people": 1, "space": 1}


def test_what_a_viewer_may_not_see_is_not_even_counted(planner, challenge):
    ResourceFactory(visibility=Visibility.INTERNAL, expires_on=dt.date(2020, 1, 1))
    ResourceFactory(expires_on=dt.date(2020, 1, 1))
    ResourceFactory(window_to=dt.date(2020, 1, 1))
    ResourceFactory(organization=challenge.organization)
    read_all()

    rows, page = ranked(planner, challenge)

    assert rows == []
    assert [(each.count) for each in page.excluded] == [1, 1, 1]
    assert page.considered == 0


def test_a_conflict_keeps_a_partner_out_until_it_ends(planner, town, challenge):
    resource = ResourceFactory()
    read_all()

    conflict = services.mark_conflict(
        organization=town, partner=resource.organization, reason="入札中のため", actor=planner, at=NOON
    )
    assert ranked(planner, challenge)[0] == []
    services.end_conflict(conflict_id=conflict.pk, actor=planner, at=NOON)

    assert ranked(planner, challenge)[0] == [resource]


def test_a_partner_never_learns_of_a_conflict(client, planner, town, challenge):
    firm = OrganizationFactory(kind=OrganizationKind.COMPANY)
    partner = MembershipFactory(organization=firm, role=Role.PARTNER_MEMBER).person
    resource = ResourceFactory(organization=firm)
    read_all()
    services.mark_conflict(organization=town, partner=firm, reason="入札中のため", actor=planner, at=NOON)

    page = selectors.ranked_challenges(partner, resource, at=timezone.now())
    client.force_login(partner)
    pair = client.get(reverse("matches:pair", args=[challenge.pk, resource.pk])).content.decode()

    assert (page.count, list(page.excluded)) == (0, [])
    assert "利害" not in pair
    client.force_login(planner)
    assert "利害" in client.get(reverse("matches:pair", args=[challenge.pk, resource.pk])).content.decode()


def test_conflicts_are_marked_by_planners_with_a_reason(town, planner):
    other = OrganizationFactory()
    officer = MembershipFactory(organization=town, role=Role.OFFICER).person

    with pytest.raises(PermissionDenied):
        services.mark_conflict(organization=town, partner=other, reason="入札", actor=officer, at=NOON)
    with pytest.raises(ConflictRefusedError):
        services.mark_conflict(organization=town, partner=other, reason=" ", actor=planner, at=NOON)
    with pytest.raises(ConflictRefusedError):
        services.mark_conflict(organization=town, partner=town, reason="入札", actor=planner, at=NOON)


def test_the_score_is_the_sum_of_its_parts(planner, challenge):
    ResourceFactory(title="高齢者の変化に気づく見守り")
    read_all()

    (found,) = ranked(planner, challenge)[1].rows

    assert sum(part.contribution for part in found.match.parts) == pytest.approx(found.match.score, abs=1e-4)
    text = f"{found.record.title}\n{found.record.offer}"
    assert all(text[phrase.can_start : phrase.can_end] == phrase.can for phrase in found.match.phrases)


def test_a_resource_finds_its_challenges(planner, challenge):
    near = ResourceFactory(title="高齢者の変化に気づく見守り")
    ChallengeFactory(
        title="橋の点検が追いつかない", present_state="橋が古い。", desired_state="点検が終わる。"
    )
    ChallengeFactory(visibility=Visibility.INTERNAL)
    ChallengeFactory(status="solved")
    read_all()

    page = selectors.ranked_challenges(planner, near, at=timezone.now())

    assert page.rows[0].record.title == challenge.title
    assert page.count == 2


def test_new_matches_are_those_since_the_last_look(planner, challenge):
    at = timezone.now()
    ResourceFactory()
    read_all()
    services.suggest_changed(at)

    assert len(selectors.new_suggestions(planner, at, limit=9)) == 1

    services.note_visit(actor=planner, at=at)
    later = ResourceFactory()
    services.index_now("resource", [later.pk])
    services.suggest_changed(at + dt.timedelta(minutes=1))

    assert [each.resource for each in selectors.new_suggestions(planner, at, limit=9)] == [later]


def test_the_round_after_changes_forgets_what_is_gone(challenge):
    resource = ResourceFactory()
    read_all()
    services.suggest_changed(NOON)
    assert SuggestedMatch.objects.count() == 1

    Resource.objects.filter(pk=resource.pk).update(status="closed")
    services.index_now("resource", [resource.pk])
    services.suggest_changed(NOON)

    assert not SuggestedMatch.objects.exists()
    assert services.suggest_changed(NOON) == 0


def test_home_asks_as_much_for_three_contacts_as_for_one(planner, challenge):
    from enishi.foundation.panels import home_panels

    # What is worked out once for each loaded person is asked for here.
    home_panels(planner, NOON)
    asked = []
    for _each in range(3):
        services.contact(
            challenge=challenge,
            resource=ResourceFactory(),
            side=Side.CHALLENGE,
            message="",
            actor=planner,
            at=NOON,
        )
        Contact.objects.update(turn=Side.CHALLENGE)
        read_all()
        services.suggest_changed(timezone.now())
        with CaptureQueriesContext(connection) as questions:
            panels = home_panels(planner, NOON)
        asked.append(len(questions))

    assert asked[0] == asked[1] == asked[2]
    assert {panel.group for panel in panels} >= {"today"}


def test_reach_is_measured_and_a_floor_states_its_loss(planner, town, challenge):
    for number in range(12):
        ResourceFactory(title=f"高齢者の変化に気づく見守り {number}")
    npo = OrganizationFactory(kind=OrganizationKind.NPO)
    for number in range(3):
        ResourceFactory(organization=npo, title=f"話し相手の会 {number}")
    read_all()
    services.suggest_for(organization_id=town.pk, at=NOON)

    measured = reach.reach_of_organization(town.pk)

    assert (measured.places, measured.underserved) == (10, 0)
    tried = {each.percent: each for each in measured.tried}
    assert (tried[20].after, tried[20].is_reached) == (0.2, True)
    assert tried[50].is_reached is False
    assert 0 < tried[20].loss < 1

    services.choose_floor(organization=town, percent=20, actor=planner, at=NOON)
    rows, page = ranked(planner, challenge)

    assert sum(row.organization_id == npo.pk for row in rows[:10]) == 2
    assert page.fair is not None
    assert "0件から2件" in page.fair_in_words


def test_the_reach_page_has_its_chart_and_table(client, planner, town, challenge):
    ResourceFactory()
    read_all()
    services.suggest_for(organization_id=town.pk, at=NOON)
    client.force_login(planner)

    page = client.get(reverse("matches:reach"))
    table = client.get(reverse("matches:reach_numbers"))

    assert page.status_code == 200
    assert table.content.decode("utf-8-sig").splitlines()[1].startswith("企業,1,1")
    client.force_login(MembershipFactory(role=Role.PARTNER_MEMBER, organization__kind="company").person)
    assert client.get(reverse("matches:reach")).status_code == 404


def test_partners_together_cover_more_than_one(planner, town):
    challenge = ChallengeFactory(
        organization=town,
        title="谷の奥の買い物",
        present_state="バスの運転手が足りない。冷蔵庫のある車がない。",
        desired_state="週に二度買い物ができる。",
        resource_kinds=["people", "goods"],
    )
    ResourceFactory(title="バスの運転手が足りない日に運転手を出す", offer="運転手がいる。", kinds=["people"])
    ResourceFactory(title="冷蔵庫のある車", offer="冷蔵庫のある車を貸す。", kinds=["goods"])
    read_all()

    found = together.combinations(planner, challenge, at=timezone.now())

    assert len(found[0].bringers) == 2
    assert found[0].percent > found[0].alone_percent


def test_towns_with_the_same_trouble_call_together(client, planner, challenge):
    other = ChallengeFactory(title=challenge.title, present_state=challenge.present_state)
    friend = MembershipFactory(organization=other.organization).person
    read_all()
    (proposal,) = together.joint_proposals(planner)
    assert {each.pk for each in proposal.challenges} == {challenge.pk, other.pk}
    client.force_login(planner)

    answer = client.post(
        reverse("matches:joint_new", args=[challenge.pk]),
        {"title": "いっしょに見守る", "message": "まとまると安くなります", "others": [other.pk]},
    )

    assert answer.status_code == 302
    assert Notice.objects.filter(person=friend, kind="joint_call").exists()
    client.force_login(friend)
    partner = JointPartner.objects.get()
    client.post(reverse("matches:joint_answer", args=[partner.pk]), {"answer": "join"})
    partner.refresh_from_db()
    assert partner.state == "joined"
    client.force_login(MembershipFactory().person)
    assert client.get(answer.url).status_code == 404


class TestLearning:
    @pytest.fixture
    def administrator(self):
        return MembershipFactory(role=Role.ADMINISTRATOR).person

    def outcomes(self, count):
        """Region decides: what was near led on."""
        for number in range(count):
            led_on = number % 2 == 0
            contact = Contact.objects.create(
                challenge=ChallengeFactory(),
                resource=ResourceFactory(),
                wanting=OrganizationFactory(),
                offering=OrganizationFactory(),
                state=ContactState.ADOPTED,
                opened_side=Side.CHALLENGE,
                turn=Side.CHALLENGE,
                opened_at=NOON,
                moved_at=NOON,
                last_word_at=NOON,
            )
            parts = {view.value: None for view in View} | {
                "meaning": 1.0 + number % 3,
                "region": 1.0 if led_on else 0.0,
            }
            MatchFeedback.objects.create(contact=contact, led_on=led_on, parts=parts, at=NOON)

    def test_too_few_outcomes_are_not_learnt_from(self, administrator):
        self.outcomes(3)

        with pytest.raises(TooFewOutcomesError) as refused:
            services.learn(actor=administrator, at=NOON)

        assert (refused.value.have, refused.value.need) == (3, 50)

    def test_learnt_weights_are_used_only_when_chosen_and_can_be_taken_back(self, administrator):
        self.outcomes(56)

        version = services.learn(actor=administrator, at=NOON)

        assert version.weights["region"] > MatchWeights().region
        assert version.quality["after"]["log_loss"] < version.quality["before"]["log_loss"]
        assert calculations.active_weights().version == "1"
        services.use_weights(number=version.number, actor=administrator, at=NOON)
        assert calculations.active_weights().region == pytest.approx(version.weights["region"])
        services.use_weights(number=1, actor=administrator, at=NOON)
        assert calculations.active_weights().region == pytest.approx(MatchWeights().region)
        assert WeightsVersion.objects.filter(is_active=True).count() == 1

    def test_only_administrators_see_the_page(self, client, administrator, planner):
        client.force_login(planner)
        assert client.get(reverse("matches:weights")).status_code == 404
        assert client.post(reverse("matches:weights_learn")).status_code == 404

        client.force_login(administrator)
        assert "あと50件" in client.get(reverse("matches:weights")).content.decode()


class TestPages:
    def test_the_rankings_questions_do_not_grow(self, client, planner, challenge):
        client.force_login(planner)
        url = reverse("matches:challenge_matches", args=[challenge.pk])
        asked, rows = [], []

        for more in (2, 8):
            ResourceFactory.create_batch(more)
            read_all()
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                page = client.get(url)
            asked.append(len(queries))
            rows.append(page.content.decode().count('class="row"'))

        assert rows == [2, 10]
        assert asked[0] == asked[1] < 45

    def test_the_counts_of_rules_are_for_the_house(self, client, planner, challenge):
        ResourceFactory(expires_on=dt.date(2020, 1, 1))
        read_all()
        url = reverse("matches:challenge_matches", args=[challenge.pk])

        client.force_login(planner)
        assert "候補から除いたもの" in client.get(url).content.decode()
        client.force_login(MembershipFactory().person)
        assert "候補から除いたもの" not in client.get(url).content.decode()

    @pytest.mark.parametrize("query", ["?after=x", "?after=99999999", "?field=%00&kind=nobody", "?after=-1"])
    def test_strange_addresses_show_the_list(self, client, planner, challenge, query):
        ResourceFactory()
        read_all()
        client.force_login(planner)

        for url in (
            reverse("matches:challenge_matches", args=[challenge.pk]),
            reverse("matches:pairs"),
            reverse("matches:contact_list"),
        ):
            assert client.get(url + query).status_code == 200

    def test_a_draft_says_what_is_missing(self, client, planner, town):
        draft = ChallengeFactory(organization=town, status="draft")
        client.force_login(planner)

        page = client.get(reverse("matches:challenge_matches", args=[draft.pk])).content.decode()

        assert "いまは縁を探せません" in page


def test_a_pair_has_the_same_score_alone_as_in_its_list(planner, challenge):
    for number, offer in enumerate(
        [
            "民生委員と一緒に高齢者の家をまわる",
            "電気の使い方で異変に気づく",
            "橋の点検をする",
            "高齢者の異変を二日以内に知らせる",
        ]
    ):
        ResourceFactory(title=f"資源{number}", offer=offer)
    read_all()
    _records, page = ranked(planner, challenge)

    alone = [
        calculations.compare(challenge, found.record, at=timezone.now()).match.score for found in page.rows
    ]

    assert alone == pytest.approx([found.match.score for found in page.rows], abs=0.02)
