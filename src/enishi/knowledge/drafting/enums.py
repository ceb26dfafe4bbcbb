from django.db import models
from django.utils.translation import gettext_lazy as _


class DraftKind(models.TextChoices):
    PLAN = "plan", _("計画の一節")
    EVALUATION = "evaluation", _("評価のコメント")
    COUNCIL = "council", _("議会の答弁案")
    MINUTES = "minutes", _("議事録のまとめ")
    PRESS = "press", _("報道発表")
    REPLY = "reply", _("提案への回答")
    LETTER = "letter", _("手紙・通知文")


class DraftStatus(models.TextChoices):
    DRAFTING = "drafting", _("起案中")
    FINAL = "final", _("仕上がり")

    @property
    def tone(self) -> str:
        return "positive" if self is DraftStatus.FINAL else "info"


class Origin(models.TextChoices):
    """Where a sentence comes from."""

    TEMPLATE = "template", _("ひな型")
    SOURCE = "source", _("過去の資料")
    MINUTES = "minutes", _("もとの議事録")
    GENERATED = "generated", _("文章生成(文ごとに確かめ済み)")
    OWN = "own", _("自分で書いた文")


class SentenceState(models.TextChoices):
    SUGGESTED = "suggested", _("まだ見ていない")
    KEPT = "kept", _("そのまま使う")
    CHANGED = "changed", _("直した")
    DELETED = "deleted", _("使わない")
    OWN = "own", _("書き足した")

    @property
    def tone(self) -> str:
        return {self.KEPT: "positive", self.CHANGED: "info", self.SUGGESTED: "warning"}.get(self, "neutral")


class MinutesKind(models.TextChoices):
    DECISION = "decision", _("決まったこと")
    HOMEWORK = "homework", _("宿題")
