"""What the desk's proposals became, in a data set: counted without a name or a word of theirs."""

import datetime as dt

import pytest

from enishi.agreements.published_data import proposals
from enishi.desk.models import Proposal
from tests.factories import NOON, TODAY, OrganizationFactory

pytestmark = pytest.mark.django_db


def made(house, status, days, *, kind="partnership", started=None):
    received = NOON - dt.timedelta(days=days)
    decided = received + dt.timedelta(days=10) if status in ("adopted", "declined") else None
    return Proposal.objects.create(
        organization=house,
        kind=kind,
        title="題名は出ない",
        status=status,
        received_at=received,
        decided_at=decided,
        stage_entered_at=decided or received,
        started_on=started,
        created_at=received,
        updated_at=received,
    )


def test_each_proposal_tells_its_days_and_its_end(settings):
    house = OrganizationFactory()
    kind = next(
        value for value, _label in Proposal._meta.get_field("kind").choices if value != "consultation"
    )
    begun = made(house, "adopted", 100, kind=kind, started=TODAY - dt.timedelta(days=40))
    refused = made(house, "declined", 50, kind=kind)
    pending = made(house, "received", 5, kind=kind)
    made(house, "received", 5, kind="consultation")

    rows = {row["proposal"]: row for row in proposals(house.pk, 2026)}

    assert set(rows) == {f"P{each.pk}" for each in (begun, refused, pending)}
    told = [(row["agreed"], row["fate"], row["ended_on"] - row["received_on"]) for row in rows.values()]
    today = dt.datetime.now(tz=dt.UTC).date() - (NOON - dt.timedelta(days=5)).date()
    assert told[:2] == [(True, "実現", dt.timedelta(days=60)), (False, "離脱", dt.timedelta(days=10))]
    assert (told[2][:2], abs(told[2][2] - today) <= dt.timedelta(days=1)) == ((False, "継続中"), True)
    assert "題名は出ない" not in str(rows)
