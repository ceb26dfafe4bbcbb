"""Long forms keep what is typed, two who write at once see each other, and a draft thrown away comes back."""

import datetime as dt

import pytest
from django.urls import reverse

from enishi.agreements.models import Agreement
from enishi.desk.calls import services as calls
from enishi.desk.calls.models import Call
from enishi.desk.dialogue.models import Meeting
from enishi.desk.soundings.models import Sounding
from enishi.foundation import form_pages
from enishi.foundation.models import FormDraft
from tests.agreements.build import House
from tests.desk.engaging import call_values, open_sounding, planner_of
from tests.desk.making import Desk
from tests.factories import NOON, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def call(town):
    return calls.create_call(organization=town, values=call_values(town), actor=planner_of(town), at=NOON)


def call_typed(call, **also):
    return {
        "title": call.title,
        "purpose": call.purpose,
        "asks": call.asks,
        "deadline_on": "令和9年3月1日",
        "deadline_time": "17:00",
        "visibility": "public",
        "version": call.version,
        **also,
    }


def test_what_is_typed_comes_back_and_can_be_dropped(client, call):
    client.force_login(planner_of(call.organization))
    page = reverse("desk:call_edit", args=[call.pk])
    keep = form_pages.Kept(page, None)

    kept = client.post(keep.keep_url, call_typed(call, purpose="書きかけの目的"))

    assert kept.content.decode().startswith("入力を控えました")
    again = client.get(page).content.decode()
    assert "書きかけの目的" in again and "保存できていない入力が残っていました" in again
    assert client.post(keep.discard_url)["Location"] == page
    assert "書きかけの目的" not in client.get(page).content.decode()


def test_a_draft_is_its_writers_alone(client, call):
    page = reverse("desk:call_edit", args=[call.pk])
    client.force_login(planner_of(call.organization))
    client.post(form_pages.Kept(page, None).keep_url, call_typed(call, purpose="書きかけの目的"))

    client.force_login(planner_of(call.organization))

    assert "書きかけの目的" not in client.get(page).content.decode()


def test_saving_forgets_the_draft(client, call):
    client.force_login(planner_of(call.organization))
    page = reverse("desk:call_edit", args=[call.pk])
    client.post(page, call_typed(call, title=""))
    assert FormDraft.objects.count() == 1

    client.post(page, call_typed(call, purpose="直した目的"))

    assert (Call.objects.get().purpose, FormDraft.objects.count()) == ("直した目的", 0)


def test_a_draft_begun_before_somebody_saved_shows_both(client, call):
    client.force_login(planner_of(call.organization))
    page = reverse("desk:call_edit", args=[call.pk])
    client.post(form_pages.Kept(page, None).keep_url, call_typed(call, purpose="わたしの目的"))
    values = call_values(call.organization, purpose="同僚の目的")
    calls.edit_call(
        call_id=call.pk, values=values, version=call.version, actor=planner_of(call.organization), at=NOON
    )

    opened = client.get(page).context["form"]
    sent = client.post(page, call_typed(call, purpose="わたしの目的", version=opened.initial["version"]))

    assert sent.status_code == 422
    assert "わたしの目的" in sent.content.decode() and "同僚の目的" in sent.content.decode()
    call.refresh_from_db()
    client.post(page, call_typed(call, purpose="二人の目的", version=call.version))
    call.refresh_from_db()
    assert call.purpose == "二人の目的"


def test_minutes_of_a_meeting_are_not_written_over(client):
    desk = Desk()
    proposal = desk.proposal()
    values = {"held_on": NOON.date(), "attendees": "二人", "minutes": "費用を話した"}
    meeting = Meeting.objects.create(
        proposal=proposal, written_by=desk.planner, written_at=NOON, version=2, **values
    )
    client.force_login(desk.planner)
    rows = {"promises-TOTAL_FORMS": "0", "promises-INITIAL_FORMS": "0"}

    sent = client.post(
        reverse("desk:meeting_edit", args=[meeting.pk]),
        {**values, **rows, "held_on": "2026-11-22", "minutes": "場所を話した", "version": "1"},
    )

    assert sent.status_code == 422
    assert "場所を話した" in sent.content.decode() and "費用を話した" in sent.content.decode()
    meeting.refresh_from_db()
    assert meeting.minutes == "費用を話した"


def test_terms_of_an_agreement_keep_a_draft_with_the_version_it_was_begun_from(client):
    house = House()
    agreement = house.draft()
    client.force_login(house.officer)
    page = reverse("agreements:agreement_terms", args=[agreement.pk])
    client.post(
        form_pages.Kept(page, None).keep_url, {"purpose": "書きかけの目的", "version": agreement.version}
    )
    Agreement.objects.update(version=agreement.version + 1)

    shown = client.get(page)

    assert "書きかけの目的" in shown.content.decode()
    assert shown.context["opened"] == agreement.version


def test_a_hostile_paste_and_a_thousand_forms_do_not_fill_the_disk(client, town):
    person = planner_of(town)
    client.force_login(person)
    client.post(form_pages.Kept("/desk/calls/new/", None).keep_url, {"purpose": "あ" * 200_001})
    assert FormDraft.objects.count() == 0

    FormDraft.objects.bulk_create(
        FormDraft(person=person, form=f"page:/{n}", values={}, saved_at=NOON) for n in range(200)
    )
    client.post(form_pages.Kept("/desk/calls/new/", None).keep_url, {"purpose": "短い"})

    assert FormDraft.objects.count() == 200
    assert FormDraft.objects.filter(form="page:/desk/calls/new/").exists()


@pytest.mark.parametrize("kind", ["call", "sounding"])
def test_a_draft_is_deleted_and_restored_within_thirty_days(client, town, call, kind):
    planner = planner_of(town)
    if kind == "sounding":
        made = open_sounding(town, planner)
        Sounding.objects.update(status="draft", published_at=None)
        row: Call | Sounding = made
    else:
        row = call
    client.force_login(planner)

    client.post(reverse(f"desk:{kind}_delete", args=[row.pk]))

    assert client.get(row.get_absolute_url()).status_code == 404
    assert row.title in client.get(reverse("desk:trash")).content.decode()
    client.post(reverse(f"desk:{kind}_restore", args=[row.pk]))
    assert client.get(row.get_absolute_url()).status_code == 200
    type(row).objects.update(deleted_at=NOON - dt.timedelta(days=400))
    client.post(reverse(f"desk:{kind}_restore", args=[row.pk]))
    assert client.get(row.get_absolute_url()).status_code == 404


def test_what_others_have_read_is_not_deleted(client, call):
    Call.objects.update(status="open", published_at=NOON)
    client.force_login(planner_of(call.organization))

    answer = client.post(reverse("desk:call_delete", args=[call.pk]), follow=True)

    assert "中止する" in answer.content.decode()
    assert Call.objects.get().deleted_at is None
