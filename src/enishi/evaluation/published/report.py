"""A recomputed number as lines of text."""

from collections.abc import Iterator, Sequence

from enishi.engines import progress
from enishi.evaluation.published.answers import Answer, Item, shown
from enishi.evaluation.published.reading import DataSet
from enishi.foundation.fiscal_year import FiscalYear


def lines(answer: Answer, data: DataSet) -> Iterator[str]:
    """The number, its definition, what must be read beside it, and the list."""
    when = f"({answer.year_means} {FiscalYear(answer.year)})" if answer.year else ""
    yield f"{answer.measure}{when}: {shown(answer.figure)}"
    yield f"  定義: {answer.figure.formula}"
    yield from _beside(answer.beside)
    for title, counts in (answer.counts or {}).items():
        told = "、".join(f"{name} {count}件" for name, count in counts.items())
        yield f"{title}: {told or 'なし'}"
    yield from _list("数えたもの", answer.items)
    yield from _list("数えなかったもの", answer.left_out)
    yield from (f"注意: {note}" for note in answer.notes)
    yield from _files(data)


def _beside(figures: Sequence[progress.Figure]) -> Iterator[str]:
    if figures:
        yield "あわせて読む数字"
    for figure in figures:
        yield f"  {figure.name}: {shown(figure)}"
        yield f"    定義: {figure.formula}"


def _list(title: str, items: Sequence[Item]) -> Iterator[str]:
    if not items:
        return
    yield (
        f"{title}({len(items)}件。○は分子にも入る)"
        if any(i.counts for i in items)
        else f"{title}({len(items)}件)"
    )
    for item in items:
        rest = " ".join(
            part for part in (item.state, item.title, f"— {item.why}" if item.why else "") if part
        )
        yield f"  {'○' if item.counts else '・'} {item.key} {rest}"


def _files(data: DataSet) -> Iterator[str]:
    yield "読んだファイル"
    verdicts = {True: "公開されたまま", False: "公開されたものと中身が違う", None: "公開時の記録がない"}
    for file in data.files.values():
        yield f"  {file.name} {file.rows}行 sha256 {file.sha256}({verdicts[file.as_published]})"
