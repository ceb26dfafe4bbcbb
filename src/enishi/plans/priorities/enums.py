"""Words of scoring, and the five usual criteria."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundState(models.TextChoices):
    DRAFT = "draft", _("準備中")
    OPEN = "open", _("採点中")
    CLOSED = "closed", _("締め切り")


LOWEST, HIGHEST = 1, 5

USUAL_CRITERIA = (
    (
        _("即効性・波及効果"),
        _("効果が早く現れ、ほかの課題にも良い影響が及ぶか。"),
    ),
    (
        _("実現可能性"),
        _("いまの制度・財政・人員で、無理なく始められるか。"),
    ),
    (
        _("費用対効果"),
        _("はじめの費用だけでなく、続ける費用や減らせる費用まで含めて見合うか。"),
    ),
    (
        _("公平性・持続可能性"),
        _("一部の人だけでなく広く行き渡り、一度きりで終わらないか。"),
    ),
    (
        _("客観的根拠"),
        _("効き目がデータや先行する例で裏付けられているか。"),
    ),
)
"""名称と説明。重みは最初は等しい。"""
