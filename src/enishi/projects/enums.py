from django.db import models
from django.utils.translation import gettext_lazy as _


class ProjectStatus(models.TextChoices):
    DRAFT = "draft", _("準備中")
    APPROVED = "approved", _("承認済み")
    RUNNING = "running", _("実施中")
    COMPLETED = "completed", _("完了")
    STOPPED = "stopped", _("中止")

    @property
    def is_over(self) -> bool:
        return self in {self.COMPLETED, self.STOPPED}


class ParticipantRole(models.TextChoices):
    LEAD = "lead", _("主催")
    PARTNER = "partner", _("協働")
    SUPPORT = "support", _("協力")
    FUNDER = "funder", _("資金提供")
    PLACE = "place", _("場の提供")
    EVALUATOR = "evaluator", _("評価・助言")


class TaskState(models.TextChoices):
    TODO = "todo", _("未着手")
    DOING = "doing", _("作業中")
    DONE = "done", _("完了")
    DROPPED = "dropped", _("取りやめ")


class MeasureKind(models.TextChoices):
    OUTCOME = "outcome", _("成果(だれに何が起きたか)")
    OUTPUT = "output", _("活動(何をどれだけ行ったか)")


class MeasureTier(models.TextChoices):
    """What is measured: the event itself, or the relation that grew out of it."""

    EVENT = "event", _("取組の指標")
    RELATION = "relation", _("関係の深まりの指標")


class Direction(models.TextChoices):
    """Which way is better; the codes are the engine's."""

    UP = "UP", _("増やす")
    DOWN = "DOWN", _("減らす")
    KEEP = "KEEP", _("保つ")


class Frequency(models.TextChoices):
    ONCE = "once", _("目標の日に1回")
    MONTHLY = "monthly", _("毎月")
    QUARTERLY = "quarterly", _("3か月ごと")
    HALF_YEARLY = "half_yearly", _("半年ごと")
    YEARLY = "yearly", _("1年ごと")

    @property
    def months(self) -> int:
        return {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}.get(self.value, 0)


class Level(models.TextChoices):
    LOW = "low", _("低")
    MIDDLE = "middle", _("中")
    HIGH = "high", _("高")


class RiskState(models.TextChoices):
    WATCHED = "watched", _("見守り中")
    OCCURRED = "occurred", _("起きた")
    CLOSED = "closed", _("なくなった")


class Severity(models.TextChoices):
    MINOR = "minor", _("軽い")
    SERIOUS = "serious", _("重い")
    CRITICAL = "critical", _("重大(人の安全・個人情報・大きな損害)")


class ExpenseCategory(models.TextChoices):
    WAGES = "wages", _("人件費")
    FEES = "fees", _("報償費・謝金")
    TRAVEL = "travel", _("旅費")
    SUPPLIES = "supplies", _("消耗品費")
    PRINTING = "printing", _("印刷製本費")
    COMMUNICATION = "communication", _("通信運搬費")
    OUTSOURCING = "outsourcing", _("委託料")
    RENT = "rent", _("使用料・賃借料")
    EQUIPMENT = "equipment", _("備品・機器")
    INSURANCE = "insurance", _("保険料")
    OTHER = "other", _("その他")


class ExpenseState(models.TextChoices):
    CLAIMED = "claimed", _("申請中")
    APPROVED = "approved", _("承認済み")
    RETURNED = "returned", _("差し戻し")
    SETTLED = "settled", _("精算済み")


class Comparator(models.TextChoices):
    AT_LEAST = "gte", _("以上")
    ABOVE = "gt", _("より大きい")
    AT_MOST = "lte", _("以下")
    BELOW = "lt", _("より小さい")


class TrialState(models.TextChoices):
    PLANNED = "planned", _("計画中")
    RUNNING = "running", _("実証中")
    DECIDED = "decided", _("判断済み")


class GateDecision(models.TextChoices):
    IMPLEMENT = "implement", _("実装する")
    RETRY = "retry", _("もう一度実証する")
    STOP = "stop", _("中止する")


class Suggestion(models.TextChoices):
    """What the criteria say, computed; people decide."""

    MET = "met", _("成功の基準を満たした")
    NOT_MET = "not_met", _("成功の基準に届かなかった")
    STOP_HIT = "stop_hit", _("中止の基準に当たった")
    UNKNOWN = "unknown", _("基準の値がまだない")


class EndReason(models.TextChoices):
    """Why something that was tried does not go on."""

    BUDGET = "budget", _("予算")
    REGULATION = "regulation", _("規制")
    ROLES = "roles", _("役割分担")
    EFFECT = "effect", _("効果不足")
    PARTNER = "partner", _("事業者都合")
    RESIDENTS = "residents", _("住民の理解")
    TECHNOLOGY = "technology", _("技術")
    OTHER = "other", _("その他")


class LabRole(models.TextChoices):
    RESIDENT = "resident", _("住民")
    WORKER = "worker", _("地域で働く人")
    VISITOR = "visitor", _("訪れる人")


class ConsentMethod(models.TextChoices):
    PAPER = "paper", _("書面")
    SCREEN = "screen", _("画面")
    GUARDIAN = "guardian", _("保護者・代理人の書面")
