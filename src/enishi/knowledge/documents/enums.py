from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """What sort of writing a collection holds."""

    FAQ = "faq", _("よくある質問")
    MINUTES = "minutes", _("議事録")
    PLAN = "plan", _("計画")
    PROPOSAL = "proposal", _("提案・企画書")
    COUNCIL_ANSWER = "council", _("議会答弁")
    MANUAL = "manual", _("手引き・マニュアル")
    STATUTE = "statute", _("例規・法令")
    CASE = "case", _("事例")
    NOTICE = "notice", _("通知・案内")
    OTHER = "other", _("その他")

    @property
    def ages(self) -> bool:
        """Whether an older document of this kind is worth less than a newer one that says the same."""
        return self in {self.MINUTES, self.COUNCIL_ANSWER, self.NOTICE, self.PLAN, self.PROPOSAL}


class ReadingState(models.TextChoices):
    """How far the file of a document has been read."""

    WAITING = "waiting", _("読み取り待ち")
    READY = "ready", _("読み取り済み")
    FAILED = "failed", _("読み取れない")
