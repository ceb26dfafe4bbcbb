"""Awards: entries from projects, one vote for one proven address, a jury without its own, results in the open."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from enishi.organizations.enums import Role
from enishi.projects.awards import selectors, services, voting
from enishi.projects.awards.models import AwardBallot, AwardCall, AwardMail
from enishi.projects.errors import RefusedError
from tests.factories import NOON, MembershipFactory, OrganizationFactory
from tests.projects.making_ends import make_partner, make_project

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LAST = dt.date(2099, 1, 31)
"""Pages ask the clock: the time to vote lasts longer than this test will be kept."""
VALUES = {
    "title": "公民連携アワード令和8年度",
    "purpose": "よい取組を広げる。",
    "method": "both",
    "entries_from": dt.date(2020, 4, 1),
    "entries_until": NOON.date() + 5 * DAY,
    "judging_from": dt.date(2020, 5, 1),
    "judging_until": LAST,
    "prizes": 1,
}
AFTER = NOON.replace(year=2099, month=3)
FAR = NOON + 40_000 * DAY
ENTRY = {"title": "見守りの輪", "appeal": "四十世帯で始めました。", "team": "あおば会"}


@pytest.fixture
def town():
    return OrganizationFactory(name="表彰市")


@pytest.fixture
def planner(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


@pytest.fixture
def juror(town):
    """Somebody of another house who was invited into this one as an auditor: belongs to no project."""
    return MembershipFactory(role=Role.OFFICER).person


@pytest.fixture
def call(town, planner, juror):
    made = services.write_call(
        organization=town, values=VALUES, actor=planner, at=NOON, criteria=["効果", "新しさ"]
    )
    services.set_jurors(call_id=made.pk, persons=[juror, planner], actor=planner, at=NOON)
    return services.open_call(call_id=made.pk, actor=planner, at=NOON)


def entered(call, planner, title="見守りの輪"):
    project = make_project(call.organization, partner=make_partner(f"{title}社"), title=f"{title}事業")
    return services.enter(
        call_id=call.pk, project_id=project.pk, values={**ENTRY, "title": title}, actor=planner, at=NOON
    )


def links():
    """The tokens in the letters that went out."""
    voting.send_waiting(FAR)
    return [re.search(r"/awards/vote/([^/\s]+)/", letter.body).group(1) for letter in mail.outbox]


def voted(entry, email):
    voting.ask_link(entry_id=entry.pk, email=email, at=NOON)
    mail.outbox.clear()
    return voting.cast(token=links()[0], at=NOON)


# --- Calls and entries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"entries_until": dt.date(2019, 4, 1)},
        {"judging_until": NOON.date() - 15 * DAY},
        {"judging_until": NOON.date() + 1 * DAY},
        {"prizes": 0},
    ],
)
def test_days_out_of_order_are_refused_with_a_sentence(town, planner, changes):
    with pytest.raises(ValidationError):
        services.write_call(organization=town, values={**VALUES, **changes}, actor=planner, at=NOON)

    assert not AwardCall.objects.exists()


def test_an_officer_or_a_company_opens_no_award(town):
    officer = MembershipFactory(organization=town, role=Role.OFFICER).person
    partner = make_partner()
    seller = MembershipFactory(organization=partner, role=Role.PARTNER_ADMINISTRATOR).person

    for house, person in ((town, officer), (partner, seller)):
        with pytest.raises(PermissionDenied):
            services.write_call(organization=house, values=VALUES, actor=person, at=NOON)


def test_a_jury_award_does_not_begin_without_a_jury(town, planner):
    made = services.write_call(organization=town, values={**VALUES, "method": "jury"}, actor=planner, at=NOON)

    with pytest.raises(RefusedError):
        services.open_call(call_id=made.pk, actor=planner, at=NOON)


def test_a_draft_is_nowhere_for_the_public(client, town, planner, call):
    draft = services.write_call(organization=town, values=VALUES, actor=planner, at=NOON)

    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(call.get_absolute_url()).status_code == 200


def test_only_those_in_the_project_enter_it_once_and_in_time(call, planner):
    entry = entered(call, planner)
    outsider = MembershipFactory(role=Role.PLANNER).person

    enter = {"call_id": call.pk, "project_id": entry.project_id, "values": ENTRY}
    with pytest.raises(RefusedError):
        services.enter(actor=planner, at=NOON, **enter)
    with pytest.raises(RefusedError):
        services.enter(actor=outsider, at=NOON, **enter)
    services.withdraw_entry(entry_id=entry.pk, actor=planner, at=NOON)
    with pytest.raises(RefusedError):
        services.enter(actor=planner, at=NOON + 6 * DAY, **enter)
    assert services.enter(actor=planner, at=NOON, **enter).withdrawn_at is None


def test_the_public_page_of_an_entry_holds_nothing_of_the_project(client, call, planner):
    entry = entered(call, planner)

    page = client.get(entry.get_absolute_url()).content.decode()

    assert ENTRY["appeal"] in page
    assert entry.project.title not in page
    assert entry.project.purpose not in page


# --- Votes -------------------------------------------------------------------------------------------------------------------


def test_a_visitor_votes_by_the_link_in_the_mail(client, call, planner, settings):
    entry = entered(call, planner)
    asked = client.post(
        reverse("projects:award_ask_vote", args=[call.pk, entry.pk]), {"email": "hanako@example.jp"}
    )
    assert "確認のメール" in asked.content.decode()
    (token,) = links()
    address = reverse("projects:award_vote", args=[token])

    client.get(address)
    assert not AwardBallot.objects.exists()
    client.post(address)

    assert AwardBallot.objects.get().entry == entry


def test_no_address_is_kept_once_the_mail_is_out(call, planner):
    entry = entered(call, planner)
    voting.ask_link(entry_id=entry.pk, email="hanako@example.jp", at=NOON)

    links()

    kept = AwardMail.objects.get()
    assert (kept.email, kept.sent_at) == ("", FAR)
    assert "hanako" not in kept.voter


@pytest.mark.parametrize(
    "again", ["HANAKO@example.jp", " hanako@example.jp", "hanako+2@example.jp", "hanako@EXAMPLE.jp"]
)
def test_the_same_person_has_one_vote_however_the_address_is_written(call, planner, again):
    first, second = entered(call, planner), entered(call, planner, "移動販売")
    voted(first, "hanako@example.jp")

    _ballot, is_first = voted(second, again)

    assert is_first is False
    assert AwardBallot.objects.get().entry == second


def test_the_same_address_votes_in_another_award_as_somebody_new(call, planner, town):
    assert voting.voter_of(call, "a@example.jp") != voting.voter_of(AwardCall(pk=call.pk + 1), "a@example.jp")


def test_one_address_is_sent_three_links_a_day_and_the_page_says_nothing_of_it(call, planner, client):
    entry = entered(call, planner)

    for _time in range(5):
        voting.ask_link(entry_id=entry.pk, email="hanako@example.jp", at=NOON)
    voting.ask_link(entry_id=entry.pk, email="hanako@example.jp", at=NOON + 2 * DAY)

    assert AwardMail.objects.count() == 4


def test_a_changed_or_an_old_link_is_refused(call, planner, client, monkeypatch):
    entry = entered(call, planner)
    voting.ask_link(entry_id=entry.pk, email="hanako@example.jp", at=NOON)
    (token,) = links()

    answer = client.post(reverse("projects:award_vote", args=[token[:-2] + "xx"]))
    with pytest.raises(RefusedError):
        voting.cast(token=token, at=AFTER)

    assert answer.status_code == 400
    assert not AwardBallot.objects.exists()


def test_a_mail_server_that_is_down_only_makes_the_link_late(call, planner, settings):
    entry = entered(call, planner)
    voting.ask_link(entry_id=entry.pk, email="hanako@example.jp", at=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert voting.send_waiting(NOON) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert voting.send_waiting(NOON + DAY) == 1
    assert AwardMail.objects.get().attempts == 0


def test_a_visitor_who_asks_too_often_is_asked_for_patience(client, call, planner, settings):
    counter = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "votes-tried"}
    settings.CACHES = {**settings.CACHES, "limits": counter, "shared_limits": counter}
    caches["limits"].clear()
    entry = entered(call, planner)
    address = reverse("projects:award_ask_vote", args=[call.pk, entry.pk])

    answers = [client.post(address, {"email": f"a{number}@example.jp"}).status_code for number in range(22)]

    assert answers[-1] == 429


# --- The jury and the results ------------------------------------------------------------------------------------------------------


def test_a_juror_does_not_score_what_their_own_house_made(call, planner, juror):
    entry = entered(call, planner)

    with pytest.raises(RefusedError):
        services.score(entry_id=entry.pk, points=[5, 5], comment="", actor=planner, at=NOON)

    assert services.score(entry_id=entry.pk, points=[4, 3], comment="よい", actor=juror, at=NOON).total == 7


@pytest.mark.parametrize("points", [[5], [5, 6], [0, 3], [1, 2, 3]])
def test_points_are_one_to_five_for_every_criterion(call, planner, juror, points):
    entry = entered(call, planner)

    with pytest.raises(RefusedError):
        services.score(entry_id=entry.pk, points=points, comment="", actor=juror, at=NOON)


def test_nobody_but_the_jury_scores(call, planner):
    entry = entered(call, planner)

    with pytest.raises(PermissionDenied):
        services.score(
            entry_id=entry.pk, points=[1, 1], comment="", actor=MembershipFactory().person, at=NOON
        )


def test_votes_and_scores_count_half_each(call, planner, juror):
    liked, praised = entered(call, planner), entered(call, planner, "移動販売")
    for name in ("a", "b", "c", "d"):
        voted(liked, f"{name}@example.jp")
    voted(praised, "e@example.jp")
    services.score(entry_id=liked.pk, points=[2, 2], comment="", actor=juror, at=NOON)
    services.score(entry_id=praised.pk, points=[5, 4], comment="", actor=juror, at=NOON)

    found = selectors.standings(call)

    # (4/4 + 4/10) / 2 = 70; (1/4 + 9/10) / 2 = 57.5
    assert [(each.entry, float(each.mark), each.is_winner) for each in found] == [
        (liked, 70.0, True),
        (praised, 57.5, False),
    ]


def test_equal_marks_share_a_place(town, planner):
    made = services.write_call(organization=town, values={**VALUES, "method": "vote"}, actor=planner, at=NOON)
    call = services.open_call(call_id=made.pk, actor=planner, at=NOON)
    for title in ("甲", "乙", "丙"):
        entered(call, planner, title)
    first, second, _third = call.entries.order_by("pk")
    voted(first, "a@example.jp")
    voted(second, "b@example.jp")

    assert [each.place for each in selectors.standings(call)] == [1, 1, 3]


def test_results_are_told_after_the_last_day_and_then_to_everybody(client, call, planner):
    entry = entered(call, planner)
    voted(entry, "a@example.jp")
    with pytest.raises(RefusedError):
        services.announce(call_id=call.pk, remarks="", actor=planner, at=NOON)
    assert "総合(100点)" not in client.get(call.get_absolute_url()).content.decode()

    services.announce(call_id=call.pk, remarks="どれもよい取組でした。", actor=planner, at=AFTER)

    page = client.get(call.get_absolute_url()).content.decode()
    assert "どれもよい取組でした。" in page
    assert "受賞" in page


def test_the_way_of_choosing_does_not_change_once_votes_are_in(call, planner):
    voted(entered(call, planner), "a@example.jp")

    with pytest.raises(RefusedError):
        services.write_call(
            call_id=call.pk,
            values={**VALUES, "method": "jury"},
            version=AwardCall.objects.get(pk=call.pk).version,
            actor=planner,
            at=NOON,
        )
