"""Throwing drafts of calls and soundings away, and bringing them back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.calls.access import call_access
from enishi.desk.calls.models import Call
from enishi.desk.soundings.access import sounding_access
from enishi.desk.soundings.models import Sounding
from enishi.exchange.errors import NotRestorableError, RefusedError
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE


@dataclass(frozen=True)
class Kind:
    """What can be thrown away, and who may."""

    model: Any
    access: Any


KINDS = {"call": Kind(Call, call_access), "sounding": Kind(Sounding, sounding_access)}


@transaction.atomic
def throw_away(*, kind: str, pk: int, actor: Person, at: dt.datetime) -> None:
    """Only a draft: it comes back for 30 days. What others have read is cancelled, with a reason."""
    row = _locked(kind, "delete", pk, actor)
    if row.status != "draft":
        raise RefusedError(
            _("削除できるのは下書きだけです。公開したあとは「中止する」で理由を伝えてください。")
        )
    _set(row, row.deleted_at or at, "delete", actor, at)


@transaction.atomic
def restore(*, kind: str, pk: int, actor: Person, at: dt.datetime) -> None:
    row = _locked(kind, "restore", pk, actor)
    if row.deleted_at is None or at - row.deleted_at > RESTORABLE:
        raise NotRestorableError
    _set(row, None, "restore", actor, at)


def _locked(kind: str, action: str, pk: int, actor: Person) -> Any:
    row = KINDS[kind].model.objects.select_for_update().get(pk=pk)
    KINDS[kind].access.require(actor, action, row)
    return row


def _set(row: Any, deleted_at: dt.datetime | None, action: str, actor: Person, at: dt.datetime) -> None:
    row.deleted_at = deleted_at
    row.save(update_fields=["deleted_at"])
    trail.record(trail.Act(actor, action, row, at, organization_id=row.organization_id))
