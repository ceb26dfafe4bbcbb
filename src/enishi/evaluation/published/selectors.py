"""A published set as its page shows it: the numbers recomputed from the very files that are downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from enishi.evaluation.published.answers import Answer
from enishi.evaluation.published.measures import MEASURES, recompute
from enishi.evaluation.published.models import PublishedDataSet, PublishedFile
from enishi.evaluation.published.reading import DataSet, PublishedDataError, opened
from enishi.evaluation.published.tables import MANIFEST

HEADLINE = "反映率"
BESIDE = (
    "見直し率",
    "スクラップ率",
    "決定フォロー完了率",
    "ロジックモデル導入割合",
    "ロジックモデル導入割合(施策)",
    "統合計画率",
    "施設更新費充足率",
    "目標達成指標割合",
    "欠測率",
    "提案成約率",
    "提案から事業化までの期間",
)


@dataclass(frozen=True)
class Told:
    """The headline of a set and the other numbers its files give."""

    headline: Answer
    others: tuple[Answer, ...]


def data_of(row: PublishedDataSet) -> DataSet:
    """The set's own files, opened as a citizen opens them."""
    stored = dict(row.files.values_list("name", "content"))
    return opened(row.title, lambda name: bytes(stored[name]) if name in stored else None)


def told(row: PublishedDataSet) -> Told:
    """Computed once for each set: its files never change."""
    digest = PublishedFile.objects.get(data_set=row, name=MANIFEST).sha256
    return _told(row.pk, digest)


@lru_cache(maxsize=32)
def _told(pk: int, digest: str) -> Told:
    row = PublishedDataSet.objects.get(pk=pk)
    data = data_of(row)
    others = (_answer(name, data, row) for name in BESIDE)
    return Told(recompute(HEADLINE, data, year=row.fiscal_year), tuple(each for each in others if each))


def _answer(name: str, data: DataSet, row: PublishedDataSet) -> Answer | None:
    """The number of the newest year the files hold; nothing where they hold none."""
    measure = next(each for each in MEASURES if each.name == name)
    try:
        lines = data.rows_if_any(measure.table) or ()
        if not lines:
            return None
        years = [year for line in lines if (year := measure.year_in(line)) is not None]
        return recompute(name, data, year=max(years, default=row.fiscal_year))
    except PublishedDataError:
        return None


def files_of(row: PublishedDataSet) -> list[Mapping[str, object]]:
    found = row.files.order_by("pk").values("name", "size", "rows", "sha256")
    return [dict(each) for each in found]
