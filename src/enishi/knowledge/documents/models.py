"""Collections, documents and the passages they are cited by."""

import datetime as dt
import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.sentences import kept_in_words
from enishi.knowledge.documents.enums import DocumentKind, ReadingState
from enishi.organizations.models import OwnedQuerySet, OwnedRecord

MOST_TEXT = 4_000_000
"""Characters of one document."""


def document_path(document: "Document", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"documents/{uuid.uuid4().hex}"


class CollectionQuerySet(OwnedQuerySet["Collection"]):
    pass


class Collection(OwnedRecord):
    """Documents of one kind that an office looks after together. Its circle of readers is what new documents begin with."""

    name = models.CharField(_("名前"), max_length=120)
    kind = models.CharField(
        _("種類"), max_length=10, choices=DocumentKind.choices, default=DocumentKind.OTHER
    )
    description = models.TextField(_("説明"), max_length=2_000, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = CollectionQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("資料集")
        verbose_name_plural = _("資料集")
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["organization", "name"], name="collection_of_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("documents:collection", args=[self.pk])


class KeptDocumentQuerySet(OwnedQuerySet["Document"]):
    def current(self, on: dt.date) -> Self:
        """In force on this day: not replaced by a newer version, begun, and not run out."""
        return (
            self.filter(superseded_by__isnull=True)
            .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=on))
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        )

    def readable(self) -> Self:
        return self.filter(state=ReadingState.READY)


class Document(OwnedRecord):
    """A piece of writing, as a file or typed in, with the plain text it is searched and cited by.

    ``sequence`` is the value of the counter ``documents`` at the last change of anything that search depends on.
    """

    collection = models.ForeignKey(
        Collection, verbose_name=_("資料集"), on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField(_("種類"), max_length=10, choices=DocumentKind.choices)
    title = models.CharField(_("題名"), max_length=200)
    source_url = models.URLField(_("出典の番地"), max_length=500, blank=True)
    publisher = models.CharField(_("発行者"), max_length=120, blank=True)
    published_on = models.DateField(_("発行日"), null=True, blank=True)
    valid_from = models.DateField(_("有効期間(始まり)"), null=True, blank=True)
    valid_to = models.DateField(_("有効期間(終わり)"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("新しい版"),
        # Erasing the newer one would make the older one current again, without anybody having said so.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="earlier_versions",
    )
    language = models.CharField(_("言語"), max_length=10, default="ja")
    is_ocr = models.BooleanField(_("文字認識で読み取り"), default=False)

    file = models.FileField(upload_to=document_path, max_length=200, blank=True)
    file_name = models.CharField(_("ファイル名"), max_length=200, blank=True)
    content_type = models.CharField(_("形式"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("大きさ(バイト)"), default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    text = models.TextField(_("本文"), blank=True)
    page_count = models.PositiveIntegerField(_("ページ数"), null=True, blank=True)
    state = models.CharField(
        _("読み取り"), max_length=8, choices=ReadingState.choices, default=ReadingState.WAITING
    )
    state_note = models.CharField(_("読み取りの補足"), max_length=500, blank=True)
    said = models.JSONField(default=dict, blank=True, editable=False)
    """The note in the other languages, as far as it differs."""
    sequence = models.BigIntegerField(default=0, db_index=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    shown_collection: Collection | None
    newer: "Document | None"
    """The collection and the newer version as far as a reader may read them (``selectors.with_neighbours``)."""

    objects = KeptDocumentQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("資料")
        verbose_name_plural = _("資料")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="document_validity_ends_after_it_begins",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="document_does_not_replace_itself",
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("id")),
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="document_recent"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="document_of_owner"),
            models.Index(fields=["collection", "-updated_at", "-id"], name="document_of_collection"),
            models.Index(fields=["organization", "sha256"], name="document_same_bytes"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.pk])

    def passage_url(self, order: int) -> str:
        """Where the very passage is shown, highlighted."""
        return f"{self.get_absolute_url()}?passage={order}#passage-{order}"

    @property
    def state_note_in_words(self) -> str:
        return kept_in_words(self.said, "state_note", self.state_note)

    def is_current(self, on: dt.date) -> bool:
        """Whether it may be quoted as what holds on this day."""
        begun = self.valid_from is None or self.valid_from <= on
        lasts = self.valid_to is None or self.valid_to >= on
        return self.superseded_by_id is None and begun and lasts and self.deleted_at is None


class PassageQuerySet(models.QuerySet["Passage"]):
    def without_vector_of(self, embedder: str) -> Self:
        """Those that the embedder has not read yet."""
        return self.exclude(embedder=embedder)


class Passage(models.Model):
    """A stretch of a document that can be cited: ``document.text[start:end] == text``.

    ``heading_path`` holds the headings above it, from the outermost, joined by ``›``. ``vector`` is float16 of the embedder
    named beside it; ``content_hash`` is of heading path and text, so that the same words are never embedded twice.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    order = models.PositiveIntegerField(_("順"))
    page = models.PositiveIntegerField(_("ページ"), null=True, blank=True)
    heading_path = models.CharField(_("見出し"), max_length=500, blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.TextField(_("本文"))
    content_hash = models.CharField(max_length=64, db_index=True)
    embedder = models.CharField(max_length=120, blank=True, db_index=True)
    vector = models.BinaryField(null=True)

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("資料の箇所")
        verbose_name_plural = _("資料の箇所")
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "order"], name="passage_order_once"),
            models.CheckConstraint(name="passage_is_not_empty", condition=Q(end__gt=F("start"))),
            models.CheckConstraint(
                name="passage_vector_has_embedder", condition=Q(vector__isnull=True) | ~Q(embedder="")
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def get_absolute_url(self) -> str:
        return self.document.passage_url(self.order)

    @property
    def headings(self) -> list[str]:
        return self.heading_path.split("›") if self.heading_path else []


class DocumentCounter(models.Model):
    """A number that grows with every change; whoever waits for its row keeps changes in order."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)


class SynonymGroup(models.Model):
    """Words one municipality uses for the same thing; search widens by them."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="synonym_groups"
    )
    words = models.CharField(_("同じ意味の言葉"), max_length=500)
    updated_at = models.DateTimeField(_("更新日時"))

    class Meta:
        verbose_name = _("言い換え")
        verbose_name_plural = _("言い換え")
        ordering = ["words", "pk"]

    def __str__(self) -> str:
        return self.words


class PassagePieces(models.Model):
    """What the embedder said of a passage piece by piece, a bit a number: to read the head of a list once more.

    By the content's hash, so that the same words are read once. A cache: passages without it are found, only less finely ordered.
    """

    content_hash = models.CharField(max_length=64, primary_key=True)
    embedder = models.CharField(max_length=120)
    ids = models.BinaryField()
    signs = models.BinaryField()

    class Meta:
        verbose_name = _("資料の箇所の断片")
        verbose_name_plural = _("資料の箇所の断片")

    def __str__(self) -> str:
        return self.content_hash
