"""What recomputing answers with, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from enishi.engines import progress
from enishi.evaluation.published.reading import DataSet


@dataclass(frozen=True)
class Item:
    """One row behind the number; ``counts`` tells whether it stands above the line."""

    key: str
    title: str
    state: str
    counts: bool
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """A recomputed number: the figure, what must be read beside it, and the list behind it."""

    figure: progress.Figure
    beside: tuple[progress.Figure, ...] = ()
    counts: Mapping[str, Mapping[str, int]] | None = None
    items: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()
    measure: str = ""
    year: int | None = None
    year_means: str = ""


def shown(figure: progress.Figure) -> str:
    """The number as people read it: never a bare percentage.

    >>> shown(progress.share(name="a", part=3, whole=5, formula=progress.LOGIC_MODEL_RATE))
    '60.0%(3/5)'
    """
    if isinstance(figure.value, progress.Missing):
        return f"算出できない({figure.value.reason})"
    if figure.unit:
        return progress.spoken(figure.value, figure.unit)
    return f"{figure.percent()}%({_part(figure.numerator)}/{_part(figure.denominator)})"


def _part(value: Fraction | progress.Missing) -> str:
    return "—" if isinstance(value, progress.Missing) else progress.spoken(value)


def as_plain(answer: Answer, data: DataSet) -> dict[str, Any]:
    """The answer as JSON can hold it; exact numbers stay fractions in text."""
    return {
        "measure": answer.measure,
        "year": answer.year,
        "year_means": answer.year_means,
        **_figure_as_plain(answer.figure),
        "beside": [_figure_as_plain(figure) for figure in answer.beside],
        "counts": answer.counts or {},
        "list": [vars(item) for item in answer.items],
        "left_out": [vars(item) for item in answer.left_out],
        "notes": list(answer.notes),
        "files": [vars(file) for file in data.files.values()],
        "data": {
            name: data.about[name] for name in ("municipality", "title", "frozen_at") if name in data.about
        },
    }


def _figure_as_plain(figure: progress.Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": _exact(figure.value),
        "shown": shown(figure),
        "numerator": _exact(figure.numerator),
        "denominator": _exact(figure.denominator),
        "unit": figure.unit or "率(1が100%)",
        "missing": figure.value.reason if isinstance(figure.value, progress.Missing) else "",
        "definition": figure.formula.text,
        "formula": {"code": figure.formula.code, "version": figure.formula.version},
        "explanation": figure.explanation,
    }


def _exact(value: Fraction | progress.Missing) -> str | None:
    return None if isinstance(value, progress.Missing) else str(value)
