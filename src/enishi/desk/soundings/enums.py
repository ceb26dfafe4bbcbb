from django.db import models
from django.utils.translation import gettext_lazy as _


class SoundingStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    OPEN = "open", _("参加者を募集中")
    TALKING = "talking", _("対話中")
    CONFIRMING = "confirming", _("概要を確認中")
    PUBLISHED = "published", _("概要を公表")
    CANCELLED = "cancelled", _("中止")


class ApplicationStatus(models.TextChoices):
    UNVERIFIED = "unverified", _("メール確認待ち")
    APPLIED = "applied", _("申込済み")
    WITHDRAWN = "withdrawn", _("取下げ")
    DECLINED = "declined", _("お断り")


class Consent(models.TextChoices):
    WAITING = "waiting", _("確認待ち")
    AGREED = "agreed", _("公表してよい")
    OBJECTED = "objected", _("直してほしい")
