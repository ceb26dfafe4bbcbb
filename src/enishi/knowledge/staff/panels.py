"""What waits for staff on their home page: drafts under way, checks without a decision, things to read."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, Todo, home
from enishi.knowledge.cases import selectors as cases
from enishi.knowledge.checks.access import run_access
from enishi.knowledge.checks.enums import Decision
from enishi.knowledge.drafting.access import draft_access
from enishi.knowledge.drafting.enums import DraftStatus
from enishi.knowledge.models import CheckRun
from enishi.knowledge.staff.access import is_staff

_FEW = 3


def register() -> None:
    """Called once, in ``apps.ready``."""
    home.register(HomePanel("", 60, waiting, "today", shown=is_staff))


def waiting(actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    if not isinstance(actor, Person):
        return None
    items = [*_drafts(actor), *_undecided(actor), *_unread(actor)]
    return {"items": items} if items else None


def _drafts(person: Person) -> list[Todo]:
    rows = draft_access.visible(person).filter(author=person, status=DraftStatus.DRAFTING)
    return [
        Todo(row.title, row.get_absolute_url(), why=_("起案中です"))
        for row in rows.order_by("-updated_at", "-pk")[:_FEW]
    ]


def _undecided(person: Person) -> list[Todo]:
    """Checks this person made and has not decided on."""
    rows = run_access.visible(person).filter(decision=Decision.NONE, updated_by=person)
    found: list[CheckRun] = list(rows.order_by("-updated_at", "-pk")[:_FEW])
    return [
        Todo(row.title, row.get_absolute_url(), why=_("点検の結果を見て、判断を記録してください"))
        for row in found
    ]


def _unread(person: Person) -> list[Todo]:
    return [
        Todo(path.title, path.get_absolute_url(), why=_("まだ読んでいないものがあります"))
        for path in cases.my_paths(person).order_by("-updated_at", "-pk")[:_FEW]
    ]
