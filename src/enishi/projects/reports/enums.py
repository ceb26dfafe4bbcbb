from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportStatus(models.TextChoices):
    DRAFT = "draft", _("作成中")
    FINAL = "final", _("確定")


class PublicationStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    PUBLISHED = "published", _("公開")
    WITHDRAWN = "withdrawn", _("取り下げ")
