"""What stands above a table and in its headings, before a single line is read: unit, year, joined cells."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from enishi.budgets.transfer.cells import years_named
from enishi.budgets.transfer.columns import COLUMNS, FUNDS, plain_heading, unit_in, word_of
from enishi.budgets.transfer.model import Ask, Reading
from enishi.budgets.transfer.tables import Lines
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import shortened
from enishi.foundation.previews import Fault

_UNIT_WORDS = {1: "円", 1_000: "千円", 1_000_000: "百万円"}
_MONEY = ("amount", *FUNDS)


def check_table(lines: Lines, ask: Ask, at: Mapping[str, int], reading: Reading) -> None:
    """``at`` says in which place each of our columns stands."""
    _check_unit(lines, ask, at, reading)
    _check_year(lines, ask, at, reading)
    _check_merged(lines, at, reading)


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


def _check_unit(lines: Lines, ask: Ask, at: Mapping[str, int], reading: Reading) -> None:
    headings = [lines.headings[at[name]] for name in _MONEY if name in at]
    for text in (*lines.above, *headings):
        unit = unit_in(text)
        if unit is not None and unit != ask.unit:
            why = _("ファイルは%(file)s、読み取りの設定は%(profile)sです。設定の単位をそろえてください。")
            words = {"file": _UNIT_WORDS[unit], "profile": _UNIT_WORDS[ask.unit]}
            reading.refuse(Fault(lines.heading_row, _("単位"), shortened(text), why % words))
            return


def _check_year(lines: Lines, ask: Ask, at: Mapping[str, int], reading: Reading) -> None:
    years = set().union(*(years_named(text) for text in lines.above)) if lines.above else set()
    if years and ask.fiscal_year not in years:
        why = _("%(said)sのファイルのようです。取り込み先は%(year)sです。年度を選び直してください。")
        said = "・".join(str(FiscalYear(year)) for year in sorted(years))
        words = {"said": said, "year": FiscalYear(ask.fiscal_year)}
        reading.refuse(Fault(1, _("年度"), shortened(" ".join(lines.above)), why % words))
    for name in _MONEY:
        heading = lines.headings[at[name]] if name in at else ""
        years = years_named(heading)
        if years and ask.fiscal_year not in years:
            why = _(
                "%(said)sの列です。取り込み先は%(year)sです。年度か、読み取りの設定の列を選び直してください。"
            )
            words = {"said": FiscalYear(min(years)), "year": FiscalYear(ask.fiscal_year)}
            reading.refuse(Fault(lines.heading_row, _("年度"), shortened(heading), why % words))


def _check_merged(lines: Lines, at: Mapping[str, int], reading: Reading) -> None:
    """Joined cells repeat a code; a joined amount belongs to nobody knows which line."""
    money = [name for name in _MONEY if name in at]
    why = _("金額のセル %(cells)s が結合されています。結合を解いて、行ごとに金額を書いてください。")
    below = [join for join in lines.joins if join.first_row > lines.heading_row]
    for join in below:
        for name in money:
            if join.covers(at[name]):
                fault = Fault(
                    join.first_row, str(COLUMNS[name].label), join.cells, why % {"cells": join.cells}
                )
                reading.refuse(fault)
    if below and not reading.faults:
        reading.remarks.append(_("結合されたセルの科目は、下の行にも同じ科目があるものとして読みました。"))
