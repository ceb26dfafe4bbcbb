"""Words of logic models."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """The columns of the picture, from the left."""

    INPUT = "input", _("投入(お金・人)")
    ACTIVITY = "activity", _("活動(すること)")
    OUTPUT = "output", _("活動の結果(アウトプット)")
    OUTCOME_INITIAL = "outcome_1", _("初期の成果")
    OUTCOME_INTERMEDIATE = "outcome_2", _("中間の成果")
    OUTCOME_FINAL = "outcome_3", _("最終の成果")
    EXTERNAL = "external", _("外からの影響")

    @property
    def is_outcome(self) -> bool:
        return self in OUTCOMES

    @property
    def place(self) -> int:
        """How far along the way from money to change; outside influences have none."""
        return WAY.index(self) if self in WAY else -1


WAY = (
    Stage.INPUT,
    Stage.ACTIVITY,
    Stage.OUTPUT,
    Stage.OUTCOME_INITIAL,
    Stage.OUTCOME_INTERMEDIATE,
    Stage.OUTCOME_FINAL,
)
OUTCOMES = (Stage.OUTCOME_INITIAL, Stage.OUTCOME_INTERMEDIATE, Stage.OUTCOME_FINAL)


class ModelState(models.TextChoices):
    DRAFT = "draft", _("作成中")
    REVIEW = "review", _("承認待ち")
    APPROVED = "approved", _("承認済み")
    SUPERSEDED = "superseded", _("置き換え済み")


class EvidenceLevel(models.IntegerChoices):
    """How well it is known that one step leads to the next."""

    NONE = 0, _("0 根拠なし")
    EXPERT = 1, _("1 専門家・担当者の見方")
    DESCRIPTIVE = 2, _("2 実態の調査・事例")
    COMPARISON = 3, _("3 比べた調査(前後・他団体)")
    QUASI = 4, _("4 準実験(条件をそろえた比較)")
    RCT = 5, _("5 無作為化比較試験")


class Confidence(models.TextChoices):
    UNKNOWN = "", _("決めていない")
    LOW = "low", _("低い")
    MIDDLE = "middle", _("中くらい")
    HIGH = "high", _("高い")
