"""The list of documents: what was asked for, the rows, the choices beside them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.foundation.days import short_day
from enishi.foundation.lists import Facet, FacetChoice
from enishi.knowledge.documents.access import collection_access
from enishi.knowledge.documents.enums import DocumentKind, ReadingState
from enishi.knowledge.documents.models import Document

STATES = ("current", "past", "failed", "waiting")
MOST_COLLECTIONS = 30
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Conditions:
    """What the address asks for; what it does not know is left out."""

    q: str = ""
    kind: tuple[str, ...] = ()
    collection: tuple[int, ...] = ()
    state: tuple[str, ...] = ()

    @classmethod
    def read(cls, parameters: QueryDict) -> "Conditions":
        listed = parameters.getlist
        return cls(
            q=parameters.get("q", "").strip()[:500],
            kind=tuple(one for one in listed("kind") if one in DocumentKind.values),
            collection=tuple(
                int(one) for one in listed("collection") if one.isascii() and one.isdigit() and len(one) < 16
            ),
            state=tuple(one for one in listed("state") if one in STATES),
        )


def rows(actor: Actor, conditions: Conditions, today: dt.date) -> QuerySet[Document, Document]:
    """The documents asked for, as far as this person may read them."""
    found = Document.objects.all().visible_to(actor).defer("text")
    if conditions.kind:
        found = found.filter(kind__in=conditions.kind)
    if conditions.collection:
        found = found.filter(collection_id__in=conditions.collection)
    return _of_state(found, conditions.state, today)


def _of_state(
    found: QuerySet[Document, Document], states: Iterable[str], today: dt.date
) -> QuerySet[Document, Document]:
    current = Document.objects.current(today).values("pk")
    chosen = set(states)
    if chosen & {"failed", "waiting"}:
        wanted = [ReadingState(one) for one in ("failed", "waiting") if one in chosen]
        return found.filter(state__in=wanted)
    if chosen == {"current"}:
        return found.filter(pk__in=current)
    if chosen == {"past"}:
        return found.exclude(pk__in=current)
    return found


def facets(actor: Actor, conditions: Conditions, today: dt.date) -> list[Facet]:
    """The choices beside the list; each counts what the others leave."""
    kinds = _counts(rows(actor, Conditions("", (), conditions.collection, conditions.state), today), "kind")
    every = _counts(
        rows(actor, Conditions("", conditions.kind, (), conditions.state), today), "collection_id"
    )
    collections = collection_access.visible(actor).filter(pk__in=list(every)).order_by("name", "pk")
    return [
        Facet(
            "kind",
            _("種類"),
            [
                FacetChoice(value, label, kinds.get(value, 0), value in conditions.kind)
                for value, label in DocumentKind.choices
                if value in kinds or value in conditions.kind
            ],
        ),
        Facet(
            "collection",
            _("資料集"),
            [
                FacetChoice(str(each.pk), each.name, every[each.pk], each.pk in conditions.collection)
                for each in collections[:MOST_COLLECTIONS]
            ],
        ),
        Facet(
            "state",
            _("状態"),
            [
                FacetChoice(value, label, None, value in conditions.state)
                for value, label in zip(
                    STATES,
                    (_("いま有効"), _("古い版・期限切れ"), _("読み取れない"), _("読み取り待ち")),
                    strict=True,
                )
            ],
        ),
    ]


def _counts(found: QuerySet[Document, Document], name: str) -> dict[object, int]:
    counted = found.order_by().values_list(name).annotate(count=Count("pk"))
    return {row[0]: row[1] for row in counted}


HEADINGS = (
    "題名",
    "種類",
    "資料集",
    "団体",
    "担当課",
    "発行者",
    "発行日",
    "有効期間の始まり",
    "有効期間の終わり",
    "新しい版",
    "公開範囲",
    "ページ数",
    "読み取り",
    "補足",
    "出典の番地",
    "ファイル名",
    "SHA-256",
)


def exported(found: Iterable[Document]) -> Iterable[list[object]]:
    """The rows of a table; documents as ``selectors.with_neighbours`` gives them."""
    for row in found:
        yield [
            row.title,
            row.get_kind_display(),
            row.shown_collection.name if row.shown_collection else "",
            row.organization.name,
            row.section.name if row.section else "",
            row.publisher,
            row.published_on,
            row.valid_from,
            row.valid_to,
            row.newer.title if row.newer else _("あり") if row.superseded_by_id else "",
            row.get_visibility_display(),
            row.page_count or "",
            row.get_state_display(),
            row.state_note_in_words,
            row.source_url,
            row.file_name,
            row.sha256,
        ]


def standing_of(document: Document, today: dt.date) -> tuple[str, str]:
    """Whether a document holds today: a tone and a word."""
    if document.state == ReadingState.FAILED:
        return "danger", _("読み取れない")
    if document.state == ReadingState.WAITING:
        return "info", _("読み取り待ち")
    if document.superseded_by_id is not None:
        return "warning", _("古い版")
    if document.valid_to is not None and document.valid_to < today:
        return "warning", _("期限切れ(%(day)s)") % {"day": short_day(document.valid_to)}
    if document.valid_from is not None and document.valid_from > today:
        return "neutral", _("%(day)sから") % {"day": short_day(document.valid_from)}
    return "positive", _("有効")
