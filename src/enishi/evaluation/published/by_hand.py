"""The same numbers with nothing but a spreadsheet: what the README of a set says to whoever runs no program.

Letters of columns come from the tables, and the numbers from the files themselves, so that neither can drift.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from enishi.evaluation.published.answers import Answer, shown
from enishi.evaluation.published.measures import MEASURES, recompute
from enishi.evaluation.published.reading import DataSet, PublishedDataError, opened
from enishi.evaluation.published.tables import DECISIONS, EVALUATIONS, TABLES, Table

REVIEWED = ("改善", "縮小", "統合", "休止", "廃止")
SCRAPPED = REVIEWED[1:]


def by_hand(files: Mapping[str, bytes], fiscal_year: int) -> list[str]:
    """Lines of the README. Numbers that these files do not give are left out."""
    data = opened("", files.get)
    parts = [
        part(data, fiscal_year)
        for part in (_reflection, _review, _logic_models, _plans, _indicators, _proposals)
    ]
    told = [line for part in parts if part for line in ("", *part)]
    return ["", "## 表計算ソフトで計算する", "", *_INTRODUCTION, *told] if told else []


_INTRODUCTION = (
    "ExcelやLibreOfficeのCalcで、CSVを一つのブックに、ファイルの名前(.csvなし)のシートとして開きます。",
    "式は2行目のものです。最後の行まで下へ写してください。",
)


def _letter(table: Table, key: str, *, after: int = 0) -> str:
    """The letter of a column, or of the ``after``-th free one behind the last."""
    place = len(table.columns) + after - 1 if after else [each.key for each in table.columns].index(key)
    return chr(ord("A") + place)


def _answer(data: DataSet, name: str, year: int | None) -> Answer | None:
    """The number for this year, or else for the newest year the files hold."""
    measure = next(each for each in MEASURES if each.name == name)
    try:
        rows = data.rows_if_any(measure.table) or ()
        years = {found for row in rows if (found := measure.year_in(row)) is not None}
        if measure.year_of and year not in years:
            year = max(years, default=None)
        return recompute(name, data, year=year) if rows else None
    except PublishedDataError:
        return None


@dataclass(frozen=True)
class _Cells:
    """Letters of one table as formulas name them, in the sheet itself or from another sheet."""

    table: Table

    def __getitem__(self, key: str) -> str:
        return f"{_letter(self.table, key)}2"

    def all(self, key: str) -> str:
        letter = _letter(self.table, key)
        return f"{self.table.key}!${letter}:${letter}"

    def free(self, number: int) -> str:
        return _letter(self.table, "", after=number)


def _result(data: DataSet, names: Mapping[str, str], year: int | None) -> Iterator[str]:
    """「反映率 = SUM(N:N)/SUM(M:M) … このデータでは 53.3%(8/15)」"""
    for name, formula in names.items():
        answer = _answer(data, name, year)
        if answer is not None:
            yield f"- {name} `={formula}` … このデータでは **{shown(answer.figure)}**。定義: {answer.figure.formula}"


def _reflection(data: DataSet, year: int) -> list[str]:
    if not data.rows_if_any(DECISIONS):
        return []
    of, fate = _Cells(DECISIONS), _Cells(TABLES["reflections"])
    counted, full, part, decided, real = (of.free(number) for number in range(1, 6))
    place = f'{fate.all("decision")},${of["decision"]},{fate.all("year")},{year},{fate.all("stage")},"当初"'
    change = f"SUMIFS({fate.all('delta_yen')},{place})"
    return [
        f"### 反映率(対象年度 {year})",
        "",
        "数えるのは、対象年度が合い、予算に関わり、方向が継続でない決定です。「対象外」とされたものも分母に残します。",
        "反映の行がない決定は、分母にだけ入ります。段階が「補正」の行は使いません。",
        "",
        "`decisions` のシートで:",
        "",
        f'- {counted}2(分母)`=IF(AND({of["target_year"]}={year},{of["budget_relevant"]}="はい",LEFT({of["course"]},2)<>"継続"),1,0)`',
        f'- {full}2(反映)`={counted}2*COUNTIFS({place},{fate.all("status")},"反映")`',
        f'- {part}2(一部反映)`={counted}2*COUNTIFS({place},{fate.all("status")},"一部反映")`',
        f"- {decided}2(決めた額)`={counted}2*ABS({of['decided_yen']})`",
        f"- {real}2(決めた向きに動いた額)`=IF({counted}2*{of['decided_yen']}*{change}>0,ABS({change}),0)`",
        "",
        *_result(
            data,
            {
                "反映率": f"SUM({full}:{full})/SUM({counted}:{counted})",
                "反映率(一部反映を含む)": f"(SUM({full}:{full})+SUM({part}:{part}))/SUM({counted}:{counted})",
                "反映率(金額)": f"SUM({real}:{real})/SUM({decided}:{decided})",
            },
            year,
        ),
    ]


def _review(data: DataSet, year: int) -> list[str]:
    answer = _answer(data, "見直し率", None) if data.rows_if_any(EVALUATIONS) else None
    if answer is None:
        return []
    of, made = _Cells(EVALUATIONS), _Cells(DECISIONS)
    counted, changed, scrapped = (of.free(number) for number in range(1, 4))

    def aimed(courses: tuple[str, ...]) -> str:
        asked = f"{made.all('subject')},{of['subject']},{made.all('evaluated_year')},{answer.year}"
        return "+".join(f'COUNTIFS({asked},{made.all("course")},"{course}")' for course in courses)

    return [
        f"### 見直し率とスクラップ率(評価年度 {answer.year})",
        "",
        "分母は評価した事務事業(施策は入れません)。分子は、見直しの方向を決めたものです。",
        "",
        "`evaluations` のシートで:",
        "",
        f'- {counted}2(分母)`=IF(AND({of["evaluated_year"]}={answer.year},{of["kind"]}<>"施策"),1,0)`',
        f"- {changed}2(見直し)`={counted}2*MIN(1,{aimed(REVIEWED)})`",
        f"- {scrapped}2(スクラップ)`={counted}2*MIN(1,{aimed(SCRAPPED)})`",
        "",
        *_result(
            data,
            {
                "見直し率": f"SUM({changed}:{changed})/SUM({counted}:{counted})",
                "スクラップ率": f"SUM({scrapped}:{scrapped})/SUM({counted}:{counted})",
            },
            answer.year,
        ),
    ]


def _counts(
    data: DataSet, year: int | None, heading: str, formulas: Mapping[str, tuple[str, str]]
) -> list[str]:
    """Numbers that are one COUNTIFS divided by another."""
    lines = list(
        _result(
            data,
            {name: f"COUNTIFS({part})/COUNTIFS({whole})" for name, (part, whole) in formulas.items()},
            year,
        )
    )
    return [f"### {heading}", "", *lines] if lines else []


def _logic_models(data: DataSet, year: int) -> list[str]:
    of = _Cells(TABLES["logic_models"])

    def asked(kind: str) -> tuple[str, str]:
        whole = f'{of.all("kind")},"{kind}",{of.all("scope")},"はい"'
        return f'{whole},{of.all("state")},"承認済み",{of.all("failed")},""', whole

    return _counts(
        data,
        None,
        "ロジックモデル導入割合",
        {
            "ロジックモデル導入割合": asked("事務事業"),
            "ロジックモデル導入割合(施策)": asked("施策"),
        },
    )


def _plans(data: DataSet, year: int) -> list[str]:
    """What is kept by whole tables: statutory plans, and what their renewal costs."""
    done, renewed = _Cells(TABLES["statutory_plans"]).all("integrated"), _Cells(TABLES["renewals"])
    lines = list(
        _result(
            data,
            {
                "統合計画率": f'COUNTIFS({done},"はい")/(COUNTIFS({done},"はい")+COUNTIFS({done},"いいえ"))',
                "施設更新費充足率": f"SUMIFS({renewed.all('funded_yen')},{renewed.all('year')},{year})"
                f"/SUMIFS({renewed.all('needed_yen')},{renewed.all('year')},{year})",
            },
            year,
        )
    )
    return ["### 計画と施設", "", *lines] if lines else []


def _indicators(data: DataSet, year: int) -> list[str]:
    answer = _answer(data, "目標達成指標割合", None)
    if answer is None:
        return []
    of = _Cells(TABLES["indicators"])
    whole = f"{of.all('year')},{answer.year}"
    return _counts(
        data,
        answer.year,
        f"指標(実績の年度 {answer.year})",
        {
            "目標達成指標割合": (f'{whole},{of.all("status")},"達成"', whole),
            "欠測率": (f'{whole},{of.all("value")},""', whole),
            "出所付与率": (
                f'{whole},{of.all("value")},"<>",{of.all("source")},"<>"',
                f'{whole},{of.all("value")},"<>"',
            ),
        },
    )


def _proposals(data: DataSet, year: int) -> list[str]:
    answer = _answer(data, "提案成約率", None)
    if answer is None or answer.year is None:
        return []
    of = _Cells(TABLES["proposals"])
    received = of.all("received_on")
    whole = (
        f'{received},">="&DATE({answer.year},4,1),{received},"<"&DATE({answer.year + 1},4,1),'
        f'{of.all("decided_on")},"<>"'
    )
    return _counts(
        data,
        answer.year,
        f"提案成約率(受付の年度 {answer.year})",
        {"提案成約率": (f'{whole},{of.all("agreed")},"はい"', whole)},
    )
