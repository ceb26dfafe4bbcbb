"""Words of the room. Values of ``Direction``, ``Aggregation`` and ``Certainty`` are those of the engine."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IndicatorRole(models.TextChoices):
    KGI = "KGI", _("KGI(最終の目標)")
    KSI = "KSI", _("KSI(中間の目標)")
    KPI = "KPI", _("KPI(実績の指標)")


class IndicatorStage(models.TextChoices):
    OUTPUT = "output", _("活動量(アウトプット)")
    INITIAL = "initial", _("初期成果")
    INTERMEDIATE = "intermediate", _("中間成果")
    FINAL = "final", _("最終成果")

    @property
    def is_outcome(self) -> bool:
        return self is not IndicatorStage.OUTPUT


class ValueType(models.TextChoices):
    COUNT = "count", _("数量")
    RATIO = "ratio", _("割合")
    INDEX = "index", _("指数・平均")
    MONEY = "money", _("金額")
    BINARY = "binary", _("済・未")


class Direction(models.TextChoices):
    UP = "UP", _("増やす")
    DOWN = "DOWN", _("減らす")
    KEEP = "KEEP", _("保つ")
    RANGE = "RANGE", _("範囲におさめる")
    BINARY = "BINARY", _("実施する")


class Aggregation(models.TextChoices):
    SUM = "sum", _("年度の合計")
    LAST = "last", _("年度の最後の値")
    MEAN = "mean", _("年度の平均")
    WEIGHTED = "weighted", _("年度の加重平均")
    NONE = "none", _("まとめない(年に1つ)")


class Frequency(models.TextChoices):
    MONTHLY = "monthly", _("毎月")
    QUARTERLY = "quarterly", _("四半期ごと")
    HALF_YEARLY = "half", _("半年ごと")
    YEARLY = "yearly", _("毎年度")
    BIENNIAL = "biennial", _("2年に1回")
    IRREGULAR = "irregular", _("不定期")

    @property
    def months(self) -> int:
        """Months between two values; 0 where no day can be foreseen."""
        steps = {"monthly": 1, "quarterly": 3, "half": 6, "yearly": 12, "biennial": 24}
        return steps.get(str(self.value), 0)


class TargetSource(models.TextChoices):
    NATIONAL = "national", _("国・県の基準")
    TREND = "trend", _("これまでの推移")
    PEERS = "peers", _("他団体との比較")
    MONEY = "money", _("財源・体制")
    LAW = "law", _("法令・計画")
    OTHER = "other", _("その他")


class ChangeBasis(models.TextChoices):
    """What a target written as a change starts from."""

    BASELINE = "baseline", _("基準値")
    PREVIOUS = "previous", _("前の年度")


class ChangeWay(models.TextChoices):
    UP = "up", _("増やす")
    DOWN = "down", _("減らす")


class ChangeMeasure(models.TextChoices):
    PERCENT = "percent", _("割合(%)")
    POINTS = "points", _("ポイント")
    AMOUNT = "amount", _("指標の単位で")
    TIMES = "times", _("倍にする")


class Certainty(models.TextChoices):
    PROVISIONAL = "provisional", _("速報")
    CONFIRMED = "confirmed", _("確定")
    REVISED = "revised", _("改訂")


class ValueState(models.TextChoices):
    DRAFT = "draft", _("下書き")
    SUBMITTED = "submitted", _("承認待ち")
    RETURNED = "returned", _("差し戻し")
    APPROVED = "approved", _("承認済み")
    SUPERSEDED = "superseded", _("置き換え済み")


PENDING_STATES = (ValueState.DRAFT, ValueState.SUBMITTED, ValueState.RETURNED)


class AcquisitionMethod(models.TextChoices):
    API_ESTAT = "api_estat", _("e-Stat")
    API_OTHER = "api_other", _("ほかのAPI")
    SQL = "sql", _("業務システムの抽出")
    FILE = "file", _("ファイルの取り込み")
    OPEN_DATASET = "open_dataset", _("オープンデータ")
    BUDGET = "budget", _("予算・決算")
    SURVEY = "survey", _("アンケート調査")
    MANUAL = "manual", _("手入力")
    METRIC = "metric", _("この仕組みの記録から算定")
    FORMULA = "formula", _("データ項目からの計算")


class RunState(models.TextChoices):
    CHECKED = "checked", _("確認中")
    SAVED = "saved", _("保存済み")
    UNDONE = "undone", _("取り消し済み")


class RunKind(models.TextChoices):
    VALUES = "values", _("値")
    INDICATORS = "indicators", _("指標")
    TABLE = "table", _("統計表")
    ENTRY = "entry", _("画面からの入力")
    COMPUTED = "computed", _("算定")


class StandingStatus(models.TextChoices):
    """The engine's statuses under codes that addresses can carry."""

    ACHIEVED = "achieved", _("達成")
    ON_TRACK = "on_track", _("順調")
    SLIGHTLY_LATE = "slightly_late", _("やや遅れ")
    LATE = "late", _("遅れ")
    REGRESSED = "regressed", _("後退")
    UNDECIDABLE = "undecidable", _("判定不能")


class SimpleRate(models.TextChoices):
    """Variants of 単純達成率 for indicators to be lowered."""

    TARGET_BY_VALUE = "t/v", _("目標値 ÷ 実績値")
    TWO_MINUS = "2-v/t", _("2 − 実績値 ÷ 目標値")
