from django.db import models
from django.utils.translation import gettext_lazy as _


class Occasion(models.TextChoices):
    """What a lesson was written down at."""

    CLOSE = "close", _("事業を終えたとき")
    INCIDENT = "incident", _("事故・問題が起きたとき")
    OTHER = "other", _("そのほかの気づき")


class LessonStatus(models.TextChoices):
    DRAFT = "draft", _("下書き")
    RECORDED = "recorded", _("記録済み")


class NamelessState(models.TextChoices):
    """How far a lesson without names has come on its way to the public."""

    WAITING = "waiting", _("確認待ち")
    RETURNED = "returned", _("差し戻し")
    PUBLISHED = "published", _("公開")
    WITHDRAWN = "withdrawn", _("取り下げ")
