"""Claims and figures, where they come from, who looked at the original, and where they are used."""

from typing import Self

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.plans.evidence.enums import EvidenceKind, Use, Verification


class EvidenceQuerySet(OwnedQuerySet["Evidence"]):
    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def verified(self) -> Self:
        return self.filter(verification=Verification.VERIFIED)


class Evidence(OwnedRecord):
    """What a plan rests on. Writing it anew takes its verification back: somebody looks at the original again."""

    claim = models.TextField(_("主張"), max_length=1_000)
    figure = models.CharField(_("数値"), max_length=200, blank=True, help_text=_("例: 34.2%、年間1,250件"))
    source_title = models.CharField(_("出典(資料の名前)"), max_length=300, blank=True)
    publisher = models.CharField(_("発行した団体"), max_length=150, blank=True)
    year = models.PositiveSmallIntegerField(_("資料の年(西暦)"), null=True, blank=True)
    locator = models.CharField(_("頁・表番号"), max_length=100, blank=True)
    url = models.CharField(
        _("番地(URL)"), max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    kind = models.CharField(
        _("種類"), max_length=10, choices=EvidenceKind.choices, default=EvidenceKind.STATISTIC
    )
    level = models.PositiveSmallIntegerField(_("根拠の水準(0〜5)"), default=0)
    verification = models.CharField(
        _("確認の状態"),
        max_length=10,
        choices=Verification.choices,
        default=Verification.UNVERIFIED,
        editable=False,
    )
    checked_at = models.DateTimeField(_("確認した日時"), null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("確認した人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("客観的根拠")
        verbose_name_plural = _("客観的根拠")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(name="evidence_level_known", condition=Q(level__lte=5)),
            models.CheckConstraint(
                name="evidence_checked_by_somebody",
                condition=Q(verification="unverified")
                | Q(checked_at__isnull=False, checked_by__isnull=False),
            ),
            models.CheckConstraint(name="evidence_claims_something", condition=~Q(claim="")),
        ]
        indexes = [
            models.Index(fields=["organization", "verification", "-updated_at"], name="evidence_of_house"),
        ]

    def __str__(self) -> str:
        return self.claim[:60] + ("…" if len(self.claim) > 60 else "")

    def get_absolute_url(self) -> str:
        return reverse("plans:evidence_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return Verification(self.verification).tone

    @property
    def is_verified(self) -> bool:
        return self.verification == Verification.VERIFIED

    @property
    def source_words(self) -> str:
        title = f"「{self.source_title}」" if self.source_title else ""
        return " ".join(part for part in (self.publisher + title, str(self.year or "")) if part)


class EvidenceCheck(models.Model):
    """One look at the original. Never changed: a later look is a further row."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="checks")
    verification = models.CharField(_("結果"), max_length=10, choices=Verification.choices)
    found = models.CharField(_("原典にあった値・文"), max_length=500, blank=True)
    note = models.CharField(_("補足"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("原典の確認")
        verbose_name_plural = _("原典の確認")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_mismatch_says_what_was_found",
                condition=~Q(verification="mismatch") | ~Q(found="") | ~Q(note=""),
            )
        ]


class EvidenceUse(models.Model):
    """A branch, through all versions, or a programme that rests on this."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="uses")
    identity = models.ForeignKey(
        "plans.NodeIdentity", on_delete=models.CASCADE, null=True, blank=True, related_name="evidence_uses"
    )
    programme = models.ForeignKey(
        "budgets.Programme", on_delete=models.CASCADE, null=True, blank=True, related_name="evidence_uses"
    )
    purpose = models.CharField(_("何の裏付けか"), max_length=8, choices=Use.choices, default=Use.NEED)

    class Meta:
        verbose_name = _("根拠を使う箇所")
        verbose_name_plural = _("根拠を使う箇所")
        ordering = ["evidence_id", "pk"]
        constraints = [
            models.CheckConstraint(
                name="evidence_use_of_one_thing",
                condition=Q(identity__isnull=False, programme__isnull=True)
                | Q(identity__isnull=True, programme__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["evidence", "identity"],
                condition=Q(identity__isnull=False),
                name="evidence_used_once_by_branch",
            ),
            models.UniqueConstraint(
                fields=["evidence", "programme"],
                condition=Q(programme__isnull=False),
                name="evidence_used_once_by_programme",
            ),
        ]
