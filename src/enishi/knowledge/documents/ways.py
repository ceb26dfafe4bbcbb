"""What the sub-package offers to others, registered when the rooms start."""

from typing import Any

from django.utils.translation import gettext_lazy as _


def register() -> None:
    from enishi.audit import wording
    from enishi.foundation.ui import NavigationItem, navigation
    from enishi.knowledge.documents import handover, readings, rounds, search, services
    from enishi.knowledge.documents.access import collection_access, document_access
    from enishi.knowledge.documents.enums import DocumentKind
    from enishi.knowledge.staff import trash

    handover.register()
    rounds.register()
    search.register_source()
    assert readings.READING  # imported: registers how files are read
    navigation.register(NavigationItem(_("資料"), "documents:documents", order=61, icon="file"))
    document = _by_key(services.restore_document, "document_id")
    collection = _by_key(services.restore_collection, "collection_id")
    trash.register(trash.Kind("document", _("資料"), document_access, document))
    trash.register(trash.Kind("collection", _("資料集"), collection_access, collection))
    kinds: dict[str, dict[str, Any]] = {"kind": dict(DocumentKind.choices)}
    unsaid = frozenset({"sequence", "deleted_at", "is_demo", "state_note", "said", "sha256", "file"})
    replaced = {"supersede": _("新しい版に替えました。")}
    wording.register(wording.Subject("knowledge.document", document_access.visible, replaced, unsaid, kinds))
    wording.register(
        wording.Subject(
            "knowledge.collection", collection_access.visible, {}, frozenset({"deleted_at"}), kinds
        )
    )


def _by_key(restore: Any, name: str) -> Any:
    def by_key(*, pk: int, actor: Any, at: Any) -> Any:
        return restore(actor=actor, at=at, **{name: pk})

    return by_key
