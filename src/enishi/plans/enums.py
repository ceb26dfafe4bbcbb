from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanKind(models.TextChoices):
    VISION = "vision", _("基本構想")
    BASIC = "basic", _("基本計画")
    IMPLEMENTATION = "implementation", _("実施計画")
    INDIVIDUAL = "individual", _("個別計画")
    STRATEGY = "strategy", _("総合戦略")


class Obligation(models.TextChoices):
    """How strongly a law asks for a plan."""

    DUTY = "duty", _("義務")
    EFFORT = "effort", _("努力義務")
    OPTIONAL = "optional", _("任意")


class Approval(models.TextChoices):
    """Who decides about a plan."""

    COUNCIL = "council", _("議決")
    DECISION = "decision", _("決定")
    NONE = "none", _("定めなし")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("下書き")
    APPROVED = "approved", _("承認済み")
    DISCARDED = "discarded", _("取りやめ")


class LinkKind(models.TextChoices):
    """What a branch of a plan has to do with a branch of another plan, or of an older one."""

    IMPLEMENTS = "implements", _("具体化する")
    CONTRIBUTES = "contributes", _("貢献する")
    SHARES_INDICATOR = "shares_indicator", _("指標を共有する")
    SUPERSEDES = "supersedes", _("置き換える")
    MERGED_INTO = "merged_into", _("統合された")


class ChangeKind(models.TextChoices):
    """A change to a draft that can be taken back."""

    IMPORT = "import", _("取り込み")
    REMOVE = "remove", _("枝の削除")


class SourceStatus(models.TextChoices):
    """How sure we are of what a reference list says."""

    CONFIRMED = "confirmed", _("確かめ済み")
    DERIVED = "derived", _("ほかの記述から導いたもの")
    UNVERIFIED = "unverified", _("原典で未確認")
    MEMORY = "memory", _("記憶によるもの(原典で未確認)")
