from django.db import models
from django.utils.translation import gettext_lazy as _


class ProjectStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    APPROVED = "approved", _("承認済み")
    RUNNING = "running", _("実施中")
    COMPLETED = "completed", _("完了")
    STOPPED = "stopped", _("中止")
