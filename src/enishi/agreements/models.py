"""Agreements: who promised what to whom, under which legal form, until when."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.agreements.enums import AgreementStatus
from enishi.organizations.models import OwnedQuerySet, OwnedRecord


class AgreementQuerySet(OwnedQuerySet["Agreement"]):
    not_yet_shared = Q(status=AgreementStatus.DRAFT)


class Agreement(OwnedRecord):
    """An agreement of any number of parties. ``organization`` keeps the record."""

    title = models.CharField(_("名称"), max_length=150)
    scheme = models.CharField(_("制度"), max_length=60, blank=True)
    purpose = models.TextField(_("目的"), max_length=4_000, blank=True)
    proposal = models.ForeignKey(
        "desk.Proposal",
        verbose_name=_("提案"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
    )
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    signed_on = models.DateField(_("締結日"), null=True, blank=True)
    status = models.CharField(
        _("状態"), max_length=12, choices=AgreementStatus.choices, default=AgreementStatus.DRAFT
    )
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
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement_detail", args=[self.pk])
