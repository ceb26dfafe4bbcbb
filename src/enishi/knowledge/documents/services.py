"""Everything that writes collections and documents: lock, permit, check, write, record, tell."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text, file_name
from enishi.foundation.refusals import require_version
from enishi.knowledge.documents import counters, kept
from enishi.knowledge.documents.access import collection_access, document_access
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.documents.errors import AlreadyThereError, DocumentRefusedError
from enishi.knowledge.documents.models import Collection, Document
from enishi.knowledge.documents.signals import documents_changed
from enishi.language.extracting.documents import ENDINGS
from enishi.organizations.models import Organization

MOST_BYTES = 200 * 1024 * 1024
OLD_OFFICE = frozenset({".doc", ".xls", ".ppt"})
"""Documents, too: kept, so that the collection says of each how to mend it."""
KEPT_ENDINGS = ENDINGS | OLD_OFFICE | {""}

COLLECTION_FIELDS = ("name", "kind", "description", "section", "visibility")
DOCUMENT_FIELDS = (
    "title",
    "kind",
    "section",
    "visibility",
    "source_url",
    "publisher",
    "published_on",
    "valid_from",
    "valid_to",
    "language",
)


@transaction.atomic
def create_collection(
    *, organization: Organization, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Collection:
    """Open a collection; ``values`` as in ``COLLECTION_FIELDS``, and ``parties``."""
    collection_access.require(actor, "create", organization)  # type: ignore[arg-type]
    collection = Collection(organization=organization, created_at=at, updated_at=at, updated_by=actor)
    _assign(collection, values, COLLECTION_FIELDS)
    collection.full_clean(exclude=["parties"])
    collection.save()
    collection.parties.set(values.get("parties", ()))
    trail.record(trail.Act(actor, "create", collection, at, organization_id=organization.pk))
    return collection


@transaction.atomic
def edit_collection(
    *, collection_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Collection:
    collection = Collection.objects.select_for_update().get(pk=collection_id)
    collection_access.require(actor, "edit", collection)
    require_version(collection, version)
    before = trail.values(collection)
    _assign(collection, values, COLLECTION_FIELDS)
    collection.full_clean(exclude=["parties"])
    if "parties" in values:
        collection.parties.set(values["parties"])
    _save(collection, "edit", before, actor=actor, at=at)
    return collection


@transaction.atomic
def delete_collection(*, collection_id: int, actor: Person, at: dt.datetime) -> Collection:
    """Throw an empty collection away."""
    collection = Collection.objects.select_for_update().get(pk=collection_id)
    collection_access.require(actor, "delete", collection)
    if collection.documents.filter(deleted_at__isnull=True).exists():
        raise DocumentRefusedError(
            _("資料の入った資料集は消せません。先に中の資料をごみ箱に入れるか、別の資料集に移してください。")
        )
    before = trail.values(collection)
    collection.deleted_at = at
    _save(collection, "delete", before, actor=actor, at=at)
    return collection


@transaction.atomic
def restore_collection(*, collection_id: int, actor: Person, at: dt.datetime) -> Collection:
    collection = Collection.objects.select_for_update().get(pk=collection_id)
    collection_access.require(actor, "restore", collection)
    if collection.deleted_at is None:
        return collection
    if at - collection.deleted_at > RESTORABLE:
        raise DocumentRefusedError(_("捨ててから30日を過ぎたので、元に戻せません。"))
    before = trail.values(collection)
    collection.deleted_at = None
    _save(collection, "restore", before, actor=actor, at=at)
    return collection


@transaction.atomic
def add_file(
    *,
    collection: Collection,
    name: str,
    content: bytes | File[bytes],
    actor: Person,
    at: dt.datetime,
    values: Mapping[str, Any] | None = None,
) -> Document:
    """Keep a file; its text is read afterwards (``readings.read``), at once or by the worker.

    An uploaded file goes to its place piece by piece: two hundred megabytes are never in memory at once.

    Raises
    ------
    AlreadyThereError
        If the organisation keeps the same bytes already.
    DocumentRefusedError
        If it is empty, too large, or nothing that could ever be read: a program, a picture.
    """
    collection = Collection.objects.select_for_update().get(pk=collection.pk)
    document_access.require(actor, "create", collection.organization)  # type: ignore[arg-type]
    collection_access.require(actor, "edit", collection)
    if PurePosixPath(name).suffix.lower() not in KEPT_ENDINGS:
        raise DocumentRefusedError(
            _(
                "「%(name)s」は、文章を読める種類のファイルではありません。PDFやWordなどにしてから加えてください。"
            )
            % {"name": name}
        )
    file = ContentFile(content) if isinstance(content, bytes) else content
    size, digest = _measured(file, name)
    same = Document.objects.filter(
        organization_id=collection.organization_id, sha256=digest, deleted_at__isnull=True
    ).first()
    if same is not None:
        raise AlreadyThereError(same)
    shown = safe_name(name)
    document = _new(collection, {"title": PurePosixPath(shown).stem, **(values or {})}, actor, at)
    document.file_name, document.size, document.sha256 = shown, size, digest
    document.file.save(shown, file, save=False)
    return _created(document, collection, values or {}, actor, at)


@transaction.atomic
def add_text(
    *,
    collection: Collection,
    title: str,
    text: str,
    actor: Person,
    at: dt.datetime,
    values: Mapping[str, Any] | None = None,
) -> Document:
    """Keep a text somebody typed; lines that begin with # are headings."""
    collection_access.require(actor, "edit", collection)
    document = _new(collection, {"title": title, **(values or {})}, actor, at)
    document.sha256 = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    _created(document, collection, values or {}, actor, at)
    kept.write_typed(document, text)
    return document


def _measured(file: File[bytes], name: str) -> tuple[int, str]:
    """How large the file is, and its SHA-256."""
    size = file.size or 0
    if not size:
        raise DocumentRefusedError(_("「%(name)s」は空のファイルです。") % {"name": name})
    if size > MOST_BYTES:
        raise DocumentRefusedError(
            _("「%(name)s」は大きすぎます。200MBまでのファイルに分けてください。") % {"name": name}
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return size, digest.hexdigest()


def _new(collection: Collection, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Document:
    document = Document(
        collection=collection,
        organization_id=collection.organization_id,
        section_id=collection.section_id,
        visibility=collection.visibility,
        kind=collection.kind,
        created_at=at,
        updated_at=at,
        updated_by=actor,
    )
    _assign(document, values, (*DOCUMENT_FIELDS, "is_demo"))
    document.title = (clean_text(document.title).strip() or _("題のない資料"))[:200]
    document.full_clean(exclude=["parties", "sha256", "file"])
    return document


def _created(
    document: Document, collection: Collection, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Document:
    document.sequence = counters.draw()
    document.save()
    document.parties.set(values.get("parties", collection.parties.all()))
    trail.record(trail.Act(actor, "create", document, at, organization_id=document.organization_id))
    tell([document.pk])
    return document


@transaction.atomic
def edit_document(
    *, document_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Document:
    """Change what is known about a document; its text stays. ``values`` as in ``DOCUMENT_FIELDS``."""
    document = locked(document_id)
    document_access.require(actor, "edit", document)
    require_version(document, version)
    before = trail.values(document)
    _assign(document, values, DOCUMENT_FIELDS)
    document.full_clean(exclude=["parties", "sha256", "file"])
    if "parties" in values:
        document.parties.set(values["parties"])
    _save(document, "edit", before, actor=actor, at=at)
    return document


@transaction.atomic
def supersede(*, old_id: int, new_id: int, actor: Person, at: dt.datetime) -> Document:
    """Say that a newer document stands in the place of an older one, which is no longer quoted as current."""
    rows = {row.pk: row for row in Document.objects.select_for_update().filter(pk__in=[old_id, new_id])}
    if old_id == new_id or len(rows) != 2:
        raise DocumentRefusedError(_("古い版と新しい版には、別々の資料を選んでください。"))
    old, new = rows[old_id], rows[new_id]
    document_access.require(actor, "edit", old)
    document_access.require(actor, "edit", new)
    if old.organization_id != new.organization_id:
        raise DocumentRefusedError(_("別の団体の資料の版にすることはできません。"))
    seen = {old.pk}
    later: Document | None = new
    while later is not None:
        if later.pk in seen:
            raise DocumentRefusedError(_("版のつながりが輪になります。どちらが新しいかを確かめてください。"))
        seen.add(later.pk)
        later = later.superseded_by
    before = trail.values(old)
    old.superseded_by = new
    _save(old, "supersede", before, actor=actor, at=at)
    return old


@transaction.atomic
def make_current(*, document_id: int, actor: Person, at: dt.datetime) -> Document:
    """Take back that a newer document stands in its place."""
    document = locked(document_id)
    document_access.require(actor, "edit", document)
    if document.superseded_by_id is None:
        return document
    before = trail.values(document)
    document.superseded_by = None
    _save(document, "edit", before, actor=actor, at=at)
    return document


@transaction.atomic
def replace_file(
    *, document_id: int, name: str, content: bytes | File[bytes], actor: Person, at: dt.datetime
) -> Document:
    """Add a new version of a document; the old one stays, marked as replaced."""
    old = locked(document_id)
    document_access.require(actor, "edit", old)
    values = {
        field: getattr(old, field) for field in DOCUMENT_FIELDS if field not in {"valid_from", "valid_to"}
    }
    values["parties"] = list(old.parties.all())
    new = add_file(collection=old.collection, name=name, content=content, actor=actor, at=at, values=values)
    supersede(old_id=old.pk, new_id=new.pk, actor=actor, at=at)
    return new


@transaction.atomic
def delete_document(*, document_id: int, actor: Person, at: dt.datetime) -> Document:
    """Throw away; it comes back for 30 days."""
    document = locked(document_id)
    document_access.require(actor, "delete", document)
    if document.deleted_at is None:
        before = trail.values(document)
        document.deleted_at = at
        _save(document, "delete", before, actor=actor, at=at)
    return document


@transaction.atomic
def restore_document(*, document_id: int, actor: Person, at: dt.datetime) -> Document:
    document = locked(document_id)
    document_access.require(actor, "restore", document)
    if document.deleted_at is None:
        return document
    if at - document.deleted_at > RESTORABLE:
        raise DocumentRefusedError(_("捨ててから30日を過ぎたので、元に戻せません。"))
    before = trail.values(document)
    document.deleted_at = None
    _save(document, "restore", before, actor=actor, at=at)
    return document


def locked(document_id: int) -> Document:
    return Document.objects.select_for_update().get(pk=document_id)


def _assign(record: Collection | Document, values: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if name in values:
            setattr(record, name, values[name])
    if record.kind not in DocumentKind.values:
        raise DocumentRefusedError(_("資料の種類を選んでください。"))


def _save(
    record: Collection | Document,
    action: str,
    before: Mapping[str, Any],
    *,
    actor: Person,
    at: dt.datetime,
) -> None:
    changes = trail.differences(_without_text(before), _without_text(trail.values(record)))
    record.version += 1
    record.updated_at, record.updated_by = at, actor
    if isinstance(record, Document):
        record.sequence = counters.draw()
        tell([record.pk])
    record.save()
    trail.record(
        trail.Act(actor, action, record, at, organization_id=record.organization_id, changes=changes)
    )


def _without_text(values: Mapping[str, Any]) -> dict[str, Any]:
    """A document's whole text would swell the record of acts; its hash tells that it changed."""
    return {name: value for name, value in values.items() if name != "text"}


def tell(ids: Sequence[int]) -> None:
    listed = list(ids)
    transaction.on_commit(lambda: documents_changed.send_robust(Document, ids=listed))


def safe_name(name: str) -> str:
    """The name a person gave, without folders and invisible characters, 180 characters at most."""
    return file_name(name, unnamed=_("資料"), most=180)
