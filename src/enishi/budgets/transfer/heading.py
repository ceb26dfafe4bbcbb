"""What stands above a table and in its headings, before a single line is read: unit, year, joined cells."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from enishi.budgets.transfer.cells import years_named
from enishi.budgets.transfer.columns import plain_heading, unit_in, word_of
from enishi.budgets.transfer.model import Ask
from enishi.budgets.transfer.tables import Lines
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import shortened
from enishi.foundation.joined_cells import Join
from enishi.foundation.previews import Fault

_UNIT_WORDS = {1: "円", 1_000: "千円", 1_000_000: "百万円"}


def faults_of_table(lines: Lines, ask: Ask, money: Sequence[int]) -> list[Fault]:
    """``money`` says in which places amounts stand."""
    return [
        *_unit_faults(lines, ask, money),
        *_year_faults(lines, ask, money),
        *(_joined_amount(lines, join) for join in _joins(lines) if _joins_amounts(join, money)),
    ]


def remarks_on_table(lines: Lines) -> list[str]:
    if not _joins(lines):
        return []
    return [_("結合されたセルの科目は、下の行にも同じ科目があるものとして読みました。")]


def place_of(heading: str, headings: Sequence[str], fiscal_year: int) -> int | None:
    """Where a profile's heading stands. 「令和8年度当初予算額」 is 「令和9年度当初予算額」 a year later."""
    alike = [place for place, each in enumerate(headings) if each and word_of(each) == word_of(heading)]
    if years_named(heading):
        of_year = [place for place in alike if fiscal_year in years_named(headings[place])]
        if of_year:
            return of_year[0]
    same = [
        place for place, each in enumerate(headings) if each and plain_heading(each) == plain_heading(heading)
    ]
    return same[-1] if same else None


def _unit_faults(lines: Lines, ask: Ask, money: Sequence[int]) -> Iterator[Fault]:
    for text in (*lines.above, *(lines.headings[place] for place in money)):
        unit = unit_in(text)
        if unit is not None and unit != ask.unit:
            why = _("ファイルは%(file)s、読み取りの設定は%(profile)sです。設定の単位をそろえてください。")
            words = {"file": _UNIT_WORDS[unit], "profile": _UNIT_WORDS[ask.unit]}
            yield Fault(lines.heading_row, _("単位"), shortened(text), why % words)
            return


def _year_faults(lines: Lines, ask: Ask, money: Sequence[int]) -> Iterator[Fault]:
    years = set().union(*(years_named(text) for text in lines.above)) if lines.above else set()
    if years and ask.fiscal_year not in years:
        why = _("%(said)sのファイルのようです。取り込み先は%(year)sです。年度を選び直してください。")
        said = "・".join(str(FiscalYear(year)) for year in sorted(years))
        words = {"said": said, "year": FiscalYear(ask.fiscal_year)}
        yield Fault(1, _("年度"), shortened(" ".join(lines.above)), why % words)
    for heading in (lines.headings[place] for place in money):
        years = years_named(heading)
        if years and ask.fiscal_year not in years:
            why = _(
                "%(said)sの列です。取り込み先は%(year)sです。年度か、読み取りの設定の列を選び直してください。"
            )
            words = {"said": FiscalYear(min(years)), "year": FiscalYear(ask.fiscal_year)}
            yield Fault(lines.heading_row, _("年度"), shortened(heading), why % words)


def _joins(lines: Lines) -> list[Join]:
    return [join for join in lines.joins if join.first_row > lines.heading_row]


def _joins_amounts(join: Join, money: Sequence[int]) -> bool:
    """Joined codes repeat themselves and a joined note is a note; a joined amount is of nobody knows which line."""
    several = join.last_row > join.first_row or sum(map(join.covers, money)) > 1
    return several and join.first_column in money


def _joined_amount(lines: Lines, join: Join) -> Fault:
    why = _("金額のセル %(cells)s が結合されています。結合を解いて、行ごとに金額を書いてください。")
    return Fault(join.first_row, lines.headings[join.first_column], join.cells, why % {"cells": join.cells})
