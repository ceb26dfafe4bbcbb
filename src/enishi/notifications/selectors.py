"""Questions about notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.notifications.enums import MailMode
from enishi.notifications.kinds import NoticeKind, all_kinds
from enishi.notifications.models import Notice, Preference


def notices_of(actor: Actor) -> models.QuerySet[Notice]:
    return Notice.objects.of(actor)


def unread_count(actor: Actor) -> int:
    """How many wait, counted to a hundred: nobody reads a larger number."""
    return len(Notice.objects.of(actor).unread().values_list("pk")[:100]) if actor.is_authenticated else 0


@dataclass(frozen=True)
class Wish:
    kind: NoticeKind
    on_page: bool
    mail: MailMode


def wishes_of(actor: Actor) -> list[Wish]:
    """How the person wants each kind, chosen or usual."""
    rows = Preference.objects.filter(person_id=actor.pk) if actor.pk else Preference.objects.none()
    chosen = {wish.kind: wish for wish in rows}
    return [
        Wish(kind, wish.on_page, MailMode(wish.mail))
        if (wish := chosen.get(kind.key))
        else Wish(kind, on_page=True, mail=kind.mail)
        for kind in all_kinds()
    ]


def own_notices(person: Person) -> list[Mapping[str, Any]]:
    """What the export of one's own data says about notices: the latest thousand."""
    return [
        dict(row)
        for row in Notice.objects.filter(person=person).values("kind", "title", "body", "at", "read_at")[
            :1000
        ]
    ]
