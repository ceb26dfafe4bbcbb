from django.db import models
from django.utils.translation import gettext_lazy as _


class CallStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    OPEN = "open", _("募集中")
    CLOSED = "closed", _("募集終了")
    DECIDED = "decided", _("結果公表")
    CANCELLED = "cancelled", _("中止")
