from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleKind(models.TextChoices):
    PRESENT = "present", _("記入がある")
    DATE_BETWEEN = "date_between", _("日付が期間の中にある")
    DATE_ORDER = "date_order", _("二つの日付の前後が合う")
    NUMBER_BETWEEN = "number_between", _("数が範囲の中にある")
    CHOICE = "choice", _("決められた言葉のどれかである")
    AGREE = "agree", _("二つの欄が同じである")
    DIFFER = "differ", _("二つの欄が違う")
    SUM = "sum", _("合計が合う")
    LENGTH = "length", _("文字数が範囲の中にある")
    WORDS = "words", _("本文に言葉がある")
    NO_WORDS = "no_words", _("本文に言葉がない")
    ATTACHMENT = "attachment", _("添付がある")


class Severity(models.TextChoices):
    MUST = "must", _("必ず")
    LOOK = "look", _("気をつけて見る")


class Verdict(models.TextChoices):
    MET = "met", _("満たす")
    NOT_MET = "not_met", _("満たさない")
    UNREAD = "unread", _("読み取れない")

    @property
    def tone(self) -> str:
        return {self.MET: "positive", self.NOT_MET: "danger"}.get(self, "warning")


class Decision(models.TextChoices):
    """What a person decided after reading the result. The check itself never decides."""

    NONE = "", _("まだ判断していない")
    ACCEPTED = "accepted", _("受け付ける")
    ASKED = "asked", _("補正を頼む")
    DECLINED = "declined", _("受け付けない")

    @property
    def tone(self) -> str:
        return {self.ACCEPTED: "positive", self.DECLINED: "danger", self.ASKED: "warning"}.get(
            self, "neutral"
        )
