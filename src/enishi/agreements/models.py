"""Agreements: who promised what to whom, under which legal form, until when.

``Agreement`` is the case: its state and what lists need. What was agreed stands in its versions; an approved version is
never changed, every change is a new one.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.agreements.enums import (
    NOT_YET_SHARED,
    AgreementKind,
    AgreementStatus,
    AsleepReason,
    Bearer,
    Payment,
    PersonalData,
    Renewal,
    Side,
    VersionState,
)
from enishi.organizations.enums import OrganizationKind, OrganizationSize
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord
from enishi.organizations.visibility import reach_of, visible_to


class AgreementQuerySet(OwnedQuerySet["Agreement"]):
    def visible_to(self, person: object) -> Self:
        """A draft is its keeper's alone, until the keeper shows it to those who are to sign."""
        houses = reach_of(person).organization_ids
        rows = self.filter(visible_to(person, self.model))
        shared = ~Q(status__in=NOT_YET_SHARED) | Q(organization_id__in=houses)
        if houses:
            signing = Agreement.parties.through._default_manager.filter(organization_id__in=houses)
            shared |= Q(draft_shared_at__isnull=False, pk__in=signing.values("agreement_id"))
        return rows.filter(shared)


class Agreement(OwnedRecord):
    """An agreement of any number of parties. ``organization`` keeps the record.

    ``title`` to ``notice_on`` repeat the version in force (or the first draft), so that a list asks one table.
    """

    number = models.CharField(_("管理番号"), max_length=30, blank=True)
    title = models.CharField(_("名称"), max_length=150)
    kind = models.CharField(
        _("種類"), max_length=15, choices=AgreementKind.choices, default=AgreementKind.OTHER
    )
    scheme = models.CharField(_("制度"), max_length=60, blank=True)
    purpose = models.TextField(_("目的"), max_length=4_000, blank=True)
    counterparts = models.CharField(_("相手方"), max_length=300, blank=True, editable=False)
    proposal = models.ForeignKey(
        "desk.Proposal",
        verbose_name=_("提案"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
    )
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    notice_on = models.DateField(_("更新・終了の申し出の期限"), null=True, blank=True, editable=False)
    next_due_on = models.DateField(_("次の期限"), null=True, blank=True, editable=False)
    signed_on = models.DateField(_("締結日"), null=True, blank=True)
    ended_on = models.DateField(_("終了日"), null=True, blank=True)
    end_reason = models.CharField(_("終わった理由"), max_length=500, blank=True)
    last_activity_on = models.DateField(_("最後の活動"), null=True, blank=True, editable=False)
    asleep_reason = models.CharField(
        _("動いていない理由"), max_length=15, choices=AsleepReason.choices, blank=True
    )
    asleep_note = models.CharField(_("動いていない理由の補足"), max_length=500, blank=True)
    status = models.CharField(
        _("状態"), max_length=12, choices=AgreementStatus.choices, default=AgreementStatus.DRAFT
    )
    draft_shared_at = models.DateTimeField(_("案を当事者に見せた日時"), null=True, blank=True, editable=False)
    import_key = models.CharField(max_length=120, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("協定")
        verbose_name_plural = _("協定")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="agreement_ends_after_it_begins",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="agreement_signed_once_active",
                condition=~Q(status=AgreementStatus.ACTIVE) | Q(signed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="agreement_ended_on_a_day",
                condition=~Q(status=AgreementStatus.ENDED) | Q(ended_on__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="agreement_imported_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "-updated_at", "-id"], name="agreement_register"),
            models.Index(fields=["-updated_at", "-id"], name="agreement_newest"),
            models.Index(fields=["status", "next_due_on"], name="agreement_due"),
            models.Index(fields=["status", "last_activity_on"], name="agreement_asleep"),
            models.Index(fields=["scheme"], name="agreement_scheme"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement_detail", args=[self.pk])


class FrozenVersionError(Exception):
    """Somebody tried to change what was approved."""


ON_ITS_WAY = {"state", "approved_at", "in_force_from", "sha256"}


class Version(models.Model):
    """What is agreed, as of one wording. Only a draft can be written; ``sha256`` seals an approved one."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版"))
    state = models.CharField(
        _("状態"), max_length=12, choices=VersionState.choices, default=VersionState.DRAFT
    )
    reason = models.CharField(_("この版にする理由"), max_length=500, blank=True)
    title = models.CharField(_("名称"), max_length=150)
    kind = models.CharField(
        _("種類"), max_length=15, choices=AgreementKind.choices, default=AgreementKind.OTHER
    )
    scheme = models.CharField(_("制度"), max_length=60, blank=True)
    purpose = models.TextField(_("目的"), max_length=4_000, blank=True)
    contents = models.TextField(_("連携する事項"), max_length=8_000, blank=True)
    costs = models.TextField(_("費用の負担"), max_length=2_000, blank=True)
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    renewal = models.CharField(_("更新"), max_length=10, choices=Renewal.choices, default=Renewal.NONE)
    renewal_months = models.PositiveSmallIntegerField(_("一回の更新の長さ(月)"), null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField(
        _("更新・終了の申し出は終わりの何か月前までか"), null=True, blank=True
    )
    confidentiality = models.TextField(_("秘密の保持"), max_length=2_000, blank=True)
    personal_data = models.CharField(
        _("個人情報"), max_length=10, choices=PersonalData.choices, default=PersonalData.UNDECIDED
    )
    personal_data_note = models.TextField(_("個人情報の取扱い"), max_length=2_000, blank=True)
    publication = models.TextField(_("公表"), max_length=2_000, blank=True)
    payment = models.CharField(_("対価"), max_length=8, choices=Payment.choices, default=Payment.NONE)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("起案者"), on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("起案日時"))
    approved_at = models.DateTimeField(_("決裁日時"), null=True, blank=True)
    in_force_from = models.DateField(_("効力の始まり"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("協定の版")
        verbose_name_plural = _("協定の版")
        ordering = ["agreement_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(state="in_force"), name="version_one_in_force"
            ),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=["draft", "in_approval", "approved"]),
                name="version_one_on_its_way",
            ),
            models.CheckConstraint(
                name="version_ends_after_it_begins",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="version_sealed_once_approved",
                condition=Q(state__in=["draft", "in_approval", "dropped"]) | ~Q(sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.number}版"

    @property
    def is_editable(self) -> bool:
        return self.state == VersionState.DRAFT

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the wording of a draft; of anything else only how far it has come."""
        only = set(kwargs.get("update_fields") or ())
        if self.pk and not (only and only <= ON_ITS_WAY):
            stored = Version.objects.filter(pk=self.pk).values_list("state", flat=True).first()
            if stored not in {None, VersionState.DRAFT}:
                raise FrozenVersionError(self.pk)
        super().save(*args, **kwargs)


class PartOfVersion(models.Model):
    """A row of a version: written while the version is a draft, never after."""

    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._require_draft()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._require_draft()
        return super().delete(*args, **kwargs)

    def _require_draft(self) -> None:
        version: Version = self.version  # type: ignore[attr-defined]
        if not version.is_editable:
            raise FrozenVersionError(version.pk)


class Party(PartOfVersion):
    """One who signs, with or without a record of their own here."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="signers")
    side = models.CharField(_("側"), max_length=8, choices=Side.choices, default=Side.PARTNER)
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("登録された団体"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    name = models.CharField(_("名称"), max_length=150)
    kind = models.CharField(_("団体の種類"), max_length=20, choices=OrganizationKind.choices, blank=True)
    size = models.CharField(_("規模"), max_length=10, choices=OrganizationSize.choices, blank=True)
    address = models.CharField(_("住所"), max_length=200, blank=True)
    representative = models.CharField(_("代表者(役職と氏名)"), max_length=150, blank=True)
    contact = models.CharField(_("連絡先(窓口)"), max_length=200, blank=True)
    role = models.TextField(_("役割"), max_length=2_000, blank=True)

    class Meta:
        verbose_name = _("当事者")
        verbose_name_plural = _("当事者")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Obligation(PartOfVersion):
    """Something a party must do, once or again and again. ``key`` stays the same from version to version."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="obligations")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    bearer = models.CharField(_("だれが"), max_length=150)
    text = models.CharField(_("何をする"), max_length=500)
    due_on = models.DateField(_("期限(最初)"), null=True, blank=True)
    every_months = models.PositiveSmallIntegerField(_("くり返し(月ごと)"), null=True, blank=True)

    class Meta:
        verbose_name = _("義務")
        verbose_name_plural = _("義務")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="obligation_once_in_version"),
            models.CheckConstraint(
                name="obligation_repeats_from_a_day",
                condition=Q(every_months__isnull=True)
                | (Q(due_on__isnull=False) & Q(every_months__gte=1) & Q(every_months__lte=120)),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def is_borne_by(self, name: str) -> bool:
        """Whether the party of this name is the one that must do it, or among several that are written together."""
        return bool(name) and name in self.bearer


class Risk(PartOfVersion):
    """A row of the risk table. ``key`` is that of the standard row, or one of our own (``X01``)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="risks")
    key = models.CharField(_("番号"), max_length=8)
    phase = models.CharField(_("段階"), max_length=20)
    kind = models.CharField(_("種類"), max_length=60)
    text = models.CharField(_("内容"), max_length=300)
    bearer = models.CharField(_("負担する側"), max_length=20, choices=Bearer.choices, default=Bearer.NOBODY)
    threshold = models.CharField(_("分かれ目(額・割合・期間)"), max_length=200, blank=True)
    remedy = models.CharField(_("起きたときの対応"), max_length=300, blank=True)
    source = models.CharField(_("出所"), max_length=150, blank=True)
    seen = models.CharField(_("出所の確かさ"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("リスク")
        verbose_name_plural = _("リスク")
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="risk_once_in_version")]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"


# Further models of the room, by subject.
from enishi.agreements.models_documents import (  # noqa: E402
    AgreementImport,
    CalendarFeed,
    DocumentTemplate,
    SignedCopy,
)
from enishi.agreements.models_working import (  # noqa: E402
    Activity,
    Approval,
    ChangeRequest,
    Consent,
    Dispute,
    DisputeStep,
    Fulfilment,
    Incident,
    Prolongation,
    Reminder,
)

__all__ = [
    "Activity",
    "Agreement",
    "AgreementImport",
    "Approval",
    "CalendarFeed",
    "ChangeRequest",
    "Consent",
    "Dispute",
    "DisputeStep",
    "DocumentTemplate",
    "FrozenVersionError",
    "Fulfilment",
    "Incident",
    "Obligation",
    "Party",
    "Prolongation",
    "Reminder",
    "Risk",
    "SignedCopy",
    "Version",
]
