from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalKind(models.TextChoices):
    CONSULTATION = "consultation", _("アイデアの相談")
    PROPOSAL = "proposal", _("提案")
    TRIAL = "trial", _("実証の申し出")
    SOUNDING = "sounding", _("サウンディングへの回答")
    DONATION = "donation", _("寄附・企業版ふるさと納税")
    DISASTER = "disaster", _("災害時の応援")

    @property
    def needs_review(self) -> bool:
        """Whether something is chosen among others: then a review comes before the decision."""
        return self in {ProposalKind.PROPOSAL, ProposalKind.TRIAL}


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

    @property
    def is_decided(self) -> bool:
        return self in DECIDED_STATUSES

    @property
    def tone(self) -> str:
        """The look of the badge."""
        return _TONES.get(self, "neutral")


OPEN_STATUSES = (
    ProposalStatus.RECEIVED,
    ProposalStatus.CHECKING,
    ProposalStatus.CONSULTING,
    ProposalStatus.IN_DIALOGUE,
    ProposalStatus.REVIEWING,
)

DECIDED_STATUSES = (ProposalStatus.ADOPTED, ProposalStatus.TRIAL, ProposalStatus.DECLINED)

ENDED_STATUSES = (ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN)

_TONES = {
    ProposalStatus.RECEIVED: "warning",
    ProposalStatus.CHECKING: "info",
    ProposalStatus.CONSULTING: "info",
    ProposalStatus.IN_DIALOGUE: "info",
    ProposalStatus.REVIEWING: "info",
    ProposalStatus.ADOPTED: "positive",
    ProposalStatus.TRIAL: "positive",
}


class CallerWay(models.TextChoices):
    """How somebody reached the officer who wrote the proposal down."""

    PHONE = "phone", _("電話")
    COUNTER = "counter", _("窓口")
    VISIT = "visit", _("訪問先")
    MAIL = "mail", _("メール・手紙")


class LinkPurpose(models.TextChoices):
    """What a secret link opens."""

    DRAFT = "draft", _("書きかけの提案")
    STATUS = "status", _("提案の状況")
    ANSWER = "answer", _("照会への回答")


class ConsultationAnswer(models.TextChoices):
    INTERESTED = "interested", _("関心あり")
    CONDITIONAL = "conditional", _("条件付き")
    NOT_OURS = "not_ours", _("対象外")

    @property
    def tone(self) -> str:
        return {"interested": "positive", "conditional": "info"}.get(self.value, "neutral")


class SuggestionKind(models.TextChoices):
    SECTION = "section", _("照会する課")
    CHALLENGE = "challenge", _("応える課題")
    SIMILAR = "similar", _("似た事例")
    DUPLICATE = "duplicate", _("重複")
    MISSING = "missing", _("足りないこと")


class SuggestionAnswer(models.TextChoices):
    """What the officer did with a suggestion."""

    WAITING = "waiting", _("未判断")
    ACCEPTED = "accepted", _("採用")
    REJECTED = "rejected", _("見送り")


class MailState(models.TextChoices):
    WAITING = "waiting", _("送信待ち")
    SENT = "sent", _("送信済み")
    FAILED = "failed", _("送れない")


class Speaker(models.TextChoices):
    """Which side wrote a message."""

    DESK = "desk", _("窓口")
    PROPOSER = "proposer", _("提案者")


class Sealed(models.TextChoices):
    """What kind of confidential thing was opened."""

    PART = "part", _("非公開の部分")
    FILE = "file", _("非公開の添付")
    CONTACT = "contact", _("連絡先")
