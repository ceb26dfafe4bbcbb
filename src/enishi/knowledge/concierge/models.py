"""The desk for residents of one organisation, and questions handed over to a section."""

import secrets

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import Organization, Section

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_number() -> str:
    """Eight letters that are not taken for one another, to be read out on the telephone."""
    return "".join(secrets.choice(_LETTERS) for _place in range(8))


class Concierge(models.Model):
    """A municipality's or a partner town's desk: what it is called, who may show it, whom it leads to."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="concierge")
    slug = models.CharField(
        _("番地"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", _("半角の英小文字・数字・ハイフンで書いてください。")
            )
        ],
    )
    is_open = models.BooleanField(_("公開する"), default=False)
    title = models.CharField(_("窓口の名前"), max_length=60)
    greeting = models.CharField(_("はじめの言葉"), max_length=300, blank=True)
    default_section = models.ForeignKey(
        Section,
        verbose_name=_("迷ったときの案内先"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    opening_hours = models.CharField(_("開庁時間"), max_length=120, blank=True)
    shown_on = models.TextField(
        _("埋め込みを許すサイト"),
        max_length=2_000,
        blank=True,
        help_text=_("1行に一つ。例: https://www.city.example.lg.jp"),
    )
    uses_documents = models.BooleanField(_("公開の資料からも答える"), default=True)
    uses_generation = models.BooleanField(_("設定があれば、生成した文も使う"), default=False)
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("住民の窓口")
        verbose_name_plural = _("住民の窓口")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("concierge:ask", args=[self.slug])

    @property
    def origins(self) -> list[str]:
        """The sites that may show the widget."""
        return [line.strip() for line in self.shown_on.splitlines() if line.strip()]


class HandOver(models.Model):
    """A question a resident let us pass to a section, under a number; nothing of who asked is kept."""

    number = models.CharField(_("受付番号"), max_length=8, unique=True, default=new_number, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="hand_overs")
    section = models.ForeignKey(Section, on_delete=models.SET_NULL, null=True, related_name="+")
    question = models.ForeignKey(
        "knowledge.AskedQuestion", on_delete=models.CASCADE, related_name="hand_overs"
    )
    at = models.DateTimeField()
    done_at = models.DateTimeField(_("対応した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("引き継いだ質問")
        verbose_name_plural = _("引き継いだ質問")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organization", "-at", "-id"], name="hand_over_recent")]

    def __str__(self) -> str:
        return self.number
