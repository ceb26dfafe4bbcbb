from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordKind(models.TextChoices):
    """The two kinds of record an organisation brings to the exchange."""

    CHALLENGE = "challenge", _("課題")
    RESOURCE = "resource", _("地域資源")


class Sufferer(models.TextChoices):
    """Who suffers from a challenge."""

    RESIDENTS = "residents", _("住民")
    COMMUNITY = "community", _("地域社会")
    ADMINISTRATION = "administration", _("行政")


class ResourceKind(models.TextChoices):
    PEOPLE = "people", _("人材")
    TECHNOLOGY = "technology", _("技術")
    FACILITY = "facility", _("施設")
    SPACE = "space", _("空間")
    FUNDS = "funds", _("資金")
    GOODS = "goods", _("物品・特産品")
    DATA = "data", _("データ")
    KNOWHOW = "knowhow", _("ノウハウ")
    BRAND = "brand", _("ブランド")


class ChallengeStatus(models.TextChoices):
    DRAFT = "draft", _("下書き")
    OPEN = "open", _("公開")
    IN_DIALOGUE = "in_dialogue", _("対話中")
    IN_PARTNERSHIP = "in_partnership", _("連携中")
    SOLVED = "solved", _("解決")
    CLOSED = "closed", _("終了")

    @property
    def seeks_partners(self) -> bool:
        return self in {self.OPEN, self.IN_DIALOGUE}


class ResourceStatus(models.TextChoices):
    DRAFT = "draft", _("下書き")
    OPEN = "open", _("公開")
    CLOSED = "closed", _("終了")


class CostTerms(models.TextChoices):
    FREE = "free", _("無償")
    ACTUAL_COST = "actual_cost", _("実費")
    PAID = "paid", _("有償")
    NEGOTIABLE = "negotiable", _("相談")
