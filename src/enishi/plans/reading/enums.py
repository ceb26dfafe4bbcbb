"""Words of reading documents in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadingState(models.TextChoices):
    WAITING = "waiting", _("読み取り中")
    FAILED = "failed", _("読み取れなかった")
    READ = "read", _("確認待ち")
    WRITTEN = "written", _("書き込み済み")

    @property
    def tone(self) -> str:
        tones = {"waiting": "info", "failed": "danger", "read": "warning", "written": "positive"}
        return tones.get(str(self.value), "neutral")


class ItemKind(models.TextChoices):
    """Named as the engine names its lists."""

    MEASURE = "measures", _("支援策")
    ACTION = "actions", _("主な取組")
    CHALLENGE = "challenges", _("課題")
    INDICATOR = "indicators", _("指標")
    EVIDENCE = "evidence", _("客観的根拠")
    SOURCE = "sources", _("出典")
    CASE = "cases", _("先進事例")


class Choice(models.TextChoices):
    """What a person said of an item."""

    PENDING = "pending", _("未確認")
    ACCEPTED = "accepted", _("採用")
    EDITED = "edited", _("直して採用")
    REJECTED = "rejected", _("採用しない")


TAKEN = (Choice.ACCEPTED, Choice.EDITED)
