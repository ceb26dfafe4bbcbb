"""Telling people: on the page, by mail at once, by mail once a day, not at all."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Locmem
from django.urls import reverse

from enishi.foundation import jobs
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.sentences import gettext as _
from enishi.notifications import kinds, mailing, selectors, services
from enishi.notifications.enums import MailMode, MailState
from enishi.notifications.models import Notice
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
NEXT_MORNING = NOON + dt.timedelta(hours=20)
KIND = "joining"


class Unreachable(Locmem):
    """A server that does not answer."""

    def open(self):
        raise ConnectionRefusedError(111, "refused")


class Choosy(Locmem):
    """A server that does not take one address."""

    def send_messages(self, messages):
        if any("refused@example.jp" in message.to for message in messages):
            raise smtplib.SMTPRecipientsRefused({"refused@example.jp": (550, b"no such user")})
        return super().send_messages(messages)


def told(*persons, title="申込が届きました", at=NOON, kind=KIND, **kwargs):
    return services.notify(
        kind=kind, persons=persons, title=title, url="/organizations/waiting/", at=at, **kwargs
    )


def wish(person, mode, *, on_page=True):
    services.choose(actor=person, choices={KIND: (on_page, mode)})


@pytest.fixture
def person():
    return PersonFactory()


def test_a_notice_is_on_the_page_and_goes_out_at_once(client, person):
    told(person)
    sent = services.send_waiting(NOON)
    client.force_login(person)

    page = client.get(reverse("notifications:notice_list")).content.decode()

    assert sent == 1
    assert "申込が届きました" in page
    assert "未読" in page
    assert mail.outbox[0].subject == "申込が届きました"
    assert "/organizations/waiting/" in mail.outbox[0].body
    assert "/notices/settings/" in mail.outbox[0].body


def test_one_letter_a_day_gathers_what_came_before_the_morning(person):
    wish(person, MailMode.DAILY)
    told(person, title="一つめ")
    told(person, title="二つめ")
    told(person, title="朝のあと", at=NEXT_MORNING + MINUTE)

    too_early = services.send_digests(NOON + MINUTE)
    in_the_morning = services.send_digests(NEXT_MORNING + 2 * MINUTE)
    again = services.send_digests(NEXT_MORNING + 12 * MINUTE)

    assert (too_early, in_the_morning, again) == (0, 1, 0)
    assert mail.outbox[0].subject == "縁からのお知らせ 2件"
    assert "一つめ" in mail.outbox[0].body
    assert "朝のあと" not in mail.outbox[0].body


def test_a_long_digest_says_how_many_more(person):
    wish(person, MailMode.DAILY)
    for number in range(services.DIGEST_MAX + 3):
        told(person, title=f"{number}番")

    services.send_digests(NEXT_MORNING)

    assert "ほか 3件" in mail.outbox[0].body


def test_who_wants_no_mail_gets_none(person):
    wish(person, MailMode.OFF)
    told(person)

    assert services.send_waiting(NOON) + services.send_digests(NEXT_MORNING) == 0
    assert selectors.unread_count(person) == 1


def test_who_wants_nothing_at_all_is_left_in_peace(person):
    wish(person, MailMode.OFF, on_page=False)

    assert told(person) == []
    assert Notice.objects.count() == 0


def test_mail_alone_is_not_on_the_page(person):
    wish(person, MailMode.AT_ONCE, on_page=False)
    told(person)

    assert services.send_waiting(NOON) == 1
    assert selectors.unread_count(person) == 0


def test_a_server_that_is_down_is_tried_again_and_costs_no_attempt(person, settings):
    told(person)
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    down = [services.send_waiting(NOON + number * MINUTE) for number in range(20)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    up = services.send_waiting(NOON + 30 * MINUTE)

    assert (sum(down), up) == (0, 1)
    assert Notice.objects.get().mail == MailState.SENT


def test_a_digest_missed_in_the_morning_goes_out_when_the_server_is_back(person, settings):
    wish(person, MailMode.DAILY)
    told(person)
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    services.send_digests(NEXT_MORNING)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert services.send_digests(NEXT_MORNING + 90 * MINUTE) == 1


def test_one_refused_address_keeps_nobody_else_waiting(person, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    refused = PersonFactory(email="refused@example.jp")
    told(refused, person)

    sent = services.send_waiting(NOON)

    notice = Notice.objects.get(person=refused)
    assert sent == 1
    assert (notice.mail_attempts, notice.mail) == (1, MailState.AT_ONCE)
    assert "no such user" in notice.mail_error
    assert services.send_waiting(NOON + MINUTE) == 0
    assert Notice.objects.get(person=refused).mail_attempts == 1


def test_after_the_last_attempt_it_is_given_up(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    told(PersonFactory(email="refused@example.jp"))

    for number in range(mailing.MAX_ATTEMPTS):
        services.send_waiting(NOON + dt.timedelta(days=number))

    assert Notice.objects.get().mail == MailState.FAILED


@pytest.mark.parametrize(
    "title", ["件名\nBcc: all@example.jp", "件名\r\nBcc: all@example.jp", "件名\x00\u2028次"]
)
def test_a_line_break_in_a_title_makes_no_header(person, title):
    told(person, title=title)

    services.send_waiting(NOON)

    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert len(message.get_all("Subject")) == 1


def test_letters_speak_the_readers_language():
    reader = PersonFactory(language="en")
    wish(reader, MailMode.DAILY)
    told(reader)
    told(reader)

    services.send_digests(NEXT_MORNING)

    assert mail.outbox[0].to == [reader.email]


def test_who_has_been_stopped_gets_nothing(person):
    told(person)
    person.is_active = False
    person.save()

    assert services.send_waiting(NOON) == 0
    assert told(person) == []


def test_opening_marks_as_read_and_leads_there(client, person):
    notice = told(person)[0]
    client.force_login(person)

    response = client.post(reverse("notifications:notice_open", args=[notice.pk]))

    assert response.url == "/organizations/waiting/"
    assert selectors.unread_count(person) == 0


def test_somebody_elses_notice_is_not_there(client, person):
    notice = told(person)[0]
    client.force_login(PersonFactory())

    assert client.post(reverse("notifications:notice_open", args=[notice.pk])).status_code == 404
    assert selectors.unread_count(person) == 1


def test_all_can_be_marked_as_read(client, person):
    told(person)
    told(person)
    client.force_login(person)

    client.post(reverse("notifications:notice_read_all"))

    assert selectors.unread_count(person) == 0


def test_each_kind_can_be_switched_off_on_its_page(client, person):
    client.force_login(person)
    address = reverse("notifications:notice_settings")
    typed = {f"{kind.key}-mail": "off" for kind in kinds.all_kinds()}

    before = client.get(address).content.decode()
    client.post(address, typed)
    wishes = selectors.wishes_of(person)

    assert all(str(kind.label) in before for kind in kinds.all_kinds())
    assert {(each.on_page, each.mail) for each in wishes} == {(False, MailMode.OFF)}


def test_a_choice_that_is_none_is_refused_at_its_field(client, person):
    client.force_login(person)

    page = client.post(reverse("notifications:notice_settings"), {f"{KIND}-mail": "yesterday"})

    assert page.status_code == 200
    assert page.context["form"].errors


def test_an_unknown_kind_is_a_mistake_of_ours():
    with pytest.raises(LookupError):
        told(PersonFactory(), kind="no-such-kind")


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_asks_the_same_questions_however_long(client, person, django_assert_max_num_queries, count):
    for number in range(count):
        told(person, title=f"{number}番")
    client.force_login(person)

    with django_assert_max_num_queries(10):
        client.get(reverse("notifications:notice_list"))


@pytest.mark.parametrize(
    ("seconds", "status", "titles"),
    [
        (3, JobStatus.DONE, []),
        (60, JobStatus.CANCELLED, []),
        (60, JobStatus.DONE, ["終わりました: 表を取り込む"]),
        (60, JobStatus.FAILED, ["できませんでした: 表を取り込む"]),
    ],
)
def test_whoever_left_a_long_job_hears_of_its_end(seconds, status, titles):
    job = Job.objects.create(
        kind="any", title="表を取り込む", person=PersonFactory(), created_at=NOON, status=status
    )
    Job.objects.update(finished_at=NOON + dt.timedelta(seconds=seconds))

    jobs.finished.send(Job, job_id=job.pk)

    assert [notice.title for notice in Notice.objects.all()] == titles


def test_a_notice_is_read_and_mailed_in_the_language_of_its_reader(client):
    person = PersonFactory(language="en")
    sentence = _("終わりました: %(title)s") % {"title": "表を取り込む"}
    services.notify(kind=KIND, persons=[person], title=sentence, url="/", at=NOON)
    client.force_login(person)

    services.send_waiting(NOON)

    assert "Finished: 表を取り込む" in client.get("/notices/").content.decode()
    assert mail.outbox[0].subject == "Finished: 表を取り込む"
