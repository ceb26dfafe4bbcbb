"""Telling people: the exchange hands its notices to the room of notices."""

import datetime as dt
from collections.abc import Sequence

from enishi.accounts.models import Person


def notify(*, kind: str, persons: Sequence[Person], title: str, body: str, url: str, at: dt.datetime) -> None:
    from enishi.notifications import services

    services.notify(kind=kind, persons=persons, title=title, body=body, url=url, at=at)
