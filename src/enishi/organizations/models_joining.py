"""People who ask to be let in: a new organisation, or a place in one that is there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.organizations.enums import OrganizationKind, OrganizationSize, RequestStatus, Role


class Decided(models.Model):
    """Something a person asks for and an administrator answers."""

    status = models.CharField(
        _("状態"), max_length=10, choices=RequestStatus.choices, default=RequestStatus.WAITING, db_index=True
    )
    message = models.TextField(_("ひとこと"), max_length=1_000, blank=True)
    asked_at = models.DateTimeField(_("申し込んだ日時"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("決めた日時"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=500, blank=True)

    class Meta:
        abstract = True


class Registration(Decided):
    """A partner that wants to be registered. The organisation is made when an administrator confirms it."""

    kind = models.CharField(_("種類"), max_length=20, choices=OrganizationKind.choices)
    name = models.CharField(_("名称"), max_length=150)
    kana = models.CharField(_("ふりがな"), max_length=200, blank=True)
    corporate_number = models.CharField(_("法人番号"), max_length=13, blank=True)
    seat = models.ForeignKey(
        "organizations.Organization",
        verbose_name=_("所在する市区町村"),
        on_delete=models.PROTECT,
        related_name="registrations",
    )
    size = models.CharField(_("規模"), max_length=10, choices=OrganizationSize.choices, blank=True)
    summary = models.TextField(_("紹介"), max_length=2_000, blank=True)
    url = models.URLField(_("ウェブサイト"), blank=True)
    phone = models.CharField(_("電話"), max_length=40, blank=True)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="registrations"
    )
    organization = models.OneToOneField(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registration",
    )

    class Meta:
        verbose_name = _("団体の登録申込")
        verbose_name_plural = _("団体の登録申込")
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class JoinRequest(Decided):
    """Somebody who wants a place in an organisation that is registered already."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="join_requests"
    )
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="join_requests"
    )
    role = models.CharField(_("役割"), max_length=25, choices=Role.choices, blank=True)

    class Meta:
        verbose_name = _("参加の申込")
        verbose_name_plural = _("参加の申込")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organization"],
                condition=Q(status=RequestStatus.WAITING),
                name="join_request_one_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.organization}"
