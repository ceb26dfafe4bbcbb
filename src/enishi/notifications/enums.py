from django.db import models
from django.utils.translation import gettext_lazy as _


class MailMode(models.TextChoices):
    """When a kind of notice comes by e-mail."""

    AT_ONCE = "at_once", _("そのつど")
    DAILY = "daily", _("一日一回まとめて")
    OFF = "off", _("送らない")


class MailState(models.TextChoices):
    NONE = "none", _("送らない")
    AT_ONCE = "at_once", _("すぐ送る")
    DAILY = "daily", _("まとめを待つ")
    SENT = "sent", _("送信済み")
    FAILED = "failed", _("送れない")
