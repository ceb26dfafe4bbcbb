"""Tables that rooms above contribute to a published data set, such as the desk's proposals."""

from collections.abc import Callable, Iterable, Mapping

Rows = Iterable[Mapping[str, object]]
Source = Callable[[int, int], Rows]
"""Number of the organisation and budget year → rows by the column keys of ``tables``."""

_sources: dict[str, Source] = {}


def register(table: str, source: Source) -> None:
    """Offer the rows of a table. To be called in ``apps.ready``."""
    _sources[table] = source


def contributed(table: str, house: int, fiscal_year: int) -> Rows:
    source = _sources.get(table)
    return source(house, fiscal_year) if source else ()
