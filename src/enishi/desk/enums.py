from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalKind(models.TextChoices):
    CONSULTATION = "consultation", _("アイデアの相談")
    PROPOSAL = "proposal", _("提案")
    TRIAL = "trial", _("実証の申し出")
    SOUNDING = "sounding", _("サウンディングへの回答")
    DONATION = "donation", _("寄附・企業版ふるさと納税")
    DISASTER = "disaster", _("災害時の応援")


class Origin(models.TextChoices):
    """How a proposal came to the desk."""

    FREE = "free", _("自由提案")
    CALL = "call", _("課題提示への応募")
    MATCH = "match", _("縁から")
    ON_BEHALF = "on_behalf", _("電話・窓口で受けたもの")


class ProposalStatus(models.TextChoices):
    DRAFT = "draft", _("下書き")
    RECEIVED = "received", _("受付")
    CHECKING = "checking", _("確認")
    CONSULTING = "consulting", _("庁内照会")
    IN_DIALOGUE = "in_dialogue", _("対話")
    REVIEWING = "reviewing", _("審査")
    ADOPTED = "adopted", _("採択")
    TRIAL = "trial", _("実証")
    DECLINED = "declined", _("不採択")
    WITHDRAWN = "withdrawn", _("取下げ")

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATUSES


OPEN_STATUSES = (
    ProposalStatus.RECEIVED,
    ProposalStatus.CHECKING,
    ProposalStatus.CONSULTING,
    ProposalStatus.IN_DIALOGUE,
    ProposalStatus.REVIEWING,
)
