"""What the parties of an agreement read and do themselves."""

import pytest
from django.urls import reverse

from enishi.agreements import services
from enishi.agreements.errors import RefusedError
from enishi.foundation import form_pages
from enishi.notifications.models import Notice
from tests.agreements.build import House
from tests.factories import NOON, TODAY, MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_a_draft_is_read_by_its_parties_only_while_the_keeper_shows_it(client):
    house = House()
    agreement = house.draft(visibility="public")
    partner, stranger = house.partner, PersonFactory()
    MembershipFactory(person=stranger, role="partner_member")

    def share(shares):
        services.share_draft(agreement_id=agreement.pk, shares=shares, actor=house.officer, at=NOON)
        client.force_login(partner)
        ours = client.get(agreement.get_absolute_url()).status_code
        client.force_login(stranger)
        theirs = client.get(agreement.get_absolute_url()).status_code
        client.logout()
        return ours, theirs, client.get(agreement.get_absolute_url()).status_code

    assert share(True) == (200, 404, 404)
    assert Notice.objects.filter(person=partner, title__contains="案をご覧ください").exists()
    assert share(False) == (404, 404, 404)


def test_an_internal_draft_is_not_shown_by_mistake():
    house = House()
    agreement = house.draft(visibility="internal")

    with pytest.raises(RefusedError, match="公開範囲"):
        services.share_draft(agreement_id=agreement.pk, shares=True, actor=house.officer, at=NOON)


def test_a_party_tells_the_result_of_its_own_duty_and_of_no_other(client):
    house = House()
    agreement = house.draft(visibility="public")
    rows = [
        {"bearer": house.company.name, "text": "機器の点検を報告する", "due_on": TODAY, "every_months": None},
        {"bearer": house.town.name, "text": "区域を知らせる", "due_on": TODAY, "every_months": None},
    ]
    services.save_obligations(
        agreement_id=agreement.pk, rows=rows, version=agreement.version, actor=house.officer, at=NOON
    )
    house.submit(agreement)
    house.approve(agreement)
    services.sign(agreement_id=agreement.pk, signed_on=TODAY, actor=house.officer, at=NOON)
    own, other = agreement.versions.get().obligations.order_by("order")
    client.force_login(house.partner)
    values = {"outcome": "done", "done_on": TODAY.isoformat(), "note": ""}

    def tell(row):
        due = row.due_on.isoformat() if row.due_on else "none"
        return client.post(
            reverse("agreements:obligation_fulfil", args=[agreement.pk, row.key, due]), values
        ).status_code

    assert (tell(own), tell(other)) == (302, 403)
    assert agreement.fulfilments.get().by == house.partner


def test_rows_of_an_agreement_keep_what_was_typed_and_show_what_another_saved(client):
    house = House()
    agreement = house.draft()
    client.force_login(house.officer)
    page = reverse("agreements:agreement_obligations", args=[agreement.pk])
    typed = {
        "rows-TOTAL_FORMS": "1",
        "rows-INITIAL_FORMS": "0",
        "rows-0-bearer": house.company.name,
        "rows-0-text": "書きかけの義務",
        "version": agreement.version,
    }
    client.post(form_pages.Kept(page, None).keep_url, typed)
    rows = [{"bearer": house.town.name, "text": "同僚の義務", "due_on": TODAY, "every_months": None}]
    services.save_obligations(
        agreement_id=agreement.pk, rows=rows, version=agreement.version, actor=house.colleague, at=NOON
    )

    opened = client.get(page)
    sent = client.post(page, {**typed, "version": opened.context["opened"]})

    assert "書きかけの義務" in opened.content.decode()
    assert sent.status_code == 422
    assert "書きかけの義務" in sent.content.decode() and "同僚の義務" in sent.content.decode()
    client.post(page, {**typed, "version": sent.context["opened"]})
    assert [row.text for row in agreement.versions.get().obligations.all()] == ["書きかけの義務"]
