"""Data sets as they were frozen: the very bytes that anybody downloads."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization

PERSON = settings.AUTH_USER_MODEL


class DataSetState(models.TextChoices):
    FROZEN = "frozen", _("凍結済み(公開前)")
    PUBLISHED = "published", _("公開中")
    WITHDRAWN = "withdrawn", _("取り下げ")


class PublishedDataSetQuerySet(models.QuerySet["PublishedDataSet"]):
    def public(self) -> Self:
        return self.filter(state=DataSetState.PUBLISHED)


class PublishedDataSetManager(models.Manager["PublishedDataSet"]):
    """``updated_at`` is the last thing that happened to a set: its files never change, so no column is kept for it."""

    def get_queryset(self) -> PublishedDataSetQuerySet:
        rows = PublishedDataSetQuerySet(self.model, using=self._db)
        last: Any = rows.annotate(updated_at=Coalesce("withdrawn_at", "published_at", "frozen_at"))
        return last  # type: ignore[no-any-return]

    def public(self) -> PublishedDataSetQuerySet:
        return self.get_queryset().public()


class PublishedDataSet(models.Model):
    """What a municipality publishes of one budget year's decisions. Its files never change; another set replaces it."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="published_data_sets"
    )
    fiscal_year = models.PositiveSmallIntegerField(_("対象年度(決定を予算に表す年度)"))
    title = models.CharField(_("題名"), max_length=150)
    note = models.TextField(_("住民への説明"), max_length=2_000, blank=True)
    state = models.CharField(
        _("状態"), max_length=10, choices=DataSetState.choices, default=DataSetState.FROZEN
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    frozen_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(_("凍結した日時"))
    published_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("取り下げ日時"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("取り下げた理由"), max_length=300, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = PublishedDataSetManager()

    class Meta:
        verbose_name = _("評価と予算の公開データ")
        verbose_name_plural = _("評価と予算の公開データ")
        ordering = ["-fiscal_year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year"],
                condition=Q(state="published"),
                name="published_data_one_in_force",
            ),
            models.CheckConstraint(
                name="published_data_by_another",
                condition=~Q(state__in=["published", "withdrawn"])
                | (
                    Q(published_by__isnull=False, published_at__isnull=False)
                    & ~Q(published_by=F("frozen_by"))
                )
                | Q(state="withdrawn", published_by__isnull=True),
            ),
            models.CheckConstraint(
                name="published_data_withdrawal_says_why",
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-fiscal_year", "-id"], name="published_data_public"),
            models.Index(fields=["organization", "-fiscal_year", "-id"], name="published_data_of_house"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evaluation:data_set_detail", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return self.state == DataSetState.PUBLISHED

    @property
    def year_in_words(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.fiscal_year))


class PublishedFile(models.Model):
    """One file of a set, byte for byte."""

    data_set = models.ForeignKey(PublishedDataSet, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=60)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["data_set", "name"], name="published_file_once"),
            models.CheckConstraint(name="published_file_has_its_hash", condition=~Q(sha256="")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("a frozen file is never changed")
        super().save(*args, **kwargs)
