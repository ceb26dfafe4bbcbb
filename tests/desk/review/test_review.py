import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from enishi.audit.models import AuditEvent
from enishi.desk.enums import ProposalStatus
from enishi.desk.models import Decision, Proposal, Review, Score
from enishi.desk.review import judging, seats, services
from enishi.desk.review.access import review_access
from enishi.desk.review.calculations import ranking
from enishi.desk.review.enums import ReviewStatus, TieRule
from enishi.desk.services import withdraw
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import ConflictOfInterest
from enishi.knowledge import services as knowledge
from enishi.knowledge.selectors import search
from enishi.organizations.enums import Role
from enishi.organizations.services import accept_invitation
from tests.desk.engaging import company_person, open_call, planner_of, received
from tests.factories import NOON, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db
VALUES = {"title": "見回りの審査", "most_points": 5, "floor_percent": 60}


class Panel:
    """A call with three proposals, a chair from inside and two reviewers from outside."""

    def __init__(self, **values):
        self.town = OrganizationFactory()
        self.planner = planner_of(self.town)
        self.call = open_call(self.town, self.planner)
        makers = [company_person(name) for name in ("青葉建設株式会社", "緑屋合同会社", "NPO灯")]
        self.proposers = [person for person, _company in makers]
        self.companies = [company for _person, company in makers]
        self.proposals = [
            received(
                self.town,
                call=self.call,
                title=f"{company.name}の案",
                proposer=company,
                proposer_name=company.name,
                cost_yen=1_000_000 * (3 - place),
            )
            for place, company in enumerate(self.companies)
        ]
        self.chair = planner_of(self.town, Role.MANAGER)
        self.outside = [PersonFactory(), PersonFactory()]
        self.review = services.prepare(actor=self.planner, at=NOON, values=VALUES | values, call=self.call)
        for person in (self.chair, *self.outside):
            seats.seat(
                review_id=self.review.pk,
                person=person,
                affiliation="",
                is_chair=person is self.chair,
                is_external=person is not self.chair,
                actor=self.planner,
                at=NOON,
            )
        self.entries = list(self.review.entries.all())
        self.criteria = list(self.review.criteria.all())

    def open(self):
        self.review = services.open_scoring(review_id=self.review.pk, actor=self.planner, at=NOON)
        return self

    def declare(self, person, tied=None):
        answers = {
            entry.pk: (["shares"], "株を持つ") if entry is tied else ([], "") for entry in self.entries
        }
        return judging.declare(review_id=self.review.pk, answers=answers, actor=person, at=NOON)

    def score(self, person, table):
        """One row of points for each proposal; ``None`` leaves it out."""
        for entry, row in zip(self.entries, table, strict=True):
            if row is not None:
                points = {each.pk: (value, "") for each, value in zip(self.criteria, row, strict=True)}
                judging.score(entry_id=entry.pk, points=points, actor=person, at=NOON)

    def judge(self, person, table):
        self.declare(person)
        self.score(person, table)
        judging.submit(review_id=self.review.pk, actor=person, at=NOON)

    def judged(self, table=((5, 4, 3), (3, 3, 3), (1, 2, 2))):
        self.open()
        for person in (self.chair, *self.outside):
            self.judge(person, table)
        return self

    def discussed(self, *args):
        self.judged(*args)
        self.review = services.discuss(review_id=self.review.pk, reason="", actor=self.chair, at=NOON)
        return self


def test_the_criteria_of_the_call_are_copied_and_stay():
    panel = Panel()

    assert [(row.name, row.weight) for row in panel.criteria] == [("効果", 50), ("実現性", 30), ("費用", 20)]
    with pytest.raises(RefusedError, match="公開した観点"):
        services.set_criteria(review_id=panel.review.pk, rows=[("価格", "", 1)], actor=panel.planner, at=NOON)


def test_opening_brings_the_proposals_to_review():
    panel = Panel().open()

    assert {row.status for row in panel.call.proposals.all()} == {ProposalStatus.REVIEWING}


def test_without_chair_or_second_reviewer_nothing_opens():
    panel = Panel()
    panel.review.reviewers.all().delete()

    with pytest.raises(RefusedError, match="委員長"):
        panel.open()


def test_before_the_declaration_a_reviewer_sees_names_and_nothing_else(client):
    panel = Panel().open()
    client.force_login(panel.outside[0])

    detail = client.get(panel.review.get_absolute_url()).content.decode()
    declare = client.get(reverse("desk:review_declare", args=[panel.review.pk])).content.decode()
    entry = client.get(reverse("desk:review_entry", args=[panel.entries[0].pk]))

    assert ("青葉建設株式会社の案" in detail, "青葉建設株式会社" in declare, "店の明かり" in declare) == (
        False, True, False,
    )  # fmt: skip
    assert entry.status_code == 404


def test_a_declared_tie_excludes_from_scoring_every_rival_too(client):
    panel = Panel().open()

    seat = panel.declare(panel.outside[0], tied=panel.entries[0])

    assert "青葉建設" in seat.excluded_because
    with pytest.raises(PermissionDenied):
        panel.score(panel.outside[0], [None, (5, 5, 5), None])
    client.force_login(panel.outside[0])
    answers = [
        client.get(reverse("desk:review_entry", args=[entry.pk])).status_code for entry in panel.entries
    ]
    assert answers == [404] * 3


def test_a_tied_reviewer_never_sees_the_scores_not_even_at_the_end(client):
    panel = Panel().open()
    panel.declare(panel.outside[0], tied=panel.entries[0])
    for person in (panel.chair, panel.outside[1]):
        panel.judge(person, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])
    services.discuss(review_id=panel.review.pk, reason="", actor=panel.chair, at=NOON)
    services.close(review_id=panel.review.pk, conclusion="効果で決めた", actor=panel.chair, at=NOON)
    client.force_login(panel.outside[0])

    page = client.get(panel.review.get_absolute_url()).content.decode()

    assert ("この審査から外れています" in page, "得点率" in page, "効果で決めた" in page) == (
        True,
        False,
        False,
    )
    assert client.get(reverse("desk:review_table", args=[panel.review.pk])).status_code == 404


def test_an_official_with_a_tie_steps_back_from_running_it_too():
    panel = Panel()
    seats.seat(
        review_id=panel.review.pk, person=panel.planner, affiliation="", is_chair=False, is_external=False,
        actor=panel.planner, at=NOON,
    )  # fmt: skip
    panel.open()

    panel.declare(panel.planner, tied=panel.entries[0])

    review = Review.objects.get(pk=panel.review.pk)
    assert not review_access.allows(panel.planner, "run", review)
    assert not review_access.allows(panel.planner, "see_scores", review)


def test_an_official_asked_to_judge_reads_nothing_anywhere_before_the_declaration(client):
    panel = Panel()
    knowledge.index("proposal", [each.pk for each in panel.proposals])
    client.force_login(panel.chair)
    page = panel.proposals[0].get_absolute_url()

    sent_on = client.get(page)

    assert sent_on["Location"] == reverse("desk:review_declare", args=[panel.review.pk])
    assert client.get(reverse("desk:proposal_sealed", args=[panel.proposals[0].pk])).status_code == 403
    assert not Proposal.objects.visible_to(panel.chair).exists()
    assert search(panel.chair, "緑屋").count == 0
    panel.declare(panel.chair)
    assert client.get(page).status_code == 200
    assert search(panel.chair, "緑屋").count == 1


def test_an_official_with_a_tie_finds_nothing_of_the_proposals_until_the_result_is_public(client):
    panel = Panel().open()
    proposal = panel.proposals[1]
    knowledge.index("proposal", [each.pk for each in panel.proposals])
    panel.declare(panel.chair, tied=panel.entries[0])
    client.force_login(panel.chair)

    page = client.get(proposal.get_absolute_url())
    review = client.get(panel.review.get_absolute_url()).content.decode()

    assert page.status_code == 403 and "外れた審査の提案です" in page.content.decode()
    assert "株式・出資がある(株を持つ)" in review and "青葉建設株式会社の案" not in review
    assert not Proposal.objects.visible_to(panel.chair).exists()
    assert search(panel.chair, "緑屋").count == 0 and search(panel.planner, "緑屋").count == 1
    Decision.objects.create(
        proposal=proposal, verdict="declined", sentence="予算", public_text="見送り", decided_at=NOON,
        decided_by=panel.planner, published_at=NOON,
    )  # fmt: skip
    assert client.get(proposal.get_absolute_url()).status_code == 200


def test_somebody_who_ever_belonged_to_a_proposer_is_excluded_whatever_they_declare():
    panel = Panel()
    panel.outside[0].memberships.create(
        organization=panel.companies[1],
        role=Role.PARTNER_MEMBER,
        valid_from="2019-04-01",
        valid_to="2021-03-31",
    )

    panel.open()
    seat = panel.declare(panel.outside[0])

    assert "緑屋" in seat.excluded_because
    with pytest.raises(PermissionDenied):
        panel.score(panel.outside[0], [(5, 5, 5), None, None])


def test_a_house_that_keeps_apart_from_a_proposer_leaves_the_judging_to_outsiders():
    panel = Panel()
    ConflictOfInterest.objects.create(
        organization=panel.town,
        partner=panel.companies[0],
        reason="係争中",
        marked_by=panel.planner,
        marked_at=NOON,
    )

    panel.open()

    excluded = dict(panel.review.reviewers.values_list("person_id", "excluded_because"))
    assert "利益相反" in excluded[panel.chair.pk]
    assert [excluded[person.pk] for person in panel.outside] == ["", ""]


def test_a_tie_without_its_content_is_refused():
    panel = Panel().open()
    answers = {entry.pk: (["family"], " ") for entry in panel.entries}

    with pytest.raises(RefusedError, match="内容"):
        judging.declare(review_id=panel.review.pk, answers=answers, actor=panel.outside[0], at=NOON)


def test_nobody_sees_others_scores_before_the_discussion(client):
    panel = Panel().open()
    panel.judge(panel.chair, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])

    for person in (panel.planner, panel.chair, panel.outside[0]):
        client.force_login(person)
        page = client.get(panel.review.get_absolute_url()).content.decode()
        assert "得点率" not in page
        assert client.get(reverse("desk:review_table", args=[panel.review.pk])).status_code == 404


def test_the_record_of_acts_holds_no_score():
    Panel().judged()

    told = [event.changes for event in AuditEvent.objects.filter(action__in=["score", "submit_scores"])]

    assert (len(told), [each for each in told if each]) == (12, [])


def test_handing_in_with_a_gap_says_how_many():
    panel = Panel().open()
    panel.declare(panel.chair)
    panel.score(panel.chair, [(5, 4, 3), None, (1, 1, 1)])

    with pytest.raises(RefusedError, match="あと3"):
        judging.submit(review_id=panel.review.pk, actor=panel.chair, at=NOON)


def test_what_was_handed_in_does_not_change_before_the_discussion():
    panel = Panel().open()
    panel.judge(panel.chair, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])

    with pytest.raises(services.NotNowError):
        panel.score(panel.chair, [(0, 0, 0), None, None])


def test_points_beyond_the_scale_are_refused():
    panel = Panel().open()
    panel.declare(panel.chair)

    with pytest.raises(RefusedError, match="0から5"):
        panel.score(panel.chair, [(6, 1, 1), None, None])


def test_the_chair_opens_early_only_with_a_reason():
    panel = Panel().open()
    panel.judge(panel.chair, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])

    with pytest.raises(PermissionDenied):
        services.discuss(review_id=panel.review.pk, reason="急ぐ", actor=panel.planner, at=NOON)
    with pytest.raises(RefusedError, match="まだ採点を出していない"):
        services.discuss(review_id=panel.review.pk, reason="", actor=panel.chair, at=NOON)
    review = services.discuss(review_id=panel.review.pk, reason="二人が急病", actor=panel.chair, at=NOON)

    assert (review.status, review.opened_early_because) == (ReviewStatus.DISCUSSING, "二人が急病")


def test_a_revision_keeps_what_was_before_and_why():
    panel = Panel().discussed()
    own = Score.objects.filter(reviewer__person=panel.chair).first()

    with pytest.raises(RefusedError):
        judging.revise(score_id=own.pk, points=2, reason=" ", actor=panel.chair, at=NOON)
    with pytest.raises(PermissionDenied):
        judging.revise(score_id=own.pk, points=2, reason="直す", actor=panel.outside[0], at=NOON)
    judging.revise(score_id=own.pk, points=2, reason="前提を読み違えた", actor=panel.chair, at=NOON)

    kept = own.revisions.get()
    assert (kept.before, kept.after, kept.reason) == (5, 2, "前提を読み違えた")


def test_the_ranking_weighs_means_and_marks_the_floor():
    panel = Panel().discussed()

    found = ranking(panel.review)

    assert [
        (row.entry.proposal.title, row.place, round(row.percent, 1), row.reaches_floor) for row in found.rows
    ] == [
        ("青葉建設株式会社の案", 1, 86.0, True),
        ("緑屋合同会社の案", 2, 60.0, True),
        ("NPO灯の案", 3, 30.0, False),
    ]
    assert (found.judges, found.is_firm, found.rows[0].kept) == (3, True, 1.0)


@pytest.mark.parametrize(
    ("rule", "table", "expected"),
    [
        # 2.5+0.9+0.2 = 1.5+1.5+0.6 = 3.6: the first is better in the heaviest criterion.
        (TieRule.FIRST_CRITERION, [(5, 3, 1), (3, 5, 3), (0, 0, 0)], {"青葉建設株式会社の案": 1, "緑屋合同会社の案": 2}),
        (TieRule.COST, [(5, 3, 1), (3, 5, 3), (0, 0, 0)], {"青葉建設株式会社の案": 2, "緑屋合同会社の案": 1}),
        (TieRule.CHAIR, [(5, 3, 1), (3, 5, 3), (0, 0, 0)], {"青葉建設株式会社の案": 1, "緑屋合同会社の案": 1}),
    ],
)  # fmt: skip
def test_equals_follow_the_rule(rule, table, expected):
    found = ranking(Panel(tie_rule=rule).discussed(table).review)

    places = {row.entry.proposal.title: row.place for row in found.rows if row.is_tied}
    assert places == expected


def test_the_chair_orders_equals_with_a_reason():
    panel = Panel(tie_rule=TieRule.CHAIR).discussed([(5, 3, 1), (3, 5, 3), (0, 0, 0)])
    for entry, order in ((panel.entries[0], 2), (panel.entries[1], 1)):
        judging.order_tied(entry_id=entry.pk, order=order, reason="継続性", actor=panel.chair, at=NOON)

    found = ranking(panel.review)

    assert [(row.entry.pk, row.place, row.tie_settled) for row in found.rows[:2]] == [
        (panel.entries[1].pk, 1, True),
        (panel.entries[0].pk, 2, True),
    ]


def test_a_proposal_withdrawn_while_judged_leaves_the_ranking(django_capture_on_commit_callbacks):
    panel = Panel().open()
    panel.judge(panel.chair, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(proposal_id=panel.proposals[0].pk, actor=panel.proposers[0], at=NOON)

    panel.declare(panel.outside[1])
    with pytest.raises(RefusedError, match="取り下げられました"):
        panel.score(panel.outside[1], [(5, 5, 5), None, None])
    panel.declare(panel.outside[0])
    panel.score(panel.outside[0], [None, (3, 3, 3), (1, 2, 2)])
    judging.submit(review_id=panel.review.pk, actor=panel.outside[0], at=NOON)
    services.discuss(review_id=panel.review.pk, reason="一人欠席", actor=panel.chair, at=NOON)
    found = ranking(panel.review)
    assert [row.entry.proposal.title for row in found.rows] == ["緑屋合同会社の案", "NPO灯の案"]
    assert [entry.proposal_id for entry in found.withdrawn] == [panel.proposals[0].pk]


def test_a_proposer_finds_no_review(client):
    panel = Panel().judged()
    client.force_login(panel.proposers[0])

    answers = [client.get(url).status_code for url in (
        panel.review.get_absolute_url(),
        reverse("desk:review_entry", args=[panel.entries[0].pk]),
        reverse("desk:review_declare", args=[panel.review.pk]),
    )]  # fmt: skip

    assert answers == [404] * 3


def test_a_review_is_held_on_the_pages(client):
    panel = Panel().open()
    person = panel.outside[0]
    client.force_login(person)
    ties = {f"none_{entry.pk}": "on" for entry in panel.entries}
    points = {f"points_{each.pk}": "4" for each in panel.criteria}

    half = client.post(reverse("desk:review_declare", args=[panel.review.pk]), dict(list(ties.items())[:2]))
    assert (half.status_code, "どちらかを選んで" in half.content.decode()) == (422, True)
    client.post(reverse("desk:review_declare", args=[panel.review.pk]), ties)
    for entry in panel.entries:
        assert client.get(reverse("desk:review_entry", args=[entry.pk])).status_code == 200
        client.post(reverse("desk:review_entry", args=[entry.pk]), points)
    client.post(reverse("desk:review_submit", args=[panel.review.pk]))
    for other in (panel.chair, panel.outside[1]):
        panel.judge(other, [(5, 4, 3), (3, 3, 3), (1, 2, 2)])
    client.force_login(panel.chair)
    client.post(reverse("desk:review_discuss", args=[panel.review.pk]), {"reason": ""})
    shown = client.get(panel.review.get_absolute_url()).content.decode()
    table = client.get(reverse("desk:review_table", args=[panel.review.pk]), {"format": "csv"})
    client.post(reverse("desk:review_close", args=[panel.review.pk]), {"conclusion": "効果が高い"})

    assert "得点率" in shown
    assert len(table.content.decode("utf-8-sig").strip().splitlines()) == 4
    assert Review.objects.get().status == ReviewStatus.CLOSED


def test_a_free_proposal_is_reviewed_by_its_own_criteria(client):
    town = OrganizationFactory()
    planner = planner_of(town)
    proposal = received(town)
    client.force_login(planner)

    form = {"title": "自由提案の審査", "most_points": 5, "floor_percent": 60, "tie_rule": "chair"}
    client.post(reverse("desk:review_of_proposal", args=[proposal.pk]), form)
    review = Review.objects.get()
    rows = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-name": "効果", "form-0-weight": 100}
    client.post(reverse("desk:review_criteria", args=[review.pk]), rows)
    unknown = client.post(reverse("desk:review_seat", args=[review.pk]), {"email": "nobody@example.jp"})
    client.post(
        reverse("desk:review_seat", args=[review.pk]), {"email": PersonFactory().email, "is_external": "on"}
    )

    assert (unknown.status_code, "招待のメール" in unknown.content.decode()) == (422, True)
    assert (review.criteria.count(), review.reviewers.count(), review.entries.get().proposal) == (
        1,
        1,
        proposal,
    )


def test_an_outsider_without_an_account_is_invited_and_takes_the_kept_seat(
    client, mailoutbox, django_capture_on_commit_callbacks
):
    panel = Panel()
    client.force_login(panel.planner)
    address = reverse("desk:review_seat", args=[panel.review.pk])
    values = {"email": "prof@univ.example", "affiliation": "明け野大学 教授"}

    refused = client.post(address, values)
    assert "外部の委員" in refused.content.decode() and refused.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {**values, "is_external": "on"})

    assert [mail.to for mail in mailoutbox] == [["prof@univ.example"]]
    assert "prof@univ.example" in client.get(panel.review.get_absolute_url()).content.decode()
    secret = re.search(r"/organizations/invitations/(\S+)/open/", mailoutbox[0].body)[1]
    guest = PersonFactory(email="prof@univ.example")
    client.force_login(guest)
    assert client.get(panel.review.get_absolute_url()).status_code == 404
    accept_invitation(secret=secret, actor=guest, at=timezone.now())
    seat = panel.review.reviewers.get(person=guest)
    assert (seat.is_external, seat.affiliation) == (True, "明け野大学 教授")
    assert client.get(panel.review.get_absolute_url()).status_code == 200
    # The place lets them read nothing else of the house.
    assert client.get(panel.proposals[0].get_absolute_url()).status_code == 404


def test_a_kept_seat_is_given_up(client):
    panel = Panel()
    invited = seats.invite(
        review_id=panel.review.pk,
        email="prof@univ.example",
        affiliation="",
        is_chair=False,
        actor=panel.planner,
        at=timezone.now(),
    )
    client.force_login(panel.planner)

    client.post(reverse("desk:review_uninvite", args=[invited.pk]))

    assert panel.review.invited.count() == 0
