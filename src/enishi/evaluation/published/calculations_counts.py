"""From published rows to rates of logic models, indicators and proposals: the other half of ``calculations``."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from enishi.engines import progress
from enishi.engines.progress.values import ratio
from enishi.evaluation.published.answers import Answer, Item
from enishi.evaluation.published.reading import Cell, DataSet, Line, PublishedDataError
from enishi.evaluation.published.tables import (
    INDICATORS,
    LOGIC_MODELS,
    PROPOSALS,
    RENEWALS,
    STATUTORY_PLANS,
)

REACHED = progress.Formula("indicators_reached", 1, "「達成」の指標 ÷ 指標(判定不能を含む)")
REACHED_OF_JUDGED = progress.Formula("indicators_reached_judged", 1, "「達成」の指標 ÷ 判定できた指標")
UNKNOWN = progress.Formula("indicators_unknown", 1, "実績値のない指標 ÷ 指標")
SOURCED = progress.Formula("indicators_sourced", 1, "出所のある実績値 ÷ 実績値")
INTEGRATED = progress.Formula("plans_integrated", 1, "ほかの文書が兼ねている法定計画 ÷ 一覧に載せた法定計画")
FUNDED = progress.Formula("renewals_funded", 1, "Σ手当てのついた財源 ÷ Σ更新に要る額")
IN_TIME = progress.Formula("indicators_in_time", 1, "期限までに登録した指標 ÷ 期限の来た指標")


def logic_models(data: DataSet, year: int | None, headline: str) -> Answer:
    """``headline`` is the unit: 事務事業 or 施策."""
    rows = {
        str(row["unit"]): row for row in data.rows(LOGIC_MODELS) if (row["kind"] or "事務事業") == headline
    }
    units = [
        progress.Unit(
            key=key,
            state=progress.ModelState(str(row["state"])),
            failed=tuple(
                part.strip()
                for part in str(row["failed"] or "").replace(",", "、").split("、")
                if part.strip()
            ),
            in_scope=bool(row["scope"]),
        )
        for key, row in rows.items()
    ]
    found = progress.logic_model_rate(units)
    valid = set(found.valid)
    return Answer(
        figure=found.rate,
        counts={
            "内訳": {
                "導入済": len(found.valid),
                "作成中": len(found.drafts),
                "規則を満たさない": len(found.invalid),
                "なし": len(found.without),
                "対象外": len(found.out_of_scope),
            }
        },
        items=tuple(
            Item(
                unit.key,
                str(rows[unit.key]["title"]),
                str(unit.state),
                unit.key in valid,
                "、".join(unit.failed),
            )
            for unit in units
            if unit.in_scope
        ),
        left_out=tuple(
            Item(key, str(rows[key]["title"]), "", False, "内部管理などで対象外")
            for key in found.out_of_scope
        ),
    )


def _any(row: Line) -> bool:
    return True


Share = tuple[str, progress.Formula, Callable[[Line], bool], Callable[[Line], bool]]
_INDICATOR_SHARES: Mapping[str, Share] = {
    "reached": ("目標達成指標割合", REACHED, lambda row: row["status"] == "達成", _any),
    "judged": (
        "目標達成指標割合(判定できた指標のうち)",
        REACHED_OF_JUDGED,
        lambda row: row["status"] == "達成",
        lambda row: row["status"] != "判定不能",
    ),
    "unknown": ("欠測率", UNKNOWN, lambda row: not row["value"], _any),
    "sourced": ("出所付与率", SOURCED, lambda row: bool(row["source"]), lambda row: bool(row["value"])),
    "in_time": (
        "期限内更新率",
        IN_TIME,
        lambda row: _in_time(row["due_on"], row["recorded_on"]),
        lambda row: isinstance(row["due_on"], dt.date),
    ),
}


def _in_time(due_on: Cell, recorded_on: Cell) -> bool:
    return isinstance(due_on, dt.date) and isinstance(recorded_on, dt.date) and recorded_on <= due_on


def indicators(data: DataSet, year: int | None, headline: str) -> Answer:
    rows = [row for row in data.rows(INDICATORS) if row["year"] == year]
    figures = {key: _share_of(rows, share) for key, share in _INDICATOR_SHARES.items()}
    _name, _formula, wins, counted = _INDICATOR_SHARES[headline]
    return Answer(
        figure=figures[headline],
        beside=tuple(figure for key, figure in figures.items() if key != headline),
        counts={"状況": dict(Counter(str(row["status"]) for row in rows))},
        items=tuple(_indicator(row, wins(row)) for row in rows if counted(row)),
        left_out=tuple(_indicator(row, False) for row in rows if not counted(row)),
    )


def _share_of(rows: Sequence[Line], share: Share) -> progress.Figure:
    name, formula, wins, counted = share
    whole = [row for row in rows if counted(row)]
    part = sum(1 for row in whole if wins(row))
    return progress.share(name=name, part=part, whole=len(whole), formula=formula)


def _indicator(row: Line, counts: bool) -> Item:
    return Item(
        str(row["indicator"]), str(row["title"]), str(row["status"]), counts, str(row["reason"] or "")
    )


def integrated(data: DataSet, year: int | None) -> Answer:
    rows = data.rows(STATUTORY_PLANS)
    done = sum(1 for row in rows if row["integrated"])
    unsure = sum(1 for row in rows if str(row["certainty"] or "") not in ("", "確かめ済み"))
    return Answer(
        figure=progress.share(name="統合計画率", part=done, whole=len(rows), formula=INTEGRATED),
        counts={"根拠が未確認のもの": {"件数": unsure}} if unsure else {},
        items=tuple(
            Item(
                str(row["plan"]),
                "",
                "兼ねる文書がある" if row["integrated"] else "なし",
                bool(row["integrated"]),
                str(row["document"] or ""),
            )
            for row in rows
        ),
    )


def funded(data: DataSet, year: int | None) -> Answer:
    rows = [row for row in data.rows(RENEWALS) if row["year"] == year]
    amounts = [(int(str(row["needed_yen"])), int(str(row["funded_yen"]))) for row in rows]
    return Answer(
        # More money than need is no fault, so this is a ratio and not a share.
        figure=ratio(
            "施設更新費充足率",
            Fraction(sum(given for _needed, given in amounts)),
            Fraction(sum(needed for needed, _given in amounts)),
            FUNDED,
        ),
        items=tuple(
            Item(str(row["kind"]), "", f"{given:,}円/{needed:,}円", given >= needed)
            for row, (needed, given) in zip(rows, amounts, strict=True)
        ),
    )


def closing(data: DataSet, year: int | None, headline: str) -> Answer:
    assert year is not None
    rows = data.rows(PROPOSALS)
    fates = [
        progress.ProposalFate(
            key=str(row["proposal"]),
            received_fiscal_year=_fiscal_year(row["received_on"]) or 0,
            decided_fiscal_year=_fiscal_year(row["decided_on"]),
            agreed=bool(row["agreed"]),
            refusal_reason=str(row["refusal"] or ""),
        )
        for row in rows
    ]
    found = progress.closing_rate(fates, fiscal_year=year)
    figures = {"cohort": found.cohort, "period": found.period}
    inside = [each for each in fates if _year_of(each, headline) == year]
    return Answer(
        figure=figures[headline],
        beside=tuple(figure for name, figure in figures.items() if name != headline),
        counts={"決定前": {"件数": found.pending}, "不採択の理由": found.refusal_reasons},
        items=tuple(_proposal(each) for each in inside if each.decided_fiscal_year is not None),
        left_out=tuple(
            Item(each.key, "", "決定前", False, "まだ決まっていない")
            for each in inside
            if each.decided_fiscal_year is None
        ),
    )


def _year_of(fate: progress.ProposalFate, headline: str) -> int | None:
    return fate.received_fiscal_year if headline == "cohort" else fate.decided_fiscal_year


def _proposal(fate: progress.ProposalFate) -> Item:
    return Item(fate.key, "", "成約" if fate.agreed else "不採択など", fate.agreed, fate.refusal_reason)


def _fiscal_year(day: Cell) -> int | None:
    return progress.fiscal_year_of(day) if isinstance(day, dt.date) else None


def durations(data: DataSet, year: int | None) -> Answer:
    """All proposals of the data, or those received in a year; the Kaplan–Meier median leads, the plain mean flatters."""
    rows = [row for row in data.rows(PROPOSALS) if _fiscal_year(row["received_on"]) == year]
    for row in rows:
        if row["ended_on"] is None or not isinstance(row["received_on"], dt.date):
            raise PublishedDataError(f"提案「{row['proposal']}」の「その後の日」が空です。")
    days = {str(row["proposal"]): _days(row) for row in rows}
    waits = [progress.Duration(days[str(row["proposal"])], progress.Ending(str(row["fate"]))) for row in rows]
    found = progress.waiting(waits)
    return Answer(
        figure=found.kaplan_meier_median,
        beside=(found.mean, found.median),
        counts={"その後": {str(ending): count for ending, count in found.counts.items()}},
        items=tuple(
            Item(key, "", str(row["fate"]), row["fate"] == "実現", f"{days[key]}日")
            for row in rows
            if (key := str(row["proposal"]))
        ),
    )


def _days(row: Line) -> int:
    first, last = row["received_on"], row["ended_on"]
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    if last < first:
        raise PublishedDataError(f"提案「{row['proposal']}」の「その後の日」が受付日より前です。")
    return (last - first).days
