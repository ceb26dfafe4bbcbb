"""Documents in the search over all records: found by title and text, their passages by the search of documents."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.foundation.templatetags.enishi import highlight
from enishi.knowledge import services as knowledge
from enishi.knowledge.documents import selectors
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.models import Document
from enishi.knowledge.documents.signals import documents_changed
from enishi.knowledge.registry import Place, SearchSource, SearchText, register
from enishi.organizations.enums import Visibility

KIND = "document"
INDEXED = 20_000


def register_source() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Document,
            document=document_text,
            label=_("資料"),
            rows=lambda: Document.objects.select_related("organization", "collection").prefetch_related(
                "parties"
            ),
            url=lambda pk: reverse("documents:document", args=[pk]),
            list_url=lambda: reverse("documents:documents"),
            places=places,
            order=40,
        )
    )
    documents_changed.connect(_index, dispatch_uid="search-documents")


def _index(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)


def places(person: Actor, typed: str, limit: int) -> list[Place]:
    """The passages nearest to what was typed, by words and meaning; none where nothing comes near."""
    found = selectors.find(person, typed, limit=limit, on=timezone.localdate())
    asked = urlencode({"q": typed})
    return [
        Place(
            url=f"{each.document.get_absolute_url()}?passage={each.passage.order}&{asked}#passage-{each.passage.order}",
            title=each.document.title,
            title_marked=each.document.title,
            snippet=highlight(each.snippet, each.words),
        )
        for each in found
        if each.is_close
    ]


def _collection_name(document: Document) -> str:
    """The collection's name, where whoever reads the document may read it."""
    collection = document.collection
    same = (
        collection.visibility == document.visibility
        and collection.visibility != Visibility.PARTIES
        and collection.section_id == document.section_id
    )
    return collection.name if same or collection.visibility == Visibility.PUBLIC else ""


def document_text(document: Document) -> SearchText | None:
    """A document as the index keeps it; nothing once it was thrown away or while it is not read."""
    if document.deleted_at is not None or document.state != ReadingState.READY:
        return None
    text = document.text[:INDEXED]
    return SearchText(
        title=document.title,
        organization_id=document.organization_id,
        section_id=document.section_id,
        visibility=document.visibility,
        parties=[party.pk for party in document.parties.all()],
        updated_at=document.updated_at,
        body_parts=[(_collection_name(document), 2.0), (text, 1.0), (document.publisher, 1.0)],
        tags=[f"kind:{document.kind}", f"collection:{document.collection_id}"],
        is_sunk=document.superseded_by_id is not None,
        excerpt=text[:2_000],
    )
