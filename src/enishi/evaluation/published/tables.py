"""The tables of published data: their columns, in words for people and as names for programs.

Whoever publishes writes by these, whoever recomputes reads by these: one description for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "year", "yen", "whole", "flag", "day", "choice"]

YES, NO = "はい", "いいえ"
INITIAL, SUPPLEMENTARY = "当初", "補正"
COURSES = ("拡充", "継続", "継続(経過観察)", "改善", "縮小", "統合", "休止", "廃止", "終了")
REFLECTIONS = ("反映", "一部反映", "未反映", "次年度以降", "対象外")
MODEL_STATES = ("なし", "作成中", "承認済み")
STANDINGS = ("達成", "順調", "やや遅れ", "遅れ", "後退", "判定不能")
UNITS = ("事務事業", "施策")
FATES = ("実現", "継続中", "離脱")


@dataclass(frozen=True)
class Column:
    """One column. ``label`` heads it in CSV, ``key`` names it in JSON; readers take either."""

    key: str
    label: str
    words: str
    kind: Kind = "text"
    needed: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One file. ``unique`` are the columns that tell its rows apart."""

    key: str
    title: str
    words: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    is_brought: bool = False
    """Not in what is published here: whoever wants its number brings the table."""

    def column(self, heading: str) -> Column | None:
        return next((each for each in self.columns if heading in (each.key, each.label)), None)


_DECISION = Column("decision", "決定番号", "改善決定を見分ける番号")

EVALUATIONS = Table(
    "evaluations",
    "評価した事業",
    "その年度に評価した事業・施策。一行が一つの評価の対象。見直し率の分母になる。",
    (
        Column("subject", "対象番号", "評価した事業(6桁)か施策の番号"),
        Column("evaluated_year", "評価年度", "評価した年度(その年度の実績を見た年度)", "year"),
        Column("title", "名称", "事業・施策の名前"),
        Column("kind", "単位", "事務事業か施策か。空は事務事業", "choice", needed=False, choices=UNITS),
        Column("section", "所管", "所管の課", needed=False),
        Column("selected_because", "選んだ理由", "評価の対象に選んだ理由", needed=False),
        Column("judgement", "判定", "最後の段階の判定", needed=False),
    ),
    ("kind", "subject", "evaluated_year"),
)
DECISIONS = Table(
    "decisions",
    "改善決定",
    "評価を受けて決めた方向。一行が一つの決定。",
    (
        _DECISION,
        Column("subject", "対象番号", "評価した事業・施策の番号"),
        Column("title", "名称", "事業・施策の名前"),
        Column("evaluated_year", "評価年度", "評価した年度", "year"),
        Column("target_year", "対象年度", "決定を予算に表す年度", "year", needed=False),
        Column("course", "方向", "決めた方向", "choice", choices=COURSES),
        Column("budget_relevant", "予算に関わる", "予算に関わる決定か", "flag"),
        Column("decided_yen", "決定した増減額", "決めた増減の額(円)。減は負の数", "yen", needed=False),
        Column("content", "内容", "決定の内容", needed=False),
        Column("decided_on", "決定日", "決定した日", "day", needed=False),
        Column("followups", "フォローの数", "決定のあとに確かめることの数", "whole", needed=False),
        Column("followups_done", "済んだフォローの数", "そのうち済んだ数", "whole", needed=False),
    ),
    ("decision",),
)
REFLECTION_ROWS = Table(
    "reflections",
    "予算への反映",
    "決定が予算にどう表れたか。一行が一つの決定・年度・段階。反映率は段階が「当初」(当初予算の議決)の行だけで計算する。",
    (
        _DECISION,
        Column("year", "年度", "予算の年度", "year"),
        Column("stage", "段階", "予算の段階(要求・査定・当初・補正)"),
        Column("before_yen", "反映前の額", "前の年度の同じ段階・同じ科目の額(円)", "yen", needed=False),
        Column("after_yen", "反映後の額", "その年度の同じ段階・同じ科目の額(円)", "yen", needed=False),
        Column("delta_yen", "増減額", "反映後 − 反映前(円)", "yen", needed=False),
        Column("status", "反映の状況", "反映の状況", "choice", choices=REFLECTIONS),
        Column("reason", "理由", "未反映などの理由", needed=False),
    ),
    ("decision", "year", "stage"),
)
ENTRIES = Table(
    "entries",
    "反映の裏付け",
    "反映前と反映後の額のもとになった予算の科目と額。足すと「予算への反映」の額になる。",
    (
        _DECISION,
        Column("year", "年度", "反映の行の年度", "year"),
        Column("stage", "段階", "反映の行の段階"),
        Column("side", "前後", "反映前か反映後か", "choice", choices=("前", "後")),
        Column("budget_year", "予算年度", "科目の年度", "year"),
        Column("code", "科目", "款項目から続く科目の番号"),
        Column("name", "科目名", "科目の名前", needed=False),
        Column("yen", "額", "この決定の事業に配分された額(円)", "yen"),
    ),
    ("decision", "year", "stage", "side", "budget_year", "code"),
)
LOGIC_MODELS = Table(
    "logic_models",
    "ロジックモデル",
    "施策・事務事業ごとのロジックモデルの状態。",
    (
        Column("unit", "単位番号", "施策・事務事業の番号"),
        Column("title", "名称", "施策・事務事業の名前"),
        Column("kind", "単位", "事務事業か施策か。空は事務事業", "choice", needed=False, choices=UNITS),
        Column("scope", "対象", "数える対象か(内部管理は対象外)", "flag"),
        Column("state", "状態", "ロジックモデルの状態", "choice", choices=MODEL_STATES),
        Column("failed", "満たさない規則", "満たさない規則 L1〜L5 を「、」で区切る", needed=False),
    ),
    ("kind", "unit"),
)
INDICATORS = Table(
    "indicators",
    "指標",
    "指標の年度ごとの状況。",
    (
        Column("indicator", "指標番号", "指標を見分ける番号"),
        Column("year", "年度", "実績の年度", "year"),
        Column("title", "名称", "指標の名前"),
        Column("status", "状況", "達成・順調・やや遅れ・遅れ・後退・判定不能", "choice", choices=STANDINGS),
        Column("value", "実績値", "その年度の実績値", needed=False),
        Column("unit", "単位", "実績値の単位", needed=False),
        Column("progress", "進捗率", "(実績 − 基準) ÷ (目標 − 基準)を「分子/分母」で", needed=False),
        Column("reason", "判定できない理由", "判定不能の理由", needed=False),
        Column("due_on", "期限", "実績を登録する期限", "day", needed=False),
        Column("recorded_on", "登録日", "実績を登録した日", "day", needed=False),
        Column("source", "出所", "実績値の出所", needed=False),
    ),
    ("indicator", "year"),
)
PROPOSALS = Table(
    "proposals",
    "提案",
    "受け付けた提案がどうなったか。",
    (
        Column("proposal", "提案番号", "提案を見分ける番号"),
        Column("received_on", "受付日", "受け付けた日", "day"),
        Column("decided_on", "決定日", "採択・不採択などを決めた日。決定前は空", "day", needed=False),
        Column("agreed", "成約", "契約・協定に至ったか", "flag"),
        Column("refusal", "不採択の理由", "不採択の理由", needed=False),
        Column("fate", "その後", "実現(事業開始)・継続中・離脱(不採択・取下げ)", "choice", choices=FATES),
        Column("ended_on", "その後の日", "事業を始めた日か離れた日。継続中は数えた日", "day", needed=False),
    ),
    ("proposal",),
)

STATUTORY_PLANS = Table(
    "statutory_plans",
    "法令が求める計画",
    "法令が求める計画の一覧と、それを兼ねる文書。統合計画率の分母は、この一覧に載せた計画の数。",
    (
        Column("plan", "計画", "法令が求める計画の名前"),
        Column("law", "法令", "法令と条", needed=False),
        Column("integrated", "兼ねる文書がある", "ほかの文書が兼ねているか(一体的に策定したか)", "flag"),
        Column("document", "兼ねる文書", "兼ねている文書の名前。公開していない文書は空", needed=False),
        Column("certainty", "根拠の確かさ", "法令の根拠を原典で確かめたか", needed=False),
    ),
    ("plan",),
)
RENEWALS = Table(
    "renewals",
    "施設の更新費",
    "公共施設・インフラの更新に要る額と、手当てのついた財源。",
    (
        Column("year", "年度", "年度", "year"),
        Column("kind", "区分", "建物・道路・橋などの区分"),
        Column("needed_yen", "必要額", "その年度の更新に要る額(円)", "yen"),
        Column("funded_yen", "財源", "手当てのついた額(円)", "yen"),
    ),
    ("year", "kind"),
    is_brought=True,
)

TABLES: Mapping[str, Table] = {
    table.key: table
    for table in (
        *(EVALUATIONS, DECISIONS, REFLECTION_ROWS, ENTRIES, LOGIC_MODELS, INDICATORS, PROPOSALS),
        *(STATUTORY_PLANS, RENEWALS),
    )
}
"""By the name of the file without its ending."""

MANIFEST = "about.json"
"""What the data are: whose, of which year, frozen when, and the sha256 of each file."""


def kind_in_words(column: Column) -> str:
    """How a cell of this column is written."""
    written = {
        "text": "文字",
        "year": "年度(西暦4桁、始まりの年)",
        "yen": "円(整数、減は負の数)",
        "whole": "0以上の整数",
        "flag": f"{YES}・{NO}",
        "day": "年月日(2026-11-22)",
        "choice": "・".join(column.choices),
    }
    return written[column.kind]
