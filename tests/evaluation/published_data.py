"""Published data written into a folder, as a citizen finds it after unpacking."""

import csv

from enishi.evaluation.published.tables import TABLES

# The worked example of the definition: 12 evaluated, 5 decisions matter to the budget of 2026.
TWELVE = [
    *[(f"D{number:02}", "継続", "いいえ", None, None, None) for number in range(1, 7)],
    ("D07", "改善", "はい", 2_000_000, 1_000_000, "一部反映"),
    ("D08", "改善", "いいえ", None, None, None),
    ("D09", "拡充", "はい", 5_000_000, 5_000_000, "反映"),
    ("D10", "縮小", "はい", -3_000_000, -3_000_000, "反映"),
    ("D11", "統合", "はい", -1_000_000, -1_000_000, "反映"),
    ("D12", "廃止", "はい", -4_000_000, 0, "未反映"),
]


def write(folder, table, rows, *, labels=True, encoding="utf-8-sig"):
    """One file of the set; what a row does not give stays empty."""
    columns = TABLES[table].columns
    with (folder / f"{table}.csv").open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        writer.writerow(column.label if labels else column.key for column in columns)
        for row in rows:
            writer.writerow("" if row.get(c.key) is None else row[c.key] for c in columns)


def decision(key, course, relevant="いいえ", yen=None, target=2026, evaluated=2024):
    return {
        "decision": key,
        "subject": f"S{key}",
        "title": f"{key}の事業",
        "evaluated_year": evaluated,
        "target_year": target,
        "course": course,
        "budget_relevant": relevant,
        "decided_yen": yen,
    }


def reflection(key, status, delta=None, *, stage="当初", year=2026, reason="", before=10_000_000):
    return {
        "decision": key,
        "year": year,
        "stage": stage,
        "before_yen": None if delta is None else before,
        "after_yen": None if delta is None else before + delta,
        "delta_yen": delta,
        "status": status,
        "reason": reason,
    }


def evaluation(key, evaluated=2024):
    return {"subject": f"S{key}", "evaluated_year": evaluated, "title": f"{key}の事業"}


def write_twelve(folder, **how):
    write(folder, "evaluations", [evaluation(row[0]) for row in TWELVE], **how)
    write(folder, "decisions", [decision(*row[:4]) for row in TWELVE], **how)
    write(folder, "reflections", [reflection(r[0], r[5], r[4]) for r in TWELVE if r[5]], **how)
    return folder
