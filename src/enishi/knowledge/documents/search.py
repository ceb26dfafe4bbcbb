"""Documents in the search over all records: found by title and text, their passages by the search of documents."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge import services as knowledge
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.models import Document
from enishi.knowledge.documents.signals import documents_changed
from enishi.knowledge.registry import SearchSource, SearchText, register

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
            order=40,
        )
    )
    documents_changed.connect(_index, dispatch_uid="search-documents")


def _index(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)


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
        body_parts=[(document.collection.name, 2.0), (text, 1.0), (document.publisher, 1.0)],
        tags=[f"kind:{document.kind}", f"collection:{document.collection_id}"],
        is_sunk=document.superseded_by_id is not None,
        excerpt=text[:2_000],
    )
