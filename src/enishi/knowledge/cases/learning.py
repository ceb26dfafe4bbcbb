"""Everything that writes learning paths and the marks of who has read what."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from enishi.accounts.models import Person
from enishi.foundation.sentences import gettext as _
from enishi.knowledge.cases.access import path_access
from enishi.knowledge.models import LearningItem, LearningPath, ReadMark
from enishi.knowledge.staff import keeping
from enishi.organizations.models import Organization

ITEM = ("title", "case", "document", "url", "note", "minutes")


@transaction.atomic
def create_path(
    *,
    organization: Organization,
    title: str,
    purpose: str,
    section_id: int | None,
    visibility: str,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> LearningPath:
    path = LearningPath(
        organization=organization,
        title=title,
        purpose=purpose,
        section_id=section_id,
        visibility=visibility,
        is_demo=is_demo,
    )
    keeping.begin(path, access=path_access, actor=actor, at=at)
    return path


@transaction.atomic
def edit_path(
    *,
    path_id: int,
    title: str,
    purpose: str,
    section_id: int | None,
    visibility: str,
    version: int,
    actor: Person,
    at: dt.datetime,
) -> LearningPath:
    path, before = keeping.open_for_change(
        LearningPath, path_id, access=path_access, actor=actor, version=version
    )
    path.title, path.purpose = title, purpose
    path.section_id, path.visibility = section_id, visibility
    keeping.save(path, "edit", before, actor=actor, at=at)
    return path


@transaction.atomic
def write_items(
    *,
    path_id: int,
    items: Sequence[Mapping[str, Any]],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> LearningPath:
    """Put the items in place of those before. What somebody has read stays read where its name stays the same."""
    path, before = keeping.open_for_change(
        LearningPath, path_id, access=path_access, actor=actor, version=version
    )
    old = {item.title: item for item in path.items.all()}
    kept = set()
    for order, values in enumerate(items, start=1):
        item = old.get(values["title"]) or LearningItem(path=path)
        for name in ITEM:
            setattr(item, name, values.get(name) if name in {"case", "document"} else values.get(name) or "")
        item.minutes = values.get("minutes") or 10
        item.order = order
        item.save()
        kept.add(item.pk)
    path.items.exclude(pk__in=kept).delete()
    now = [item.title for item in path.items.all()]
    keeping.save(
        path, "edit", before, actor=actor, at=at, note=_("読むもの: %(what)s") % {"what": _("、").join(now)}
    )
    return path


@transaction.atomic
def delete_path(*, path_id: int, actor: Person, at: dt.datetime) -> LearningPath:
    return keeping.throw_away(LearningPath, path_id, access=path_access, actor=actor, at=at)


@transaction.atomic
def restore_path(*, path_id: int, actor: Person, at: dt.datetime) -> LearningPath:
    return keeping.bring_back(LearningPath, path_id, access=path_access, actor=actor, at=at)


@transaction.atomic
def mark_read(*, item_id: int, read: bool, actor: Person, at: dt.datetime) -> LearningItem:
    """Say that one has read an item, or not yet. It is a note to oneself and not an act of the office."""
    item = LearningItem.objects.select_related("path").get(pk=item_id)
    if not path_access.allows(actor, "view", item.path):
        raise PermissionDenied("view")
    if read:
        ReadMark.objects.get_or_create(item=item, person=actor, defaults={"at": at})
    else:
        ReadMark.objects.filter(item=item, person=actor).delete()
    return item
