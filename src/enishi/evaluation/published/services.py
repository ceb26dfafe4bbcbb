"""Freezing what a year's decisions came to, publishing it by a second person, withdrawing it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation.published.access import data_set_access
from enishi.evaluation.published.freezing import About, Frozen, files_of
from enishi.evaluation.published.gathering import gather
from enishi.evaluation.published.measures import recompute
from enishi.evaluation.published.models import DataSetState, PublishedDataSet, PublishedFile
from enishi.evaluation.published.reading import PublishedDataError, opened
from enishi.evaluation.published.selectors import HEADLINE
from enishi.evaluation.reflection.houses import year_words
from enishi.evaluation.signals import data_set_changed
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import RefusedError
from enishi.organizations.models import Organization


@transaction.atomic
def freeze(
    *,
    organization: Organization,
    fiscal_year: int,
    title: str,
    note: str,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> PublishedDataSet:
    """Write the files of a budget year as things stand now. Nobody outside sees them yet."""
    if not data_set_access.allows(actor, "freeze", organization.pk):
        raise PermissionDenied(_("公開データを作れるのは、行革か財政の課の人です。"))
    rows = gather(organization.pk, fiscal_year)
    if not rows["decisions"]:
        raise RefusedError(
            _("%(year)sの予算に表す決定がありません。年度を確かめてください。")
            % {"year": year_words(fiscal_year)}
        )
    files = files_of(
        rows, About(clean_text(title).strip()[:150], organization.name, fiscal_year, at, _clean(note))
    )
    _require_sense(files, fiscal_year)
    made = PublishedDataSet.objects.create(
        organization=organization,
        fiscal_year=fiscal_year,
        title=clean_text(title).strip()[:150],
        note=_clean(note),
        frozen_by=actor,
        frozen_at=at,
        is_demo=is_demo,
    )
    PublishedFile.objects.bulk_create(
        PublishedFile(
            data_set=made,
            name=file.name,
            content=file.content,
            sha256=file.sha256,
            size=len(file.content),
            rows=file.rows,
        )
        for file in files
    )
    _note(made, "freeze", actor, at)
    return made


def _clean(note: str) -> str:
    return clean_text(note, lines=True).strip()[:2_000]


def _require_sense(files: Sequence[Frozen], fiscal_year: int) -> None:
    """What is published has been read and computed as a citizen will read and compute it (D2)."""
    by_name = {file.name: file.content for file in files}
    try:
        recompute(HEADLINE, opened("", by_name.get), year=fiscal_year)
    except PublishedDataError as refusal:
        raise RefusedError(
            _("このままでは公開できるデータになりません。%(why)s") % {"why": refusal}
        ) from refusal


@transaction.atomic
def publish(*, data_set_id: int, actor: Person, at: dt.datetime) -> PublishedDataSet:
    """Let everybody read it. The one who froze it cannot; the set before it makes way."""
    row = PublishedDataSet.objects.select_for_update().get(pk=data_set_id)
    if row.frozen_by_id == actor.pk:
        raise RefusedError(
            _("自分が作った公開データを、自分で公開することはできません。ほかの人が確かめて公開します。")
        )
    _require(actor, "publish", row)
    if row.state != DataSetState.FROZEN:
        raise RefusedError(_("公開できるのは、まだ公開していないデータです。"))
    earlier = PublishedDataSet.objects.select_for_update().filter(
        organization_id=row.organization_id, fiscal_year=row.fiscal_year, state=DataSetState.PUBLISHED
    )
    for old in earlier:
        _withdrawn(old, _("新しいデータに差し替えました。"), actor, at)
    row.state, row.published_by, row.published_at = DataSetState.PUBLISHED, actor, at
    row.version += 1
    row.save()
    _note(row, "publish", actor, at, {"state": (DataSetState.FROZEN.value, row.state)})
    return row


@transaction.atomic
def withdraw(*, data_set_id: int, reason: str, actor: Person, at: dt.datetime) -> PublishedDataSet:
    row = PublishedDataSet.objects.select_for_update().get(pk=data_set_id)
    _require(actor, "withdraw", row)
    if row.state == DataSetState.WITHDRAWN:
        raise RefusedError(_("このデータは、もう取り下げました。"))
    if not reason.strip():
        raise RefusedError(_("取り下げる理由を書いてください。"))
    return _withdrawn(row, clean_text(reason).strip()[:300], actor, at)


def _withdrawn(row: PublishedDataSet, reason: str, actor: Person, at: dt.datetime) -> PublishedDataSet:
    before = row.state
    row.state, row.withdrawn_at, row.withdrawn_reason = DataSetState.WITHDRAWN, at, reason
    row.version += 1
    row.save()
    _note(row, "withdraw_data_set", actor, at, {"state": (before, row.state)})
    return row


def _require(actor: Person, action: str, row: PublishedDataSet) -> None:
    if not data_set_access.allows(actor, action, row):
        raise PermissionDenied(
            _("公開データを公開・取り下げできるのは、行革か財政の課の人と、首長・庁議の人です。")
        )


def _tell(key: int) -> None:
    data_set_changed.send_robust(PublishedDataSet, data_set_id=key)


def _note(
    row: PublishedDataSet,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: dict[str, tuple[Any, Any]] | None = None,
) -> None:
    key = row.pk
    transaction.on_commit(lambda: _tell(key))
    trail.record(
        trail.Act(
            actor, action, row, at, organization_id=row.organization_id, changes=changes or {}, note=row.title
        )
    )
