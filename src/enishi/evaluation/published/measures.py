"""The numbers that anybody can recompute from published data, by name."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from enishi.engines import progress
from enishi.engines.core import InvalidInputError
from enishi.evaluation.published import calculations as decided
from enishi.evaluation.published import calculations_counts as counted
from enishi.evaluation.published.answers import Answer
from enishi.evaluation.published.reading import DataSet, Line, PublishedDataError
from enishi.evaluation.published.tables import (
    DECISIONS,
    EVALUATIONS,
    INDICATORS,
    LOGIC_MODELS,
    PROPOSALS,
    RENEWALS,
    STATUTORY_PLANS,
    Table,
)
from enishi.foundation.fiscal_year import FiscalYear


@dataclass(frozen=True)
class Measure:
    """A number that can be recomputed. ``year_of`` is the column of ``table`` that ``--year`` names."""

    name: str
    also: tuple[str, ...]
    table: Table
    year_of: str
    year_means: str
    compute: Callable[[DataSet, int | None], Answer]

    def year_in(self, line: Line) -> int | None:
        """The year that a row of ``table`` belongs to."""
        return _year_of(line, self.year_of) if self.year_of else None


def measure_named(name: str) -> Measure:
    """The measure people mean; full width, brackets and 割合・率 at the end do not matter."""
    wanted = _plain(name)
    for each in MEASURES:
        if wanted in {_plain(known) for known in (each.name, *each.also)}:
            return each
    known = "、".join(each.name for each in MEASURES)
    raise PublishedDataError(f"「{name}」という数字はありません。計算しなおせるのは {known} です。")


def recompute(name: str, data: DataSet, *, year: int | None = None) -> Answer:
    """The number of that name from these data.

    Raises ``PublishedDataError`` with a sentence where a file is missing or broken, or holds nothing of that year.
    """
    measure = measure_named(name)
    year = _year(measure, data, year) if measure.year_of else None
    try:
        answer = measure.compute(data, year)
    except InvalidInputError as error:
        raise PublishedDataError(
            f"データの中身がそろいません({error.field}: {error})。公開ページからもう一度手に入れてください。"
        ) from error
    return replace(answer, measure=measure.name, year=year, year_means=measure.year_means)


def _year(measure: Measure, data: DataSet, asked: int | None) -> int:
    """The asked year, or the only one there is. A year without a single row is refused, for 0/0 would look like an answer."""
    known = sorted({year for line in data.rows(measure.table) if (year := measure.year_in(line))})
    said = "、".join(_year_in_words(each) for each in known)
    if asked is None and len(known) == 1:
        return known[0]
    if asked is None:
        raise PublishedDataError(
            f"{measure.name}はどの{measure.year_means}のものですか。--year に書いてください(このデータにあるのは {said or 'なし'})。"
        )
    if asked not in known:
        raise PublishedDataError(
            f"{measure.name}: {measure.year_means}が{_year_in_words(asked)}のデータはありません"
            f"(このデータにあるのは {said or 'なし'})。"
        )
    return asked


def _year_of(line: Line, column: str) -> int | None:
    value = line[column]
    if isinstance(value, dt.date):
        return progress.fiscal_year_of(value)
    return value if isinstance(value, int) else None


def _year_in_words(year: int) -> str:
    return str(FiscalYear(year))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "").casefold()


def _asking(compute: Callable[..., Answer], headline: str) -> Callable[[DataSet, int | None], Answer]:
    def ask(data: DataSet, year: int | None) -> Answer:
        return compute(data, year, headline)

    return ask


def _of_decisions(name: str, also: Iterable[str], headline: str) -> Measure:
    return Measure(
        name, tuple(also), DECISIONS, "target_year", "対象年度", _asking(decided.reflection, headline)
    )


def _of_reviews(name: str, also: Iterable[str], headline: str) -> Measure:
    return Measure(
        name, tuple(also), EVALUATIONS, "evaluated_year", "評価年度", _asking(decided.review, headline)
    )


def _of_indicators(name: str, also: Iterable[str], headline: str) -> Measure:
    return Measure(name, tuple(also), INDICATORS, "year", "実績の年度", _asking(counted.indicators, headline))


MEASURES: tuple[Measure, ...] = (
    _of_decisions(
        "反映率", ("予算反映率", "行政評価結果の反映率", "予算編成における行政評価結果の反映率"), "strict"
    ),
    _of_decisions("反映率(一部反映を含む)", ("予算反映率(一部反映を含む)",), "loose"),
    _of_decisions("反映率(金額)", ("予算反映率(金額)", "反映率(金額加重)", "金額加重"), "yen"),
    _of_reviews("見直し率", ("事業見直し率",), "reviewed"),
    _of_reviews("スクラップ率", (), "scrapped"),
    _of_reviews("拡充の割合", ("拡充", "拡充率"), "expanded"),
    _of_reviews("終了の割合", ("終了", "終了率"), "ended"),
    Measure("決定フォロー完了率", (), DECISIONS, "evaluated_year", "評価年度", decided.followed),
    Measure(
        "ロジックモデル導入割合",
        ("ロジックモデル導入率", "ロジックモデル導入割合(事務事業)"),
        LOGIC_MODELS,
        "",
        "",
        _asking(counted.logic_models, "事務事業"),
    ),
    Measure("ロジックモデル導入割合(施策)", (), LOGIC_MODELS, "", "", _asking(counted.logic_models, "施策")),
    _of_indicators("目標達成指標割合", ("目標達成率",), "reached"),
    _of_indicators("目標達成指標割合(判定できた指標のうち)", (), "judged"),
    _of_indicators("欠測率", (), "unknown"),
    _of_indicators("出所付与率", (), "sourced"),
    _of_indicators("期限内更新率", (), "in_time"),
    Measure("統合計画率", (), STATUTORY_PLANS, "", "", counted.integrated),
    Measure("施設更新費充足率", ("更新費充足率",), RENEWALS, "year", "年度", counted.funded),
    Measure("提案成約率", (), PROPOSALS, "received_on", "受付の年度", _asking(counted.closing, "cohort")),
    Measure(
        "提案成約率(期間)", (), PROPOSALS, "decided_on", "決定の年度", _asking(counted.closing, "period")
    ),
    Measure(
        "提案から事業化までの期間",
        ("提案から事業化までの平均期間", "事業化までの期間"),
        PROPOSALS,
        "received_on",
        "受付の年度",
        counted.durations,
    ),
)
