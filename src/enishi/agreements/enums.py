from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("起案中")
    IN_APPROVAL = "in_approval", _("決裁中")
    APPROVED = "approved", _("決裁済み")
    ACTIVE = "active", _("締結")
    ENDED = "ended", _("終了")
    ABANDONED = "abandoned", _("取りやめ")
