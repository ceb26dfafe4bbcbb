from django.db import models
from django.utils.translation import gettext_lazy as _


class SheetKind(models.TextChoices):
    ORGANIZATION = "organization", _("団体の年次シート")
    PERSON = "person", _("担当者の年次シート")


class SheetStatus(models.TextChoices):
    DRAFT = "draft", _("記入中")
    DONE = "done", _("提出済み")


class Rating(models.TextChoices):
    """How the year went, by the one who was there."""

    ABOVE = "above", _("目標を上回った")
    REACHED = "reached", _("目標どおり")
    BELOW = "below", _("目標を下回った")
    UNKNOWN = "unknown", _("まだ言えない")
