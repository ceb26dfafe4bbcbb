from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """The levels of a budget code below the account, from the widest to the narrowest."""

    KAN = 1, _("款")
    KO = 2, _("項")
    MOKU = 3, _("目")
    JIGYO = 4, _("細目・事業")
    SAIJIGYO = 5, _("細事業")
    SETSU = 6, _("節")
    SAISETSU = 7, _("細節")

    @property
    def is_voted(self) -> bool:
        """款項目: where the budget binds the spending, whatever else is recorded below."""
        return self <= Level.MOKU


class AccountKind(models.TextChoices):
    GENERAL = "general", _("一般会計")
    SPECIAL = "special", _("特別会計")
    ENTERPRISE = "enterprise", _("公営企業会計")


class Stage(models.TextChoices):
    """What an amount is: a wish, a vote, or money spent."""

    REQUEST = "request", _("要求")
    ASSESSMENT = "assessment", _("査定")
    INITIAL = "initial", _("当初")
    SUPPLEMENT = "supplement", _("補正")
    CARRIED = "carried", _("繰越")
    TRANSFER = "transfer", _("流用")
    RESERVE = "reserve", _("予備費充用")
    COMMITMENT = "commitment", _("支出負担行為")
    SPENDING = "spending", _("支出")
    SETTLEMENT = "settlement", _("決算")

    @property
    def column(self) -> str:
        """The column of this stage in a table of totals."""
        return f"{self.value}_yen"

    @property
    def is_before_vote(self) -> bool:
        return self in {Stage.REQUEST, Stage.ASSESSMENT}

    @property
    def is_part_of_current(self) -> bool:
        """予算現額 is the sum of these (B1)."""
        return self in CURRENT_PARTS

    @property
    def is_execution(self) -> bool:
        return self in {Stage.COMMITMENT, Stage.SPENDING, Stage.SETTLEMENT}

    @property
    def is_zero_sum(self) -> bool:
        """Moves money within an account: what one code gets, another gives."""
        return self in {Stage.TRANSFER, Stage.RESERVE}

    @property
    def has_rounds(self) -> bool:
        """査定1、査定2 …; 補正第1号、第2号 …"""
        return self in {Stage.ASSESSMENT, Stage.SUPPLEMENT}

    @property
    def may_open_codes(self) -> bool:
        """A budget may bring new codes; spending happens on codes that the budget has."""
        return not self.is_execution and not self.is_zero_sum

    @classmethod
    def in_order(cls) -> list[Self]:
        return list(cls)


CURRENT_PARTS = (Stage.INITIAL, Stage.SUPPLEMENT, Stage.CARRIED, Stage.TRANSFER, Stage.RESERVE)
AFTER_VOTE = tuple(stage for stage in Stage if not stage.is_before_vote)


class FundKind(models.TextChoices):
    NATIONAL = "national", _("国庫支出金")
    PREFECTURAL = "prefectural", _("都道府県支出金")
    BOND = "bond", _("地方債")
    OTHER = "other", _("その他特定財源")
    GENERAL = "general", _("一般財源")


class LegalKind(models.TextChoices):
    OWN = "own", _("自治事務")
    DELEGATED = "delegated", _("法定受託事務")
    INTERNAL = "internal", _("内部管理")


class Delivery(models.TextChoices):
    """How a programme is carried out."""

    DIRECT = "direct", _("直営")
    CONTRACT = "contract", _("委託")
    SUBSIDY = "subsidy", _("補助")
    MANAGER = "manager", _("指定管理")
    MIXED = "mixed", _("直営と委託")


class Origin(models.TextChoices):
    STAFF = "staff", _("職員の発案")
    RESIDENT = "resident", _("住民の提案")
    PRIVATE = "private", _("民間の提案")
    COUNCIL = "council", _("議会の提言")
    LAW = "law", _("法令・国県の制度")


class YearStatus(models.TextChoices):
    PLANNED = "planned", _("計画")
    RUNNING = "running", _("実施")
    SUSPENDED = "suspended", _("休止")
    ENDED = "ended", _("終了")


class AllocationMethod(models.TextChoices):
    DIRECT = "direct", _("直接")
    SHARED = "shared", _("按分")
    STAFF = "staff", _("人件費配賦")


class MoneyUnit(models.IntegerChoices):
    YEN = 1, _("円")
    THOUSAND = 1_000, _("千円")
    MILLION = 1_000_000, _("百万円")


class RunSource(models.TextChoices):
    FILE = "file", _("ファイル")
    TYPED = "typed", _("画面で入力")


class RunMode(models.TextChoices):
    FIRST = "first", _("はじめて取り込む")
    ADD = "add", _("続きを足す(別の月・別の会計など)")
    CORRECT = "correct", _("前のファイルを訂正する(差額だけを足す)")


class RunState(models.TextChoices):
    CHECKING = "checking", _("調べています")
    REFUSED = "refused", _("直すところがあります")
    READY = "ready", _("取り込めます")
    SAVING = "saving", _("取り込んでいます")
    APPLIED = "applied", _("取り込みました")
    CORRECTED = "corrected", _("訂正されました")
    TAKEN_BACK = "taken_back", _("取り消しました")
    FAILED = "failed", _("取り込めませんでした")
    EMPTY = "empty", _("金額がありません")
