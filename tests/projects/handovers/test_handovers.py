"""Handover packets: somebody with nothing but the packet finds every open matter, with its link and its day."""

import datetime as dt
import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.agreements.models import Agreement, Obligation, Party, Version
from enishi.desk.models import Consultation, Proposal
from enishi.exchange.models import Contact, ContactNote
from enishi.foundation.documents import plain_text
from enishi.foundation.printing import pdf_from_docx
from enishi.notifications.models import Notice
from enishi.organizations.enums import Role, Visibility
from enishi.projects.errors import RefusedError
from enishi.projects.handovers import panels, selectors, services
from enishi.projects.handovers.models import HandoverPacket
from enishi.projects.models import Measure, MeasureValue, Meeting, Milestone, Project, Task, Trial
from enishi.projects.papers import as_docx
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    ResourceFactory,
    SectionFactory,
)
from tests.projects.making_ends import make_incident, make_partner, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return OrganizationFactory(name="引継市")


@pytest.fixture
def section(town):
    return SectionFactory(organization=town, name="企画課")


@pytest.fixture
def leaving(town, section):
    return MembershipFactory(organization=town, section=section, role=Role.OFFICER).person


@pytest.fixture
def successor(town, section):
    return MembershipFactory(organization=town, section=section, role=Role.OFFICER).person


@pytest.fixture
def manager(town):
    return MembershipFactory(organization=town, role=Role.MANAGER).person


def make(town, leaving, successor, **values):
    return services.make_packet(
        **{
            "organization": town,
            "person": leaving,
            "successor": successor,
            "actor": leaving,
            "at": NOON,
            **values,
        }
    )


@pytest.fixture
def everything(town, section, leaving):
    """One open matter of each kind in the officer's charge: (title, address, day)."""
    partner = make_partner("引受計測社")
    challenge = ChallengeFactory(
        organization=town, section=section, title="空き家の見回りが足りない", due_on=dt.date(2027, 1, 29)
    )
    contact = Contact.objects.create(
        challenge=challenge,
        resource=ResourceFactory(organization=partner, title="ドローンの巡回"),
        wanting=town,
        offering=partner,
        state="in_dialogue",
        opened_side="challenge",
        turn="challenge",
        opened_by=leaving,
        opened_at=NOON,
        moved_at=NOON,
        last_word_at=NOON,
    )
    ContactNote.objects.create(
        contact=contact,
        kind="note",
        side="resource",
        author_name="引受計測社 佐藤",
        body="12月中に見積もりを出します。",
        written_at=NOON,
    )
    proposal = Proposal.objects.create(
        organization=town,
        kind="proposal",
        title="移動販売車の提案",
        number="R8-0007",
        status="consulting",
        officer=leaving,
        proposer_name="移動販売の会",
        received_at=NOON,
        stage_due_on=dt.date(2026, 12, 4),
        created_at=NOON,
        updated_at=NOON,
    )
    Consultation.objects.create(
        proposal=proposal, section=section, asked_by=leaving, asked_at=NOON, due_on=dt.date(2026, 12, 1)
    )
    agreement = agreement_with_a_promise(town, section, leaving)
    project = make_project(
        town,
        partner=partner,
        section=section,
        officer=leaving,
        title="買い物支援",
        ends_on=dt.date(2027, 3, 31),
    )
    Milestone.objects.create(project=project, title="中間報告会", due_on=dt.date(2027, 1, 15))
    Task.objects.create(
        project=project,
        title="名簿を作る",
        assignee=leaving,
        starts_on=dt.date(2026, 12, 1),
        due_on=dt.date(2026, 12, 20),
        updated_at=NOON,
    )
    Meeting.objects.create(
        project=project,
        title="第三回会議",
        held_on=dt.date(2026, 11, 10),
        promises="引受計測社が図面を送る",
        next_on=dt.date(2026, 12, 8),
        written_at=NOON,
    )
    make_incident(project, title="台車の破損", happened_on=dt.date(2026, 11, 12))
    here = project.get_absolute_url()
    return [
        ("空き家の見回りが足りない", challenge.get_absolute_url(), dt.date(2027, 1, 29)),
        (str(contact), contact.get_absolute_url(), dt.date(2026, 12, 6)),
        ("移動販売車の提案", proposal.get_absolute_url(), dt.date(2026, 12, 4)),
        ("移動販売車の提案", proposal.get_absolute_url(), dt.date(2026, 12, 1)),
        ("見回り協定", agreement.get_absolute_url(), dt.date(2026, 12, 31)),
        ("半年ごとに報告する", agreement.get_absolute_url(), dt.date(2026, 12, 15)),
        ("買い物支援", here, dt.date(2027, 3, 31)),
        ("中間報告会", here, dt.date(2027, 1, 15)),
        ("名簿を作る", reverse("projects:task_detail", args=[project.tasks.get().pk]), dt.date(2026, 12, 20)),
        (
            "第三回会議",
            reverse("projects:meeting_detail", args=[project.meetings.get().pk]),
            dt.date(2026, 12, 8),
        ),
        ("台車の破損", here, dt.date(2026, 11, 12)),
    ]


def agreement_with_a_promise(town, section, officer):
    agreement = Agreement.objects.create(
        organization=town,
        section=section,
        officer=officer,
        title="見回り協定",
        counterparts="みまわり組合",
        status="active",
        signed_on=dt.date(2026, 4, 1),
        ends_on=dt.date(2027, 3, 31),
        notice_on=dt.date(2026, 12, 31),
        created_at=NOON,
        updated_at=NOON,
    )
    version = Version.objects.create(
        agreement=agreement, number=1, state="draft", title="見回り協定", made_by=officer, made_at=NOON
    )
    Party.objects.create(
        version=version, name="みまわり組合", representative="組合長 森田", contact="0123-45-6789"
    )
    Obligation.objects.create(
        version=version,
        bearer="みまわり組合",
        text="半年ごとに報告する",
        due_on=dt.date(2026, 12, 15),
        every_months=6,
    )
    version.state, version.sha256 = "in_force", "0" * 64
    version.save(update_fields=["state", "sha256"])
    return agreement


# --- The promise ---------------------------------------------------------------------------------------------------------


def test_with_nothing_but_the_packet_every_open_matter_is_found_with_link_and_day(
    client, town, leaving, successor, everything
):
    packet = make(town, leaving, successor)
    client.force_login(successor)

    page = client.get(packet.get_absolute_url()).content.decode()

    dates = page.split('id="days"')[1].split("</table>")[0]
    for title, url, day in everything:
        row = rf'datetime="{day.isoformat()}".*?href="{re.escape(url)}">[^<]*{re.escape(title)}'
        assert re.search(row, dates, re.DOTALL), f"{title} {day}"


def test_contacts_and_promises_are_told_beside_the_matters(town, leaving, successor, everything):
    packet = make(town, leaving, successor)

    told = " ".join(f"{item.counterpart} {item.note} {item.next_step}" for item in packet.items.all())

    for words in (
        "組合長 森田 0123-45-6789",
        "12月中に見積もりを出します",
        "引受計測社が図面を送る",
        "移動販売の会",
    ):
        assert words in told


def test_the_packet_says_what_the_next_value_and_the_next_decision_are_measured_by(
    town, leaving, successor, everything
):
    project = Project.objects.get(title="買い物支援")
    measure = Measure.objects.create(
        project=project,
        title="外出の回数",
        unit="回",
        direction="UP",
        target_value=8,
        target_on=dt.date(2027, 3, 31),
        next_due_on=dt.date(2027, 1, 31),
        source="日誌",
    )
    MeasureValue.objects.create(measure=measure, on=dt.date(2026, 10, 31), value=5, recorded_at=NOON)
    Trial.objects.create(
        project=project,
        round=1,
        hypothesis="車が来れば外に出る",
        measure=measure,
        success_comparator="gte",
        success_value=8,
        judged_on=dt.date(2027, 2, 28),
    )

    notes = {item.title: item.note for item in make(town, leaving, successor).items.all()}

    assert "いま 5回(令和8年10月31日)、目標 8回(令和9年3月31日)" in notes["外出の回数"]
    assert "成功は「外出の回数」が8回以上" in notes["車が来れば外に出る"]


def test_the_same_stands_in_the_word_file_and_in_print(client, town, leaving, successor, everything):
    packet = make(town, leaving, successor, note="朝なら電話がつながる")
    client.force_login(successor)

    word = client.get(packet.get_absolute_url(), {"format": "docx"}).content
    printed = client.get(reverse("projects:handover_print", args=[packet.pk])).content.decode()

    text = plain_text(word)
    for title, url, _day in everything:
        assert title in text
        assert f"http://testserver{url}" in text
        assert title in printed
    assert "朝なら電話がつながる" in text


def test_the_word_file_can_be_set_as_pdf(town, leaving, successor, everything):
    packet = make(town, leaving, successor)
    paper = selectors.as_paper(packet, selectors.read(packet, successor), "http://testserver")

    assert pdf_from_docx(as_docx(paper)).startswith(b"%PDF")


def test_the_packet_stays_as_it_was_when_records_move_on(town, leaving, successor, everything):
    packet = make(town, leaving, successor)
    before = list(packet.items.values_list("title", "state", "due_on"))

    Project.objects.update(title="名前が変わった", status="completed", ends_on=dt.date(2030, 1, 1))
    Proposal.objects.update(title="取り下げられた", status="withdrawn")

    assert list(packet.items.values_list("title", "state", "due_on")) == before


def test_what_is_over_or_somebody_elses_is_not_handed_over(town, section, leaving, successor):
    elsewhere = SectionFactory(organization=town)
    make_project(town, section=elsewhere, title="よその課の事業")
    make_project(town, section=section, officer=leaving, title="終わった事業", status="completed")

    packet = make(town, leaving, successor)

    open_titles = [item.title for item in packet.items.all() if item.is_open]
    assert open_titles == []
    assert "終わった事業" in [item.title for item in packet.items.all()]


# --- Who ------------------------------------------------------------------------------------------------------------------


def test_predecessor_successor_and_managers_read_it_and_nobody_else(
    client, town, leaving, successor, manager
):
    packet = make(town, leaving, successor)
    colleague = MembershipFactory(organization=town, role=Role.OFFICER).person
    stranger = MembershipFactory(role=Role.MANAGER).person

    answers = {}
    for person in (leaving, successor, manager, colleague, stranger):
        client.force_login(person)
        answers[person.pk] = client.get(packet.get_absolute_url()).status_code

    assert answers == {
        leaving.pk: 200,
        successor.pk: 200,
        manager.pk: 200,
        colleague.pk: 404,
        stranger.pk: 404,
    }


def test_what_is_kept_within_a_section_stays_so_for_the_manager(
    client, town, section, leaving, successor, manager
):
    make_project(
        town, section=section, officer=leaving, title="課内だけの事業", visibility=Visibility.SECTION
    )
    packet = make(town, leaving, successor)

    def seen(person):
        return [item.title for item in selectors.read(packet, person).items]

    assert "課内だけの事業" in seen(successor)
    assert "課内だけの事業" not in seen(manager)


def test_an_officer_makes_only_their_own_and_a_manager_anybodys(town, leaving, successor, manager):
    with pytest.raises(PermissionDenied):
        make(town, leaving, manager, actor=successor)

    assert make(town, leaving, successor, actor=manager).made_by == manager


@pytest.mark.parametrize("who", ["resident", "stranger", "gone"])
def test_the_successor_works_in_the_house(town, leaving, who):
    places = {
        "resident": {"organization": town, "role": Role.RESIDENT},
        "stranger": {"role": Role.OFFICER},
        "gone": {"organization": town, "role": Role.OFFICER, "valid_to": dt.date(2026, 3, 31)},
    }
    other = MembershipFactory(**places[who]).person

    with pytest.raises(RefusedError) as refused:
        make(town, leaving, other)

    assert town.name in refused.value.sentence
    assert not HandoverPacket.objects.exists()


def test_nobody_follows_themselves(town, leaving):
    with pytest.raises(RefusedError):
        make(town, leaving, leaving)


def test_a_whole_section_is_handed_over(town, section, leaving, successor, manager):
    make_project(town, section=section, title="課の事業", ends_on=dt.date(2027, 3, 31))

    packet = make(town, None, successor, person=None, section=section, actor=manager)

    assert "課の事業" in [item.title for item in packet.items.all()]


# --- Reading it ------------------------------------------------------------------------------------------------------------


def test_the_successor_confirms_item_by_item_and_those_concerned_hear_of_the_last(
    client, town, leaving, successor, manager, everything
):
    packet = make(town, leaving, successor)
    address = reverse("projects:handover_confirm", args=[packet.pk])
    client.force_login(successor)

    first = packet.items.first()
    client.post(address, {"item": first.pk})
    first.refresh_from_db()
    assert first.confirmed_by == successor
    for chapter in packet.items.values_list("part_key", flat=True).distinct():
        client.post(address, {"chapter": chapter})

    assert not packet.items.filter(confirmed_at__isnull=True).exists()
    told = set(Notice.objects.filter(title__contains="すべて確認").values_list("person_id", flat=True))
    assert told == {leaving.pk, manager.pk}
    assert panels.waiting(successor, NOON) is None


def test_only_the_successor_confirms(client, town, leaving, successor, manager, everything):
    packet = make(town, leaving, successor)
    client.force_login(manager)

    answer = client.post(
        reverse("projects:handover_confirm", args=[packet.pk]), {"item": packet.items.first().pk}
    )

    assert answer.status_code == 403
    assert successor.name in answer.content.decode()


def test_the_home_page_says_what_is_still_to_be_read(town, leaving, successor, everything):
    packet = make(town, leaving, successor)

    (item,) = panels.waiting(successor, NOON)["items"]

    assert item.url == packet.get_absolute_url()
    assert str(packet.items.count()) in item.why


def test_the_form_makes_one_packet_however_often_it_is_pressed(client, town, leaving, successor, everything):
    client.force_login(leaving)
    address = reverse("projects:handover_new")
    token = client.get(address).context["form"].initial["token"]

    for _time in range(2):
        answer = client.post(
            address, {"person": leaving.pk, "successor": successor.pk, "note": "よろしく", "token": token}
        )

    assert answer.status_code == 302
    assert HandoverPacket.objects.count() == 1
    assert client.get(reverse("projects:handover_list")).content.decode().count("引継書</a>") >= 1


def test_the_table_of_a_packet_is_handed_out(client, town, leaving, successor, everything):
    packet = make(town, leaving, successor)
    client.force_login(successor)

    csv = client.get(packet.get_absolute_url(), {"format": "csv"}).content.decode("utf-8-sig")

    assert "http://testserver" + everything[2][1] in csv
    assert io.StringIO(csv).readline().startswith("章,件名")


def test_a_sections_page_leads_to_its_packet_for_those_who_may_make_one(
    client, town, section, manager, leaving
):
    page = reverse("organizations:section_detail", args=[section.pk])
    address = f"{reverse('projects:handover_new')}?section={section.pk}"
    assert address not in client.get(page).content.decode()

    client.force_login(leaving)

    assert address in client.get(page).content.decode()
    assert client.get(address).context["form"].initial["section"] == str(section.pk)
