"""Challenges (課題, Want) and resources (地域資源, Can)."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.exchange.enums import ChallengeStatus, CostTerms, ResourceKind, ResourceStatus, Sufferer
from enishi.exchange.field_words import field_in_words
from enishi.exchange.matches.models import (
    ConflictOfInterest,
    Contact,
    ContactNote,
    JointCall,
    JointPartner,
    MatchCounter,
    MatchFeedback,
    MatchProfile,
    MatchVisit,
    ReachFloor,
    SuggestedMatch,
    WeightsVersion,
)
from enishi.exchange.models_attachments import Attachment
from enishi.exchange.models_imports import ImportBatch
from enishi.exchange.models_searches import SavedSearch
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord

__all__ = [
    "FRESH_DAYS",
    "Attachment",
    "Challenge",
    "ChallengeQuerySet",
    "ConflictOfInterest",
    "Contact",
    "ContactNote",
    "Field",
    "ImportBatch",
    "JointCall",
    "JointPartner",
    "MatchCounter",
    "MatchFeedback",
    "MatchProfile",
    "MatchVisit",
    "ReachFloor",
    "Resource",
    "ResourceQuerySet",
    "SavedSearch",
    "SuggestedMatch",
    "WeightsVersion",
]

FRESH_DAYS = 183
"""A resource confirmed within six months is fresh."""


class Field(models.Model):
    """A field of work (分野), in two levels. Municipalities may edit the list."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.SlugField(_("コード"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    order = models.PositiveSmallIntegerField(_("並び順"), default=0)
    is_active = models.BooleanField(_("使う"), default=True)

    class Meta:
        verbose_name = _("分野")
        verbose_name_plural = _("分野")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def told_name(self) -> str:
        """The name in the language of the reader."""
        return field_in_words(self.name)


class ChallengeQuerySet(OwnedQuerySet["Challenge"]):
    not_yet_shared = Q(status=ChallengeStatus.DRAFT)

    def seeking_partners(self) -> Self:
        return self.filter(status__in=[ChallengeStatus.OPEN, ChallengeStatus.IN_DIALOGUE])


class Challenge(OwnedRecord):
    """A public problem that an office wants to solve together with others."""

    title = models.CharField(_("題名"), max_length=120)
    present_state = models.TextField(_("いま困っていること"), max_length=4_000, blank=True)
    figures = models.TextField(_("現状の数字と出典"), max_length=2_000, blank=True)
    tried = models.TextField(_("これまでに試したこと"), max_length=4_000, blank=True)
    desired_state = models.TextField(_("めざす姿"), max_length=4_000, blank=True)
    success_measure = models.TextField(_("うまくいったと言える基準"), max_length=2_000, blank=True)
    sufferers = models.JSONField(_("だれが困っているか"), default=list, blank=True)
    fields = models.ManyToManyField(Field, verbose_name=_("分野"), blank=True, related_name="challenges")
    resource_kinds = models.JSONField(_("求める資源"), default=list, blank=True)
    areas = models.ManyToManyField(
        Organization, verbose_name=_("対象の地域"), blank=True, related_name="challenges_here"
    )
    budget_min_yen = models.PositiveBigIntegerField(_("予算の下限(円)"), null=True, blank=True)
    budget_max_yen = models.PositiveBigIntegerField(_("予算の上限(円)"), null=True, blank=True)
    budget_note = models.CharField(_("予算の枠・補足"), max_length=300, blank=True)
    due_on = models.DateField(_("締切"), null=True, blank=True)
    window_from = models.DateField(_("受け入れ期間(始まり)"), null=True, blank=True)
    window_to = models.DateField(_("受け入れ期間(終わり)"), null=True, blank=True)
    conditions = models.TextField(_("条件・制約"), max_length=2_000, blank=True)
    shareable_data = models.TextField(_("渡せるデータ"), max_length=2_000, blank=True)
    means_considered = models.TextField(_("考えられる手立て"), max_length=2_000, blank=True)
    pitch = models.CharField(_("ピッチ(一言)"), max_length=120, blank=True)
    contact_name = models.CharField(_("問い合わせ先"), max_length=100, blank=True)
    status = models.CharField(
        _("状態"), max_length=15, choices=ChallengeStatus.choices, default=ChallengeStatus.DRAFT
    )
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    import_key = models.CharField(_("取込キー"), max_length=100, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ChallengeQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("課題")
        verbose_name_plural = _("課題")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="challenge_published_at_set_once_shared",
                condition=Q(status=ChallengeStatus.DRAFT) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="challenge_window_ends_after_it_begins",
                condition=Q(window_from__isnull=True)
                | Q(window_to__isnull=True)
                | Q(window_to__gte=F("window_from")),
            ),
            models.CheckConstraint(
                name="challenge_budget_range_in_order",
                condition=Q(budget_min_yen__isnull=True)
                | Q(budget_max_yen__isnull=True)
                | Q(budget_max_yen__gte=F("budget_min_yen")),
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="challenge_import_key_once_per_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="challenge_recent"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="challenge_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exchange:challenge_detail", args=[self.pk])

    @property
    def seeks_partners(self) -> bool:
        return ChallengeStatus(self.status).seeks_partners

    def get_sufferers_display(self) -> list[str]:
        return [str(Sufferer(value).label) for value in self.sufferers]

    def get_resource_kinds_display(self) -> list[str]:
        return [str(ResourceKind(value).label) for value in self.resource_kinds]


class ResourceQuerySet(OwnedQuerySet["Resource"]):
    not_yet_shared = Q(status=ResourceStatus.DRAFT)

    def offered(self, on: dt.date) -> Self:
        """Open and not expired."""
        return self.filter(status=ResourceStatus.OPEN).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on)
        )


class Resource(OwnedRecord):
    """Something an organisation can give: people, technology, a place, money, knowledge."""

    title = models.CharField(_("題名"), max_length=120)
    kinds = models.JSONField(_("資源の種類"), default=list, blank=True)
    offer = models.TextField(_("できること"), max_length=4_000, blank=True)
    capacity = models.CharField(_("対応できる量"), max_length=300, blank=True)
    fields = models.ManyToManyField(Field, verbose_name=_("分野"), blank=True, related_name="resources")
    is_nationwide = models.BooleanField(_("全国で対応"), default=False)
    areas = models.ManyToManyField(
        Organization, verbose_name=_("対応できる地域"), blank=True, related_name="resources_here"
    )
    window_from = models.DateField(_("提供できる期間(始まり)"), null=True, blank=True)
    window_to = models.DateField(_("提供できる期間(終わり)"), null=True, blank=True)
    cost_terms = models.CharField(
        _("費用"), max_length=12, choices=CostTerms.choices, default=CostTerms.NEGOTIABLE
    )
    cost_min_yen = models.PositiveBigIntegerField(_("費用の下限(円)"), null=True, blank=True)
    cost_max_yen = models.PositiveBigIntegerField(_("費用の上限(円)"), null=True, blank=True)
    cost_note = models.CharField(_("費用の補足"), max_length=300, blank=True)
    conditions = models.TextField(_("条件・制約"), max_length=2_000, blank=True)
    track_record = models.TextField(_("実績"), max_length=2_000, blank=True)
    contact_name = models.CharField(_("問い合わせ先"), max_length=100, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=ResourceStatus.choices, default=ResourceStatus.DRAFT
    )
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    confirmation_requested_at = models.DateTimeField(
        _("確認を依頼した日時"), null=True, blank=True, editable=False
    )
    confirmed_on = models.DateField(_("最終確認日"), null=True, blank=True)
    expires_on = models.DateField(_("掲載期限"), null=True, blank=True)
    latitude = models.FloatField(_("緯度"), null=True, blank=True)
    longitude = models.FloatField(_("経度"), null=True, blank=True)
    import_key = models.CharField(_("取込キー"), max_length=100, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ResourceQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("地域資源")
        verbose_name_plural = _("地域資源")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="resource_published_at_set_once_shared",
                condition=Q(status=ResourceStatus.DRAFT) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="resource_window_ends_after_it_begins",
                condition=Q(window_from__isnull=True)
                | Q(window_to__isnull=True)
                | Q(window_to__gte=F("window_from")),
            ),
            models.CheckConstraint(
                name="resource_cost_range_in_order",
                condition=Q(cost_min_yen__isnull=True)
                | Q(cost_max_yen__isnull=True)
                | Q(cost_max_yen__gte=F("cost_min_yen")),
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="resource_import_key_once_per_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="resource_recent"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="resource_of_owner"),
            models.Index(fields=["confirmed_on"], name="resource_confirmed"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exchange:resource_detail", args=[self.pk])

    def get_kinds_display(self) -> list[str]:
        return [str(ResourceKind(value).label) for value in self.kinds]

    def is_expired(self, on: dt.date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    def is_fresh(self, on: dt.date) -> bool:
        return self.confirmed_on is not None and (on - self.confirmed_on).days <= FRESH_DAYS
