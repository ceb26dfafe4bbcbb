from django.db import models
from django.utils.translation import gettext_lazy as _


class ProfileState(models.TextChoices):
    """How far a record has been read for matching."""

    READY = "ready", _("照合できる")
    LEXICAL = "lexical", _("言葉だけで照合できる(意味は計算待ち)")
    GONE = "gone", _("照合の対象ではない")


class Side(models.TextChoices):
    """The two ends of a match."""

    CHALLENGE = "challenge", _("課題の側")
    RESOURCE = "resource", _("資源の側")

    @property
    def other(self) -> "Side":
        return Side.RESOURCE if self is Side.CHALLENGE else Side.CHALLENGE


class ContactState(models.TextChoices):
    SUGGESTED = "suggested", _("候補")
    CONTACTED = "contacted", _("打診中")
    IN_DIALOGUE = "in_dialogue", _("対話中")
    PROPOSED = "proposed", _("提案あり")
    ADOPTED = "adopted", _("連携へ")
    DECLINED = "declined", _("見送り")
    DORMANT = "dormant", _("休止中")

    @property
    def is_over(self) -> bool:
        return self in {self.ADOPTED, self.DECLINED}

    @property
    def tone(self) -> str:
        return {
            self.ADOPTED: "positive",
            self.PROPOSED: "positive",
            self.CONTACTED: "info",
            self.IN_DIALOGUE: "info",
            self.DORMANT: "warning",
        }.get(self, "neutral")


class DeclineReason(models.TextChoices):
    CONTENT = "content", _("困りごとと、できることが合わない")
    WINDOW = "window", _("時期が合わない")
    BUDGET = "budget", _("予算と費用が合わない")
    REGION = "region", _("地域が合わない")
    CAPACITY = "capacity", _("いまは手が足りない")
    CONDITIONS = "conditions", _("条件が折り合わない")
    OTHER_PARTNER = "other_partner", _("ほかの相手と進めることにした")
    OTHER = "other", _("そのほか")


class Outcome(models.TextChoices):
    """What came of a contact in the end."""

    NONE = "none", _("続かなかった")
    TRIAL = "trial", _("実証・試行をした")
    IMPLEMENTED = "implemented", _("事業になった")

    @property
    def led_on(self) -> bool:
        return self is not Outcome.NONE


class NoteKind(models.TextChoices):
    INQUIRY = "inquiry", _("打診")
    NOTE = "note", _("メモ")
    STEP = "step", _("進み具合")


class WeightsOrigin(models.TextChoices):
    BUNDLED = "bundled", _("はじめの重み")
    LEARNT = "learnt", _("対話の結果から学んだ重み")


class JointState(models.TextChoices):
    INVITED = "invited", _("声をかけた")
    JOINED = "joined", _("加わる")
    DECLINED = "declined", _("加わらない")
