from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewStatus(models.TextChoices):
    PREPARING = "preparing", _("準備中")
    SCORING = "scoring", _("採点中")
    DISCUSSING = "discussing", _("協議中")
    CLOSED = "closed", _("審査終了")


class Interest(models.TextChoices):
    """What ties a reviewer to a proposer."""

    SHARES = "shares", _("株式・出資がある")
    PAST_POST = "past_post", _("役員・職員である、または過去にそうだった")
    DONATION = "donation", _("寄附・報酬・研究費を受けた")
    FAMILY = "family", _("親族が関わっている")
    OTHER = "other", _("その他の利害関係がある")


class TieRule(models.TextChoices):
    FIRST_CRITERION = "first_criterion", _("重みが一番大きい観点の点が高い方を上にする")
    COST = "cost", _("自治体の負担が小さい方を上にする")
    CHAIR = "chair", _("同じ順位とし、委員長が理由を記して決める")
