"""Words of reflection. The values of ``ReflectionStatus`` are those of the engine; the labels are read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReflectionStatus(models.TextChoices):
    FULL = "反映", _("反映")
    PARTIAL = "一部反映", _("一部反映")
    NONE = "未反映", _("未反映")
    LATER = "次年度以降", _("次年度以降")
    NOT_APPLICABLE = "対象外", _("対象外")

    @property
    def tone(self) -> str:
        tones = {"反映": "positive", "一部反映": "info", "未反映": "warning"}
        return tones.get(str(self.value), "neutral")


class ReflectionStage(models.TextChoices):
    """The stages of the budget at which a decision may show; the values are those of ``budgets.enums.Stage``."""

    REQUEST = "request", _("要求")
    ASSESSMENT = "assessment", _("査定")
    INITIAL = "initial", _("当初")
    SUPPLEMENT = "supplement", _("補正")


class Side(models.TextChoices):
    BEFORE = "before", _("前")
    AFTER = "after", _("後")


NEED_REASON = (ReflectionStatus.NONE, ReflectionStatus.LATER, ReflectionStatus.NOT_APPLICABLE)
"""R3, and what is close to it: whoever says that the budget did not follow says why."""
