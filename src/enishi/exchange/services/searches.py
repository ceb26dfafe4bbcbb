"""Saved searches and the notices of what is new in them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from enishi.accounts.models import Person
from enishi.exchange.access import saved_search_access
from enishi.exchange.conditions import Conditions
from enishi.exchange.enums import RecordKind
from enishi.exchange.errors import RefusedError
from enishi.exchange.listing import found_since
from enishi.exchange.models import SavedSearch
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import ngettext
from enishi.notifications.services import notify

MOST_SEARCHES = 50


@transaction.atomic
def save_search(
    *,
    kind: RecordKind,
    title: str,
    parameters: Mapping[str, Any],
    notifies: bool,
    actor: Person,
    at: dt.datetime,
) -> SavedSearch:
    """Keep the conditions of a list; the same conditions are kept once."""
    saved_search_access.require(actor, "create")
    conditions = Conditions.read(kind, parameters)
    mine = SavedSearch.objects.filter(person=actor, kind=kind)
    same = next((search for search in mine if search.parameters == conditions.parameters()), None)
    if same is not None:
        return same
    if mine.count() >= MOST_SEARCHES:
        raise RefusedError(
            _("保存できる条件は%(limit)d個までです。使わないものを消してください。")
            % {"limit": MOST_SEARCHES}
        )
    return SavedSearch.objects.create(
        person=actor,
        kind=kind,
        title=clean_text(title).strip()[:100] or conditions.in_words(),
        parameters=conditions.parameters(),
        notifies=notifies,
        created_at=at,
        looked_at=at,
    )


@transaction.atomic
def delete_search(*, search_id: int, actor: Person) -> None:
    search = SavedSearch.objects.select_for_update().get(pk=search_id)
    saved_search_access.require(actor, "delete", search)
    search.delete()


def mark_search_looked_at(*, search_id: int, actor: Person, at: dt.datetime) -> None:
    """Its owner has seen the list: earlier hits are no news any more."""
    SavedSearch.objects.filter(pk=search_id, person=actor).update(looked_at=at)


def notify_new_hits(at: dt.datetime) -> int:
    """Tell the owners of saved searches what was published since they looked; how many notices were sent."""
    searches = SavedSearch.objects.filter(notifies=True, person__is_active=True).select_related("person")
    return sum(_notify(search, at) for search in searches.order_by("pk").iterator(chunk_size=200))


@transaction.atomic
def _notify(search: SavedSearch, at: dt.datetime) -> int:
    conditions = Conditions.read(RecordKind(search.kind), search.parameters)
    hits = found_since(search.person, conditions, since=search.looked_at, at=at)
    SavedSearch.objects.filter(pk=search.pk).update(looked_at=at)
    if not hits:
        return 0
    notify(
        kind="saved_search",
        persons=[search.person],
        title=ngettext(
            "「%(search)s」に新しく%(count)d件が見つかりました",
            "「%(search)s」に新しく%(count)d件が見つかりました",
            len(hits),
        )
        % {"search": search.quotable, "count": len(hits)},
        body="\n".join(f"・{record.title}({record.organization.name})" for record in hits[:10]),
        url=search.get_absolute_url(),
        at=at,
    )
    return 1
