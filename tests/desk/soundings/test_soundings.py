import datetime as dt
import re
from threading import Barrier, Thread

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.urls import reverse

from enishi.audit.models import AuditEvent
from enishi.desk import post
from enishi.desk.models import Posting
from enishi.desk.soundings import services, summaries
from enishi.desk.soundings.enums import ApplicationStatus, Consent, SoundingStatus
from enishi.desk.soundings.letters import SALT
from enishi.desk.soundings.models import SoundingApplication
from enishi.exchange.errors import LinkExpiredError, RefusedError
from enishi.organizations.enums import Role
from tests.desk.engaging import DAY, company_person, open_sounding, planner_of
from tests.factories import NOON, OrganizationFactory

pytestmark = pytest.mark.django_db
FORM = {"company": "青葉建設", "contact_name": "森 一郎", "email": "mori@example.jp", "message": "地熱"}


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def planner(town):
    return planner_of(town)


@pytest.fixture
def sounding(town, planner):
    return open_sounding(town, planner)


def applied(sounding, company, email, *, slot=None):
    made = services.apply(
        sounding_id=sounding.pk,
        values={**FORM, "company": company, "email": email},
        person=None,
        organization=None,
        at=NOON,
    )
    services.verify(application_id=made.pk, at=NOON)
    if slot:
        services.book(application_id=made.pk, slot_id=slot.pk, at=NOON)
    return SoundingApplication.objects.get(pk=made.pk)


def slots(sounding, planner, hours=2):
    services.add_slots(
        sounding_id=sounding.pk,
        day=(NOON + 20 * DAY).date(),
        first=dt.time(10, 0),
        last=dt.time(10 + hours, 0),
        minutes=60,
        place="第1会議室",
        actor=planner,
        at=NOON,
    )
    return list(sounding.slots.all())


def heard(application, planner, text, know_how=""):
    values = {"held_on": NOON.date(), "attendees": "", "text": text, "know_how": know_how}
    return services.write_minutes(application_id=application.pk, values=values, actor=planner, at=NOON)


def test_without_account_the_mail_is_verified_before_a_time_is_taken(client, sounding, planner):
    slot = slots(sounding, planner)[0]
    client.post(reverse("desk:sounding_apply", args=[sounding.pk]), FORM)
    application = SoundingApplication.objects.get()
    address = next(line for line in Posting.objects.get().body.splitlines() if line.startswith("http"))
    own = "/" + address.split("/", 3)[3]

    with pytest.raises(RefusedError, match="申込が確認できてから"):
        services.book(application_id=application.pk, slot_id=slot.pk, at=NOON)
    assert application.status == ApplicationStatus.UNVERIFIED
    client.get(own)
    assert SoundingApplication.objects.get().status == ApplicationStatus.UNVERIFIED
    client.post(own, {"act": "verify"})

    assert SoundingApplication.objects.get().status == ApplicationStatus.APPLIED


def test_applying_twice_says_the_same_and_makes_one(client, sounding):
    address = reverse("desk:sounding_apply", args=[sounding.pk])

    first, second = client.post(address, FORM), client.post(address, FORM | {"email": "MORI@example.jp"})

    said = [re.sub(r'name="csrf\S+" value="\w+"', "", answer.content.decode()) for answer in (first, second)]
    assert said[0] == said[1]
    assert (SoundingApplication.objects.count(), Posting.objects.count()) == (1, 2)


def test_a_broken_link_opens_nothing(client, sounding):
    application = applied(sounding, "青葉建設", "mori@example.jp")
    token = services.link_token(application)

    with pytest.raises(LinkExpiredError):
        services.application_of(token[:-2] + "xx")
    assert client.get(reverse("desk:sounding_mine", args=["nonsense"])).status_code == 404
    assert "青葉建設" in client.get(reverse("desk:sounding_mine", args=[token])).content.decode()


def test_a_time_is_taken_once(sounding, planner):
    slot = slots(sounding, planner)[0]
    applied(sounding, "青葉建設", "a@example.jp", slot=slot)
    second = applied(sounding, "緑屋", "b@example.jp")

    with pytest.raises(services.SlotTakenError):
        services.book(application_id=second.pk, slot_id=slot.pk, at=NOON)


def test_a_withdrawn_application_frees_its_time(sounding, planner):
    slot = slots(sounding, planner)[0]
    first = applied(sounding, "青葉建設", "a@example.jp", slot=slot)

    services.withdraw(application_id=first.pk, at=NOON)

    assert applied(sounding, "緑屋", "b@example.jp", slot=slot).slot == slot


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_time_at_once_get_one(town, planner, sounding):
    slot = slots(sounding, planner)[0]
    both = [applied(sounding, name, f"{name}@example.jp") for name in ("a", "b")]
    gate, answers = Barrier(2), []

    def take(application):
        try:
            gate.wait()
            services.book(application_id=application.pk, slot_id=slot.pk, at=NOON)
            answers.append("taken")
        except Exception as error:
            answers.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=take, args=[each]) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count("taken") == 1
    assert SoundingApplication.objects.filter(slot=slot).count() == 1
    assert connection.vendor == "sqlite" or "SlotTakenError" in answers


def test_a_company_never_sees_who_else_applied(client, sounding, planner):
    applied(sounding, "ひみつ商店", "himitsu@example.jp", slot=slots(sounding, planner)[0])
    rival, company = company_person("緑屋")
    own = services.apply(
        sounding_id=sounding.pk,
        values=FORM | {"company": "緑屋"},
        person=rival,
        organization=company,
        at=NOON,
    )
    other = SoundingApplication.objects.get(company="ひみつ商店")
    client.force_login(rival)

    pages = [sounding.get_absolute_url(), reverse("desk:sounding_application", args=[own.pk])]
    shown = "".join(client.get(page).content.decode() for page in pages)
    closed = [
        client.get(reverse(name, args=[pk])).status_code
        for name, pk in (
            ("desk:sounding_application", other.pk),
            ("desk:sounding_dialogue", other.pk),
            ("desk:sounding_dialogue", own.pk),
            ("desk:sounding_summary", sounding.pk),
        )
    ]

    assert ("ひみつ商店" in shown, "緑屋" in shown) == (False, True)
    assert closed == [404] * 4


def test_the_record_of_acts_tells_no_applicant(sounding, planner):
    rival, company = company_person("緑屋")
    services.apply(
        sounding_id=sounding.pk,
        values=FORM | {"company": "緑屋"},
        person=rival,
        organization=company,
        at=NOON,
    )

    events = AuditEvent.objects.filter(action="apply")

    assert [(event.actor_id, "緑屋" in str(event.__dict__)) for event in events] == [(None, False)]


def test_a_rival_cannot_keep_minutes(sounding):
    application = applied(sounding, "青葉建設", "a@example.jp")
    rival, _company = company_person("緑屋")

    with pytest.raises(PermissionDenied):
        heard(application, rival, "盗み聞き")


def test_another_sections_officer_reads_no_minutes(client, town, planner, sounding):
    application = applied(sounding, "青葉建設", "a@example.jp")
    type(sounding).objects.filter(pk=sounding.pk).update(
        section=town.sections.create(name="財産課", valid_from="2020-04-01")
    )
    client.force_login(planner_of(town, Role.OFFICER))

    assert client.get(reverse("desk:sounding_dialogue", args=[application.pk])).status_code == 404


def test_the_form_begins_with_the_writers_own_section_and_says_who_will_know(client, town):
    own = town.sections.create(name="財産課", valid_from="2020-04-01")
    officer = planner_of(town, Role.OFFICER)
    officer.memberships.update(section=own)
    client.force_login(officer)

    page = client.get(reverse("desk:sounding_new")).content.decode()

    assert f'<option value="{own.pk}" selected>' in page
    assert "質問や申込をした人が分かるのは、ここで選んだ課の担当者と、企画・管理職です。" in page


def summarised(sounding, planner, text="夜の利用に前向きな声があった。"):
    one = applied(sounding, "青葉建設", "a@example.jp")
    two = applied(sounding, "緑屋", "b@example.jp")
    heard(one, planner, "当社なら地下水の熱を夜のうちにためて朝に使う。", "月額12,800円")
    heard(two, planner, "夜間も開けられる。")
    services.change_status(sounding_id=sounding.pk, status="talking", actor=planner, at=NOON)
    paragraph = summaries.write_paragraph(
        sounding_id=sounding.pk,
        paragraph_id=None,
        heading="使い方",
        text=text,
        application_ids=[one.pk, two.pk],
        actor=planner,
        at=NOON,
    )
    summaries.ask_consents(sounding_id=sounding.pk, has_looked=True, actor=planner, at=NOON)
    return one, two, paragraph


def agree(application, paragraph, consent=Consent.AGREED, comment=""):
    basis = application.bases.get(paragraph=paragraph)
    return services.answer_consent(
        basis_id=basis.pk, application_id=application.pk, consent=consent, comment=comment, at=NOON
    )


def test_the_summary_waits_for_everybody_under_it(client, sounding, planner):
    one, two, paragraph = summarised(sounding, planner)
    agree(one, paragraph)

    with pytest.raises(RefusedError, match="使い方"):
        summaries.publish_summary(sounding_id=sounding.pk, has_looked=True, actor=planner, at=NOON)
    agree(two, paragraph)
    summaries.publish_summary(sounding_id=sounding.pk, has_looked=False, actor=planner, at=NOON)

    page = client.get(sounding.get_absolute_url()).content.decode()
    assert ("前向きな声" in page, "青葉建設" in page, "緑屋" in page) == (True, False, False)


def test_a_warning_stops_publication_until_somebody_looked(sounding, planner):
    text = "地下水の熱を、夜のうちにためて朝に使う案や、月額12,800円の案があった。"
    one, two, paragraph = summarised(sounding, planner, text)
    agree(one, paragraph)
    agree(two, paragraph)

    kinds = [leak.kind for leak in summaries.checked(sounding)[0].leaks]
    services.change_status(sounding_id=sounding.pk, status="talking", actor=planner, at=NOON)
    with pytest.raises(RefusedError, match="警告"):
        summaries.ask_consents(sounding_id=sounding.pk, has_looked=False, actor=planner, at=NOON)
    summaries.ask_consents(sounding_id=sounding.pk, has_looked=True, actor=planner, at=NOON)
    with pytest.raises(RefusedError, match="警告"):
        summaries.publish_summary(sounding_id=sounding.pk, has_looked=False, actor=planner, at=NOON)
    published = summaries.publish_summary(sounding_id=sounding.pk, has_looked=True, actor=planner, at=NOON)

    assert sorted(set(kinds)) == ["figure", "wording"]
    assert published.status == SoundingStatus.PUBLISHED


def test_another_wording_asks_for_every_word_again(client, sounding, planner):
    one, two, paragraph = summarised(sounding, planner)
    agree(one, paragraph)

    summaries.write_paragraph(
        sounding_id=sounding.pk,
        paragraph_id=paragraph.pk,
        heading="使い方",
        text="夜の利用について意見があった。",
        application_ids=[one.pk, two.pk],
        actor=planner,
        at=NOON,
    )

    assert set(paragraph.bases.values_list("consent", flat=True)) == {Consent.WAITING}
    own = reverse("desk:sounding_mine", args=[services.link_token(two)])
    assert "意見があった" not in client.get(own).content.decode(), "nobody looked at it yet"
    Posting.objects.all().delete()
    summaries.ask_consents(sounding_id=sounding.pk, has_looked=True, actor=planner, at=NOON)
    # The same link but for the second at which it was signed.
    assert own.split(":")[0] in Posting.objects.get(to="b@example.jp").body
    assert Posting.objects.count() == 2
    assert "b@example.jp" not in str(signing.loads(own.split("/")[-2], salt=SALT)), "links end up in logs"


def test_an_objection_says_what_to_mend(sounding, planner):
    one, _two, paragraph = summarised(sounding, planner)

    with pytest.raises(RefusedError, match="直してほしい点"):
        agree(one, paragraph, Consent.OBJECTED)


def test_a_participant_answers_for_the_own_dialogue_only(sounding, planner):
    one, two, paragraph = summarised(sounding, planner)
    basis = one.bases.get(paragraph=paragraph)

    with pytest.raises(type(basis).DoesNotExist):
        services.answer_consent(
            basis_id=basis.pk, application_id=two.pk, consent=Consent.AGREED, comment="", at=NOON
        )


def test_a_participant_confirms_by_the_link_of_the_mail(client, sounding, planner):
    one, _two, paragraph = summarised(sounding, planner)
    basis = one.bases.get(paragraph=paragraph)
    own = reverse("desk:sounding_mine", args=[services.link_token(one)])

    assert ("使い方" in client.get(own).content.decode(), "緑屋" in client.get(own).content.decode()) == (
        True,
        False,
    )
    client.post(own, {"act": "consent", "basis": basis.pk, "consent": "agreed"})

    basis.refresh_from_db()
    assert basis.consent == Consent.AGREED


def test_a_summary_needs_dialogues_with_minutes(sounding, planner):
    silent = applied(sounding, "青葉建設", "a@example.jp")

    with pytest.raises(RefusedError, match="もとになった対話"):
        summaries.write_paragraph(
            sounding_id=sounding.pk, paragraph_id=None, heading="x", text="y",
            application_ids=[silent.pk], actor=planner, at=NOON,
        )  # fmt: skip


def test_letters_wait_while_the_server_is_away_and_go_later(sounding, settings, mailoutbox):
    applied(sounding, "青葉建設", "a@example.jp")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert post.send_waiting(NOON) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert post.send_waiting(NOON) == 1

    assert (len(mailoutbox), Posting.objects.get().state) == (1, "sent")


def test_the_office_holds_a_sounding_on_the_pages(client, town, planner, sounding):
    application = applied(sounding, "青葉建設", "a@example.jp")
    client.force_login(planner)
    times = {"day": "令和99年12月1日", "first": "10:00", "last": "12:00", "minutes": "60", "place": "会議室"}

    client.post(reverse("desk:sounding_slots_add", args=[sounding.pk]), times)
    slot = sounding.slots.first()
    client.post(reverse("desk:sounding_dialogue_book", args=[application.pk]), {"slot": slot.pk})
    assert "10:00 会議室" in Posting.objects.filter(to="a@example.jp").latest("pk").body
    minutes = {"held_on": "令和8年11月20日", "text": "話した", "know_how": "", "attendees": ""}
    client.post(reverse("desk:sounding_dialogue", args=[application.pk]), minutes)
    client.post(
        reverse("desk:sounding_summary", args=[sounding.pk]),
        {"heading": "見出し", "text": "本文", "dialogues": [application.pk]},
    )

    application.refresh_from_db()
    page = client.get(sounding.get_absolute_url()).content.decode()
    assert (application.slot, sounding.slots.count(), sounding.paragraphs.count()) == (slot, 2, 1)
    assert "青葉建設" in page
    assert client.get(reverse("desk:sounding_summary", args=[sounding.pk])).status_code == 200


def test_who_withdrew_comes_back_by_mail_or_with_the_account_of_the_same_address(sounding):
    application = applied(sounding, "青葉建設", "a@example.jp")
    services.withdraw(application_id=application.pk, at=NOON)
    with pytest.raises(RefusedError, match="取り下げるものはありません"):
        services.withdraw(application_id=application.pk, at=NOON)

    again = applied(sounding, "青葉建設", "a@example.jp")
    services.withdraw(application_id=application.pk, at=NOON)
    person, company = company_person()
    type(person).objects.filter(pk=person.pk).update(email="a@example.jp")
    person.refresh_from_db()
    own = services.apply(sounding_id=sounding.pk, values=FORM, person=person, organization=company, at=NOON)

    assert (again.pk, again.status) == (application.pk, ApplicationStatus.APPLIED)
    assert (own.pk, own.status, own.person, own.organization) == (application.pk, "applied", person, company)


def test_who_was_declined_does_not_come_back_by_asking_again(sounding, planner):
    application = applied(sounding, "青葉建設", "a@example.jp")
    services.decline(application_id=application.pk, reason="満席", actor=planner, at=NOON)

    assert applied(sounding, "青葉建設", "a@example.jp").status == ApplicationStatus.DECLINED
