"""Whether a file's amounts hold together: sums within the file, stated totals, what moves, and the rules of the books."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.budgets import rolling
from enishi.budgets.breaking import in_words
from enishi.budgets.enums import Stage
from enishi.budgets.rolling import Raw, Sums
from enishi.budgets.transfer.model import (
    Control,
    Reading,
    ancestors,
    rolled,
)
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import shortened
from enishi.foundation.money import in_yen
from enishi.foundation.previews import Fault

MOST_LINES = 600
VOTED_PARTS = 4
SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One row of the table of reconciliation. ``stated`` is what the file (or a person) says the sum is."""

    path: str
    name: str
    counted: int
    stated: int | None
    row: int = 0

    @property
    def difference(self) -> int | None:
        return None if self.stated is None else self.counted - self.stated

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "name": self.name,
            "counted": self.counted,
            "stated": self.stated,
            "difference": self.difference,
            "row": self.row,
        }


@dataclass
class Checked:
    """What was found out about a file, beside its faults."""

    sums: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What may be right, but should be looked at."""

    @property
    def total(self) -> int:
        return sum(self.sums.values())


def check(
    reading: Reading,
    *,
    fiscal_year: int,
    stage: Stage,
    round_no: int,
    stated_total: int | None,
    stated: Mapping[str, int],
    names: Mapping[str, str],
    before: Mapping[str, Raw],
    taken_back: Mapping[str, int],
) -> Checked:
    """Add to the reading's faults whatever does not hold, and lay out the sums (B5).

    ``stated`` are sums by path that somebody entered beside the file; ``before`` is what the books hold now, and
    ``taken_back`` what a correction takes out of them.
    """
    set_subtotals_aside(reading)
    sums = reading.sums()
    if not sums:
        if not reading.faults:
            reading.refuse(
                Fault(
                    1,
                    _("ファイル"),
                    "",
                    _("金額のある行がありません。見出しと読み取りの設定を確かめてください。"),
                )
            )
        return Checked()
    if not stage.may_open_codes:
        _refuse_unknown(reading, sums, names, fiscal_year)
    totals = rolled(sums)
    names = reading.names() | {path: name for path, name in names.items() if name}
    controls = _placed(reading, totals) if not reading.faults else []
    controls += [
        Control(0, _("入力した合計"), amount, path) for path, amount in stated.items() if path in totals
    ]
    for path in stated:
        if path not in totals:
            reading.refuse(
                Fault(
                    0,
                    _("入力した合計"),
                    path,
                    _("この科目の金額がファイルにありません。コードを確かめてください。"),
                )
            )
    if stated_total is not None:
        controls.append(Control(0, _("入力した合計"), stated_total))
    if not reading.faults:
        # With lines missing, no sum is right: the cells come first.
        _refuse_differences(reading, controls, totals, names)
    if not controls and not reading.faults:
        reading.refuse(
            Fault(
                1,
                _("合計"),
                "",
                _(
                    "突き合わせる合計がありません。ファイルに合計の行を入れるか、合計額を画面で入力してください。この合計は %(sum)s です。"
                )
                % {"sum": in_yen(totals[""])},
            )
        )
    _refuse_loose_moves(reading, stage, totals)
    remarks: list[str] = []
    if not reading.faults:
        after = _books_after(stage, round_no, sums, before, taken_back)
        _refuse_breaches(reading, after, names)
        remarks += _settled_over(after, names) if stage == Stage.SETTLEMENT else []
    return Checked(sums, _laid_out(totals, controls, names), remarks)


def _refuse_unknown(
    reading: Reading, sums: Mapping[str, int], names: Mapping[str, str], fiscal_year: int
) -> None:
    """B7: spending happens on codes that the year's budget has."""
    for index, place in enumerate(reading.places):
        if place.path in sums and place.path not in names:
            why = _(
                "この科目は%(year)sの予算にありません。コードを確かめるか、先に予算を取り込んでください。"
            ) % {"year": FiscalYear(fiscal_year)}
            row = reading.rows[reading.place_of.index(index)]
            reading.refuse(Fault(row, _("科目"), shortened(place.path), why))


def set_subtotals_aside(reading: Reading) -> None:
    """A 款 with an amount whose 項 have amounts, too, states their sum; it is compared and not counted."""
    sums = reading.sums()
    parents = {above for path in sums for above in ancestors(path)[1:]}
    doubled = {path for path in sums if path in parents}
    if not doubled:
        return
    index_of = {place.path: index for index, place in enumerate(reading.places)}
    reading.dropped = {index_of[path] for path in doubled}
    for path in sorted(doubled):
        place = reading.places[index_of[path]]
        label = next((name for name in reversed(place.names) if name), "")
        reading.controls.append(Control(place.row, label, sums[path], path))
    reading.remarks.append(
        _("下の科目の内訳がある %(count)d科目の行は、合計の行として読みました。") % {"count": len(doubled)}
    )


def _placed(reading: Reading, totals: Mapping[str, int]) -> list[Control]:
    """The file's own sums, each with the code it is of. 「計」 alone is of whichever code around it has this sum."""
    found = []
    for control in reading.controls:
        if not control.candidates:
            found.append(control)
            continue
        fitting = next((path for path in control.candidates if totals.get(path) == control.amount), None)
        if fitting is None:
            reading.refuse(
                Fault(
                    control.row,
                    control.label,
                    f"{control.amount:,}",
                    _(
                        "この合計は、直前の科目・会計・全体のどの合計とも一致しません。全体の合計は %(sum)s、差は %(difference)s です。"
                    )
                    % {"sum": in_yen(totals[""]), "difference": in_yen(totals[""] - control.amount)},
                )
            )
        else:
            found.append(Control(control.row, control.label, control.amount, fitting))
    return found


def _refuse_differences(
    reading: Reading, controls: Iterable[Control], totals: Mapping[str, int], names: Mapping[str, str]
) -> None:
    """Not one yen of difference (B5)."""
    for control in controls:
        counted = totals.get(control.path, 0)
        if counted != control.amount:
            reading.refuse(
                Fault(
                    control.row,
                    control.label or _("合計"),
                    f"{control.amount:,}",
                    _("%(what)sの明細の合計は %(counted)s で、%(difference)s の差があります。")
                    % {
                        "what": f"{control.path} {names.get(control.path, '')}".strip() or _("全体"),
                        "counted": in_yen(counted),
                        "difference": in_yen(counted - control.amount),
                    },
                )
            )


def _refuse_loose_moves(reading: Reading, stage: Stage, totals: Mapping[str, int]) -> None:
    if not stage.is_zero_sum:
        return
    for account in sorted(path for path in totals if path and "-" not in path):
        if totals[account]:
            reading.refuse(
                Fault(
                    0,
                    _("金額"),
                    f"{totals[account]:,}",
                    _(
                        "%(stage)sは出す科目(△)と受ける科目の合計が0円になります。会計 %(account)s では %(sum)s 残ります。"
                    )
                    % {"stage": stage.label, "account": account, "sum": in_yen(totals[account])},
                )
            )


def _books_after(
    stage: Stage,
    round_no: int,
    sums: Mapping[str, int],
    before: Mapping[str, Raw],
    taken_back: Mapping[str, int],
) -> dict[str, Sums]:
    """Every code with all below it, as if the file were in the books already."""
    after = {path: Raw(dict(raw.sums), dict(raw.assessments)) for path, raw in before.items()}
    let_in(after, stage, round_no, sums, taken_back)
    paths = {above for path in after for above in ancestors(path)[:-1]}
    return rolling.rolled_up(rolling.own_sums(after), paths)


def _refuse_breaches(reading: Reading, after: Mapping[str, Sums], names: Mapping[str, str]) -> None:
    """B2."""
    row_of = {place.path: place.row for place in reading.places}
    for breach in rolling.breaches(after):
        reading.refuse(
            Fault(row_of.get(breach.path, 0), _("金額"), f"{breach.amount:,}", in_words(breach, names))
        )


def _settled_over(after: Mapping[str, Sums], names: Mapping[str, str]) -> list[str]:
    """決算 above 予算現額 of a 目: a past year without its 補正, or a slip. It is told, as the past is as it is."""
    found = []
    for path in sorted(after):
        settled, now = after[path].get(Stage.SETTLEMENT.value), rolling.current(after[path])
        if path.count("-") == VOTED_PARTS - 1 and settled is not None and settled > (now or 0):
            words = {"code": f"{path} {names.get(path, '')}".strip(), "settled": in_yen(settled)}
            found.append(
                _("%(code)s(決算 %(settled)s、予算現額 %(now)s)") % {**words, "now": in_yen(now or 0)}
            )
    if not found:
        return []
    return [
        _(
            "決算が予算現額を超える目が %(count)s あります。補正・流用・繰越の取り込みが済んでいるか、確かめてください: %(codes)s"
        )
        % {"count": len(found), "codes": _("、").join(found[:SHOWN])}
    ]


def let_in(
    books: dict[str, Raw], stage: Stage, round_no: int, sums: Mapping[str, int], taken_back: Mapping[str, int]
) -> None:
    """What the books sum to once a file is in them, and what it corrects is not."""
    for amounts, sign in ((sums, 1), (taken_back, -1)):
        for path, amount in amounts.items():
            books.setdefault(path, Raw()).add(stage.value, round_no, sign * amount)


def _laid_out(totals: Mapping[str, int], controls: Sequence[Control], names: Mapping[str, str]) -> list[Line]:
    """款項目 with what was counted and what was stated, the whole first."""
    stated = {control.path: control for control in controls}
    voted = sorted(path for path in totals if path and path.count("-") < VOTED_PARTS)
    deeper = sorted(path for path in stated if path.count("-") >= VOTED_PARTS)
    found = []
    for path in ["", *voted, *deeper][:MOST_LINES]:
        control = stated.get(path)
        found.append(
            Line(
                path,
                names.get(path, "") if path else _("全体"),
                totals.get(path, 0),
                control.amount if control else None,
                control.row if control else 0,
            )
        )
    return found
