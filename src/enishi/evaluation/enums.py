"""The words of a review: stages, judgements, directions. The values are stored; the labels are read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """What a cycle reviews."""

    PROGRAMME = "programme", _("事務事業")
    NODE = "node", _("施策")


class CycleState(models.TextChoices):
    PREPARING = "preparing", _("準備中")
    RUNNING = "running", _("実施中")
    CLOSED = "closed", _("終了")


class Trigger(models.TextChoices):
    """Why something is reviewed this year."""

    NEW = "new", _("始めてから3年以上たち、まだ評価していない")
    LONG_AGO = "long_ago", _("前の評価から年数がたった")
    OFF_TRACK = "off_track", _("指標が計画より遅れている")
    COST_UP = "cost_up", _("費用が増えた")
    PROPOSED = "proposed", _("見直しの提案があった")


class Stage(models.TextChoices):
    """Who judges: one after the other, each on the same frozen facts."""

    FIRST = "first", _("一次評価")
    SECOND = "second", _("二次評価")
    EXTERNAL = "external", _("外部評価")


class Place(models.TextChoices):
    """Where a sheet lies now, in the order it travels."""

    FIRST = "1-first", _("一次評価の記入")
    APPROVAL = "2-approval", _("課長の承認")
    SECOND = "3-second", _("二次評価")
    EXTERNAL = "4-external", _("外部評価")
    DECISION = "5-decision", _("改善の決定")
    DECIDED = "6-decided", _("決定済み")


class EvaluationState(models.TextChoices):
    DRAFT = "draft", _("記入中")
    SUBMITTED = "submitted", _("提出済み")
    RETURNED = "returned", _("差し戻し")
    APPROVED = "approved", _("承認済み")


class Judgement(models.TextChoices):
    """The overall judgement; a cycle may give the letters words of its own."""

    A = "A", _("A 計画どおり進んでいる")
    B = "B", _("B おおむね進んでいる")
    C = "C", _("C 見直しが必要")
    D = "D", _("D 抜本的な見直しが必要")


class Criterion(models.TextChoices):
    """What a review asks of a programme. ``達成度`` and ``効率性`` are computed, the others people judge."""

    NECESSITY = "necessity", _("必要性")
    EFFECTIVENESS = "effectiveness", _("有効性")
    EFFICIENCY = "efficiency", _("効率性")
    ALTERNATIVE = "alternative", _("代替性")
    FAIRNESS = "fairness", _("公平性")
    URGENCY = "urgency", _("緊急性")
    ACHIEVEMENT = "achievement", _("達成度")


class Scale(models.TextChoices):
    LETTERS = "letters", _("A・B・C")
    NUMBERS = "numbers", _("3・2・1")


class Direction(models.TextChoices):
    """What becomes of it; the values are those of the engine's ``Course``."""

    EXPAND = "拡充", _("拡充")
    CONTINUE = "継続", _("継続")
    WATCH = "継続(経過観察)", _("継続(経過観察)")
    IMPROVE = "改善", _("改善")
    SHRINK = "縮小", _("縮小")
    MERGE = "統合", _("統合")
    SUSPEND = "休止", _("休止")
    ABOLISH = "廃止", _("廃止")
    END = "終了", _("終了")


CONTINUED = (Direction.CONTINUE, Direction.WATCH)
REDUCING = (Direction.SHRINK, Direction.SUSPEND, Direction.ABOLISH)
"""These free money: an expected difference must not be positive."""
DATED = (Direction.SHRINK, Direction.MERGE, Direction.SUSPEND, Direction.ABOLISH, Direction.END)
"""These name the year from which they hold (E2)."""


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", _("案")
    CONFIRMED = "confirmed", _("確認済み(決定待ち)")
    DECIDED = "decided", _("決定")
    SUPERSEDED = "superseded", _("改められた")


class FollowUpState(models.TextChoices):
    OPEN = "open", _("これから")
    DONE = "done", _("完了")
    DROPPED = "dropped", _("取りやめ")


class ProposerKind(models.TextChoices):
    RESIDENT = "resident", _("住民")
    STAFF = "staff", _("職員")
    COUNCIL = "council", _("議会")
    AUDIT = "audit", _("監査")
    PARTNER = "partner", _("企業・団体")


class ProposalState(models.TextChoices):
    RECEIVED = "received", _("受け付けました")
    TAKEN_UP = "taken_up", _("評価の対象にします")
    DECLINED = "declined", _("今回は対象にしませんでした")
