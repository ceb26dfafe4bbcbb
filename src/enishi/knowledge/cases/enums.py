from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseOutcome(models.TextChoices):
    """How it ended. Failures are as welcome as successes: they teach more."""

    WORKED = "worked", _("うまくいった")
    PARTLY = "partly", _("一部うまくいった")
    FAILED = "failed", _("うまくいかなかった")
    STOPPED = "stopped", _("途中でやめた")

    @property
    def tone(self) -> str:
        return {self.WORKED: "positive", self.PARTLY: "info", self.FAILED: "danger"}.get(self, "warning")


class Verification(models.TextChoices):
    """Whether somebody who knows has read the case against its sources."""

    UNVERIFIED = "unverified", _("未確認")
    MEMORY = "memory", _("担当者の記憶による")
    CONFIRMED = "confirmed", _("資料で確認済み")

    @property
    def tone(self) -> str:
        return "positive" if self is Verification.CONFIRMED else "warning"


class ImportState(models.TextChoices):
    LOOKING = "looking", _("中身を調べています")
    FAULTY = "faulty", _("直すところがあります")
    READY = "ready", _("取り込めます")
    DONE = "done", _("取り込みました")
    UNDONE = "undone", _("取り消しました")
