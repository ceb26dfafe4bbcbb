"""Words of the evidence register."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EvidenceKind(models.TextChoices):
    STATISTIC = "statistic", _("公的統計")
    SURVEY = "survey", _("調査・アンケート")
    TRIAL = "trial", _("実証・試行")
    CASE = "case", _("ほかの団体の事例")
    OPINION = "opinion", _("意見・聞き取り")
    REFERENCE = "reference", _("参考資料(主張なし)")


class Verification(models.TextChoices):
    UNVERIFIED = "unverified", _("未確認")
    VERIFIED = "verified", _("原典確認済")
    MISMATCH = "mismatch", _("不一致")
    MISSING = "missing", _("原典なし")

    @property
    def tone(self) -> str:
        tones = {"unverified": "warning", "verified": "positive", "mismatch": "danger", "missing": "danger"}
        return tones[str(self.value)]


class Use(models.TextChoices):
    """What a piece of evidence is evidence of, where it is used."""

    NEED = "need", _("必要性(困りごとの裏付け)")
    EFFECT = "effect", _("有効性(効き目の裏付け)")
    CONTEXT = "context", _("背景")
