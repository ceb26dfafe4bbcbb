"""From published rows to what became of decisions: where published data meet the engine.

The page of residents and the command ``enishi recompute`` both ask here, so that they cannot differ.
"""

from collections import Counter
from collections.abc import Mapping

from enishi.engines import progress
from enishi.evaluation.published.answers import Answer, Item
from enishi.evaluation.published.reading import Cell, DataSet, Line
from enishi.evaluation.published.tables import (
    DECISIONS,
    ENTRIES,
    EVALUATIONS,
    INITIAL,
    REFLECTION_ROWS,
    SUPPLEMENTARY,
)

FOLLOWED = progress.Formula("followups_done", 1, "済んだフォロー ÷ 決定のあとに確かめることにした数")


def decisions_of(data: DataSet) -> tuple[list[progress.Decision], list[str]]:
    """Each decision with its fate at the vote on the initial budget of its year, and what does not fit together."""
    rows = data.rows(DECISIONS)
    known = {str(row["decision"]): row for row in rows}
    fates: dict[str, Line] = {}
    supplementary: set[str] = set()
    notes: list[str] = []
    for row in data.rows(REFLECTION_ROWS):
        key = str(row["decision"])
        if key not in known:
            notes.append(f"反映の行の決定番号「{key}」は、改善決定の表にありません。数えていません。")
        elif row["year"] == known[key]["target_year"] and row["stage"] == INITIAL:
            fates[key] = row
        elif str(row["stage"]).startswith(SUPPLEMENTARY) and row["status"] in ("反映", "一部反映"):
            supplementary.add(key)
    found = [_decision(row, fates.get(str(row["decision"])), supplementary) for row in rows]
    return found, notes + _disagreements(data, known, fates)


def _decision(row: Line, fate: Line | None, supplementary: set[str]) -> progress.Decision:
    key = str(row["decision"])
    return progress.Decision(
        key=key,
        course=progress.Course(str(row["course"])),
        budget_relevant=bool(row["budget_relevant"]),
        target_fiscal_year=_whole(row["target_year"]),
        reflection=progress.Reflection(str(fate["status"])) if fate else progress.Reflection.NONE,
        reason=str(fate["reason"] or "") if fate else "反映の記録がない",
        decided_yen=_whole(row["decided_yen"]),
        realised_yen=_whole(fate["delta_yen"]) if fate else None,
        in_supplementary=key in supplementary,
    )


def _whole(value: Cell) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def sign_disagrees(
    course: str, status: str, delta_yen: int | None, after_yen: int | None, reason: str
) -> str:
    """Why a row may not be called 反映 (invariant R1); empty where it may.

    >>> sign_disagrees("縮小", "反映", 500, 1_500, "")
    '「縮小」なのに額が減っていない'
    >>> sign_disagrees("廃止", "反映", -900, 100, "清算事務が残るため")
    ''
    """
    if status != progress.Reflection.FULL:
        return ""
    if course == progress.Course.EXPAND and (delta_yen or 0) <= 0:
        return "「拡充」なのに額が増えていない"
    if course == progress.Course.SHRINK and (delta_yen or 0) >= 0:
        return "「縮小」なのに額が減っていない"
    if course == progress.Course.ABOLISH and after_yen != 0 and not reason.strip():
        return "「廃止」なのに額が残り、残務の理由がない"
    return ""


def _disagreements(data: DataSet, known: Mapping[str, Line], fates: Mapping[str, Line]) -> list[str]:
    """Rows that contradict themselves or their evidence. They are counted as published, and said aloud."""
    notes = []
    for key, row in fates.items():
        before, after, delta = (_whole(row[name]) for name in ("before_yen", "after_yen", "delta_yen"))
        if before is not None and after is not None and delta != after - before:
            notes.append(f"決定「{key}」の増減額は、反映後 − 反映前と合いません。")
        why = sign_disagrees(
            str(known[key]["course"]), str(row["status"]), delta, after, str(row["reason"] or "")
        )
        if why:
            notes.append(f"決定「{key}」は「反映」とありますが、{why}ため疑わしいものです。")
    return notes + _unsupported(data, fates)


def _unsupported(data: DataSet, fates: Mapping[str, Line]) -> list[str]:
    entries = data.rows_if_any(ENTRIES)
    if entries is None:
        return []
    sums: Counter[tuple[str, str]] = Counter()
    for row in entries:
        key = str(row["decision"])
        if key in fates and row["stage"] == INITIAL and row["year"] == fates[key]["year"]:
            sums[key, str(row["side"])] += _whole(row["yen"]) or 0
    sides = (("前", "before_yen"), ("後", "after_yen"))
    return [
        f"決定「{key}」の反映{side}の額は、裏付けの科目の合計と合いません。"
        for key, row in fates.items()
        for side, column in sides
        if row[column] is not None and sums[key, side] != row[column]
    ]


def reflection(data: DataSet, year: int | None, headline: str) -> Answer:
    assert year is not None
    decisions, notes = decisions_of(data)
    found = progress.reflection_rate(decisions, fiscal_year=year)
    figures = {"strict": found.strict, "loose": found.loose, "yen": found.yen_weighted}
    titles = _titles(data)
    wins = {progress.Reflection.FULL} | ({progress.Reflection.PARTIAL} if headline != "strict" else set())
    by_key = {each.key: each for each in decisions}
    items = tuple(_item(by_key[key], titles, by_key[key].reflection in wins) for key in found.counted)
    reasons = Counter(found.unreflected.values())
    return Answer(
        figure=figures[headline],
        beside=tuple(figure for name, figure in figures.items() if name != headline),
        counts={
            "反映の状況": dict(Counter(str(by_key[key].reflection) for key in found.counted)),
            "未反映などの理由": dict(reasons),
            "補正での反映(率には数えない)": {"件数": len(found.in_supplementary)},
        },
        items=items,
        left_out=tuple(
            Item(key, titles.get(key, ""), str(by_key[key].course), False, why)
            for key, why in found.left_out.items()
        ),
        notes=tuple(notes),
    )


def _item(decision: progress.Decision, titles: Mapping[str, str], counts: bool) -> Item:
    why = decision.reason
    if decision.in_supplementary:
        why = "。".join(part.rstrip("。") for part in (why, "のちに補正予算で反映") if part)
    return Item(
        decision.key, titles.get(decision.key, ""), f"{decision.course}: {decision.reflection}", counts, why
    )


def _titles(data: DataSet) -> dict[str, str]:
    return {str(row["decision"]): str(row["title"]) for row in data.rows(DECISIONS)}


def review(data: DataSet, year: int | None, headline: str) -> Answer:
    """Of the programmes evaluated, those for which a change was decided."""
    everything = [row for row in data.rows(EVALUATIONS) if row["evaluated_year"] == year]
    evaluated = [row for row in everything if row["kind"] != "施策"]
    subjects = {str(row["subject"]): str(row["title"]) for row in evaluated}
    others = {str(row["subject"]): str(row["title"]) for row in everything if row["kind"] == "施策"}
    rows = [
        row
        for row in data.rows(DECISIONS)
        if row["evaluated_year"] == year and str(row["subject"]) not in others.keys() - subjects.keys()
    ]
    notes = []
    latest: dict[str, Line] = {}
    for row in rows:
        subject = str(row["subject"])
        if subject not in subjects:
            notes.append(
                f"決定「{row['decision']}」の対象「{subject}」は評価した事業の表にありません。数えていません。"
            )
        elif subject in latest:
            notes.append(f"対象「{subject}」には決定が二つ以上あります。あとの行を数えました。")
        if subject in subjects:
            latest[subject] = row
    decisions = [progress.Decision(key, progress.Course(str(row["course"]))) for key, row in latest.items()]
    found = progress.review_rate(decisions, evaluated=len(evaluated))
    figures = {
        "reviewed": found.reviewed,
        "scrapped": found.scrapped,
        "expanded": found.expanded,
        "ended": found.ended,
    }
    wins = {
        "reviewed": progress.REVIEWED,
        "scrapped": progress.SCRAPPED,
        "expanded": {progress.Course.EXPAND},
        "ended": {progress.Course.END},
    }[headline]
    courses = {each.key: each.course for each in decisions}
    return Answer(
        figure=figures[headline],
        beside=tuple(figure for name, figure in figures.items() if name != headline),
        counts={"方向": {str(course): count for course, count in found.counts.items() if count}},
        items=tuple(
            Item(key, title, str(courses.get(key, "決定なし")), courses.get(key) in wins)
            for key, title in subjects.items()
        ),
        left_out=tuple(Item(key, title, "", False, "事業でなく施策") for key, title in others.items()),
        notes=tuple(notes),
    )


def followed(data: DataSet, year: int | None) -> Answer:
    rows = [row for row in data.rows(DECISIONS) if row["evaluated_year"] == year]
    planned = [row for row in rows if _whole(row["followups"])]
    done = sum(min(_whole(row["followups_done"]) or 0, _whole(row["followups"]) or 0) for row in planned)
    whole = sum(_whole(row["followups"]) or 0 for row in planned)
    return Answer(
        figure=progress.share(name="決定フォロー完了率", part=done, whole=whole, formula=FOLLOWED),
        items=tuple(
            Item(
                str(row["decision"]),
                str(row["title"]),
                f"{_whole(row['followups_done']) or 0}/{row['followups']}",
                (_whole(row["followups_done"]) or 0) >= (_whole(row["followups"]) or 0),
            )
            for row in planned
        ),
        left_out=tuple(
            Item(str(row["decision"]), str(row["title"]), str(row["course"]), False, "フォローを決めていない")
            for row in rows
            if row not in planned
        ),
    )
