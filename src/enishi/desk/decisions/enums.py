from django.db import models
from django.utils.translation import gettext_lazy as _


class FirstVerdict(models.TextChoices):
    GO_ON = "go_on", _("進む")
    HOLD = "hold", _("保留")
    DECLINE = "decline", _("見送り")


class Verdict(models.TextChoices):
    ADOPTED = "adopted", _("採択")
    TRIAL = "trial", _("実証")
    DECLINED = "declined", _("不採択")


class Reason(models.TextChoices):
    """Why a proposal goes on, waits or ends. The first ones speak for it."""

    FITS = "fits", _("市の課題に合っている")
    EFFECT = "effect", _("効果の見込みがはっきりしている")
    FEASIBLE = "feasible", _("体制と実績から実現が見込める")
    AFFORDABLE = "affordable", _("費用に見合う")
    NEW = "new", _("これまでにない取り組みである")
    NO_BUDGET = "no_budget", _("予算が確保できない")
    TIMING = "timing", _("時期が合わない")
    LEGAL = "legal", _("法令や制度の上で難しい")
    OVERLAP = "overlap", _("すでにある事業と重なる")
    UNCLEAR_EFFECT = "unclear_effect", _("効果の見込みがまだ読み取れない")
    COST = "cost", _("費用が見合わない")
    CAPACITY = "capacity", _("受け入れる体制が整わない")
    NOT_OURS = "not_ours", _("市の所管ではない")
    LOCAL = "local", _("地域の実情に合わない")
    SAFETY = "safety", _("個人情報や安全の面で心配が残る")
    MISSING = "missing", _("判断に要る資料が足りない")
    OTHER_CHOSEN = "other_chosen", _("ほかの提案を選んだ")
    PROPOSER = "proposer", _("提案者の都合")
    OTHER = "other", _("その他")


FOR = (Reason.FITS, Reason.EFFECT, Reason.FEASIBLE, Reason.AFFORDABLE, Reason.NEW, Reason.OTHER)
AGAINST = tuple(reason for reason in Reason if reason not in FOR or reason is Reason.OTHER)


class OfferState(models.TextChoices):
    ASKED = "asked", _("提案者の返事待ち")
    AGREED = "agreed", _("引き渡し済み")
    REFUSED = "refused", _("提案者が断った")


class Ending(models.TextChoices):
    DECLINED = "declined", _("見送り")
    STOPPED = "stopped", _("中止")
