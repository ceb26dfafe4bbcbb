"""Secret addresses for calendar programs: made, shown once, revoked."""

import datetime as dt
import secrets

from django.db import transaction

from enishi.accounts.models import Person, digest_of
from enishi.agreements.models import CalendarFeed
from enishi.foundation import trail

PREFIX = "cal_"


@transaction.atomic
def make_feed(*, actor: Person, at: dt.datetime) -> str:
    """A new address in place of the old ones; the token is told this once."""
    revoke_feeds(actor=actor, at=at)
    token = PREFIX + secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(person=actor, digest=digest_of(token), made_at=at)
    trail.record(trail.Act(actor, "make_feed", feed, at))
    return token


@transaction.atomic
def revoke_feeds(*, actor: Person, at: dt.datetime) -> int:
    feeds = list(CalendarFeed.objects.filter(person=actor, revoked_at__isnull=True).select_for_update())
    for feed in feeds:
        feed.revoked_at = at
        feed.save(update_fields=["revoked_at"])
        trail.record(trail.Act(actor, "revoke", feed, at))
    return len(feeds)


def reader_of(token: str, *, at: dt.datetime) -> Person | None:
    """The person behind a token that still works."""
    feed = CalendarFeed.objects.usable().filter(digest=digest_of(token)).select_related("person").first()
    if feed is None:
        return None
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
    return feed.person
