"""The one-stop desk: proposals, where each stands, and what was marked as confidential."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import Origin, ProposalKind, ProposalStatus
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord


class ProposalQuerySet(OwnedQuerySet["Proposal"]):
    not_yet_shared = Q(status=ProposalStatus.DRAFT)


class Proposal(OwnedRecord):
    """What somebody offers to do together with a municipality. ``organization`` is the one that receives it.

    Nothing confidential stands in this table: what the proposer marked lies in ``ConfidentialPart``, so that no
    list, search, export or record of changes can carry it by accident.
    """

    kind = models.CharField(_("種類"), max_length=15, choices=ProposalKind.choices)
    origin = models.CharField(_("経路"), max_length=10, choices=Origin.choices, default=Origin.FREE)
    number = models.CharField(_("受付番号"), max_length=20, blank=True, editable=False)
    title = models.CharField(_("題名"), max_length=120)
    summary = models.TextField(_("提案の内容"), max_length=8_000, blank=True)
    effects = models.TextField(_("期待できる効果"), max_length=4_000, blank=True)
    requests = models.TextField(_("自治体に求めること"), max_length=4_000, blank=True)
    schedule = models.TextField(_("進め方と時期"), max_length=2_000, blank=True)
    track_record = models.TextField(_("実績"), max_length=2_000, blank=True)
    cost_yen = models.PositiveBigIntegerField(_("自治体の負担の見込み(円)"), null=True, blank=True)
    cost_note = models.CharField(_("費用の補足"), max_length=300, blank=True)
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    challenge = models.ForeignKey(
        "exchange.Challenge",
        verbose_name=_("課題"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    contact = models.ForeignKey(
        "exchange.Contact",
        verbose_name=_("縁"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
    )
    proposer = models.ForeignKey(
        Organization,
        verbose_name=_("提案者(団体)"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals_made",
    )
    proposer_name = models.CharField(_("提案者"), max_length=150, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("窓口の担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    status = models.CharField(
        _("状態"), max_length=12, choices=ProposalStatus.choices, default=ProposalStatus.DRAFT
    )
    received_at = models.DateTimeField(_("受付日時"), null=True, blank=True)
    decided_at = models.DateTimeField(_("決定日時"), null=True, blank=True)
    started_on = models.DateField(_("事業の開始日"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("提案")
        verbose_name_plural = _("提案")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=~Q(number=""),
                name="proposal_number_once_per_desk",
            ),
            models.CheckConstraint(
                name="proposal_received_at_set_once_received",
                condition=Q(status=ProposalStatus.DRAFT) | Q(received_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "received_at"], name="proposal_of_desk"),
            models.Index(fields=["proposer", "-updated_at", "-id"], name="proposal_of_proposer"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("desk:proposal_detail", args=[self.pk])


class ConfidentialPart(models.Model):
    """A part the proposer marked as know-how or trade secret. Read through ``selectors.confidential_parts`` only."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="confidential_parts")
    heading = models.CharField(_("見出し"), max_length=120)
    text = models.TextField(_("内容"), max_length=8_000)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("非公開の部分")
        verbose_name_plural = _("非公開の部分")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.heading
