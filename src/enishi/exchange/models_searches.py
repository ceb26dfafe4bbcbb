"""Searches a person wants to come back to, and be told about."""

from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.exchange.enums import RecordKind


class SavedSearch(models.Model):
    """Conditions of a list. ``looked_at`` is the moment up to which its owner knows the hits."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches"
    )
    kind = models.CharField(_("種類"), max_length=10, choices=RecordKind.choices)
    title = models.CharField(_("名前"), max_length=100)
    parameters = models.JSONField(_("条件"), default=dict)
    notifies = models.BooleanField(_("新しく見つかったら知らせる"), default=True)
    created_at = models.DateTimeField(_("保存日時"))
    looked_at = models.DateTimeField(_("最後に調べた日時"))

    class Meta:
        verbose_name = _("保存した条件")
        verbose_name_plural = _("保存した条件")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def quotable(self) -> str:
        """The name as it stands inside 「」: quotes within quotes are 『』."""
        return self.title.translate(str.maketrans("「」", "『』"))

    def get_absolute_url(self) -> str:
        address = reverse(f"exchange:{self.kind}_list")
        query = urlencode(self.parameters, doseq=True)
        return f"{address}?{query}" if query else address
