from django.db import models
from django.utils.translation import gettext_lazy as _


class Method(models.TextChoices):
    VOTE = "vote", _("一般投票")
    JURY = "jury", _("審査員")
    BOTH = "both", _("一般投票と審査員")

    @property
    def has_vote(self) -> bool:
        return self in {self.VOTE, self.BOTH}

    @property
    def has_jury(self) -> bool:
        return self in {self.JURY, self.BOTH}


class CallStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    OPEN = "open", _("募集・投票")
    ANNOUNCED = "announced", _("結果発表")
    CANCELLED = "cancelled", _("取りやめ")
