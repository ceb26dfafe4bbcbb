"""Everything that writes lines of sparring: begun, narrowed, corrected, thrown away. They are one person's own."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.knowledge.models import SparringSession, SparringTurn
from enishi.knowledge.sparring.understanding import LONGEST
from enishi.knowledge.staff.errors import NotRestorableError, RefusedError

MOST_TURNS = 30


@transaction.atomic
def begin(*, text: str, actor: Person, at: dt.datetime) -> SparringSession:
    """Begin a line of thought with its first question."""
    text = _clean(text)
    session = SparringSession.objects.create(person=actor, title=text[:200], created_at=at, updated_at=at)
    SparringTurn.objects.create(session=session, order=1, text=text, asked_at=at)
    return session


@transaction.atomic
def go_on(*, session_id: int, text: str, actor: Person, at: dt.datetime) -> SparringTurn:
    """Narrow, or widen, by a further question."""
    session = _locked(session_id, actor)
    order = session.turns.count() + 1
    if order > MOST_TURNS:
        raise RefusedError(
            _("問いが%(limit)d個になりました。新しい壁打ちを始めてください。") % {"limit": MOST_TURNS}
        )
    turn = SparringTurn.objects.create(session=session, order=order, text=_clean(text), asked_at=at)
    session.updated_at = at
    session.save(update_fields=["updated_at"])
    return turn


@transaction.atomic
def correct(*, session_id: int, changes: Mapping[str, Any], actor: Person, at: dt.datetime) -> SparringTurn:
    """Put right how the latest question was understood."""
    session = _locked(session_id, actor)
    turn = session.turns.order_by("-order").first()
    assert turn is not None
    turn.changes = dict(changes)
    turn.save(update_fields=["changes"])
    session.updated_at = at
    session.save(update_fields=["updated_at"])
    return turn


@transaction.atomic
def throw_away(*, session_id: int, actor: Person, at: dt.datetime) -> SparringSession:
    session = _locked(session_id, actor)
    session.deleted_at = at
    session.save(update_fields=["deleted_at"])
    return session


@transaction.atomic
def bring_back(*, session_id: int, actor: Person, at: dt.datetime) -> SparringSession:
    session = SparringSession.objects.select_for_update().get(pk=session_id)
    if session.person_id != actor.pk:
        raise PermissionDenied("restore")
    if session.deleted_at is None or at - session.deleted_at > RESTORABLE:
        raise NotRestorableError
    session.deleted_at = None
    session.save(update_fields=["deleted_at"])
    return session


def _locked(session_id: int, actor: Person) -> SparringSession:
    session = SparringSession.objects.select_for_update().get(pk=session_id)
    if session.person_id != actor.pk:
        raise PermissionDenied("edit")
    if session.deleted_at is not None:
        raise RefusedError(_("この壁打ちは削除されています。一覧から元に戻せます。"))
    return session


def _clean(text: str) -> str:
    text = clean_text(text).strip()
    if not text:
        raise RefusedError(_("問いを書いてください。例: 北海道の食の事業で、うまくいったことと失敗したこと"))
    if len(text) > LONGEST:
        raise RefusedError(_("問いは%(limit)d文字までで書いてください。") % {"limit": LONGEST})
    return text
