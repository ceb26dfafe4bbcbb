"""The headings of the sheets people fill in, and what each means: one list for import, export and the empty form."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from enishi.exchange.enums import (
    ChallengeStatus,
    CostTerms,
    RecordKind,
    ResourceKind,
    ResourceStatus,
    Sufferer,
)
from enishi.exchange.models import Challenge, Resource
from enishi.organizations.enums import Visibility

Reader = str
"""How a cell is read: text, day, yen, choice, choices, fields, areas, section, degrees, ignored."""


@dataclass(frozen=True)
class Column:
    """One column: the heading we write, the headings we also understand, and the value it fills."""

    heading: str
    value: str
    reader: Reader = "text"
    aliases: tuple[str, ...] = ()
    required: bool = False
    choices: Any = None
    example: str = ""
    text: Callable[[Any], object] = field(default=lambda _record: "")


def _attribute(name: str) -> Callable[[Any], object]:
    return lambda record: getattr(record, name)


def _labels(name: str, choices: Any) -> Callable[[Any], object]:
    return lambda record: ";".join(str(choices(value).label) for value in getattr(record, name))


def _label(name: str, choices: Any) -> Callable[[Any], object]:
    return lambda record: str(choices(getattr(record, name)).label)


def _names(name: str) -> Callable[[Any], object]:
    return lambda record: ";".join(str(each) for each in getattr(record, name).all())


def _day(name: str) -> Callable[[Any], object]:
    return lambda record: value.isoformat() if (value := getattr(record, name)) else ""


def _plain(heading: str, value: str, *aliases: str, required: bool = False, example: str = "") -> Column:
    return Column(heading, value, "text", aliases, required, None, example, _attribute(value))


def _date(heading: str, value: str, *aliases: str) -> Column:
    return Column(heading, value, "day", aliases, False, None, "令和9年4月1日", _day(value))


def _yen(heading: str, value: str, *aliases: str) -> Column:
    return Column(heading, value, "yen", aliases, False, None, "1,200千円", _attribute(value))


EXAMPLE_KEY = "例(この行は読みません)"
"""The row of the empty form that shows how to write."""

KEY = Column(
    "キー", "import_key", "key", ("管理番号", "整理番号", "ID", "No", "NO", "番号", "課題番号", "資源番号"),
    example=EXAMPLE_KEY, text=lambda record: record.import_key or f"#{record.pk}",
)  # fmt: skip
_SECTION = Column(
    "担当課",
    "section_id",
    "section",
    ("担当", "担当部署", "所管課", "所管", "部署", "課名"),
    text=lambda record: str(record.section or ""),
)
_FIELDS = Column(
    "分野",
    "field_ids",
    "fields",
    ("カテゴリ", "カテゴリー", "テーマ"),
    example="空き家;移住・定住",
    text=_names("fields"),
)
_VISIBILITY = Column(
    "公開範囲",
    "visibility",
    "choice",
    (),
    choices=Visibility,
    example="庁内・団体内",
    text=_label("visibility", Visibility),
)

CHALLENGE: tuple[Column, ...] = (
    KEY,
    _plain("題名", "title", "課題名", "件名", "タイトル", "名称", "課題", required=True, example="団地の見守りの担い手が足りない"),
    _plain("いま困っていること", "present_state", "現状", "課題の内容", "内容", "詳細", "概要", "背景", "現状・課題"),
    _plain("現状の数字と出典", "figures", "数字", "データ", "根拠"),
    _plain("これまでに試したこと", "tried", "これまでの取組", "取組状況"),
    _plain("めざす姿", "desired_state", "目標", "ありたい姿", "目指す姿"),
    _plain("うまくいったと言える基準", "success_measure", "成功基準", "評価指標"),
    Column("だれが困っているか", "sufferers", "choices", ("対象者",), choices=Sufferer, example="住民;行政",
           text=_labels("sufferers", Sufferer)),
    _FIELDS,
    Column("求める資源", "resource_kinds", "choices", ("求めるもの", "資源の種類"), choices=ResourceKind, example="人材;技術",
           text=_labels("resource_kinds", ResourceKind)),
    Column("対象の地域", "area_ids", "areas", ("地域", "対象地域", "市区町村"), example="あおば市", text=_names("areas")),
    _yen("予算の下限", "budget_min_yen", "予算下限", "予算の下限(円)"),
    _yen("予算の上限", "budget_max_yen", "予算上限", "予算", "予算の上限(円)", "予算額"),
    _plain("予算の枠・補足", "budget_note", "予算備考"),
    _date("締切", "due_on", "期限", "募集締切", "締め切り", "回答期限", "募集期限"),
    _date("受け入れ期間(始まり)", "window_from", "開始日", "受入開始", "開始", "開始時期", "開始予定", "着手時期", "始期"),
    _date("受け入れ期間(終わり)", "window_to", "終了日", "受入終了", "終了", "終了時期", "終了予定", "実施時期", "実施期間", "終期"),
    _plain("条件・制約", "conditions", "条件", "制約"),
    _plain("渡せるデータ", "shareable_data", "提供データ"),
    _plain("考えられる手立て", "means_considered", "解決策案", "想定する解決策", "対応策", "解決策", "対策"),
    _plain("ピッチ(一言)", "pitch", "一言", "キャッチコピー"),
    _plain("問い合わせ先", "contact_name", "連絡先"),
    _SECTION,
    _VISIBILITY,
    Column("状態", "status", "choice", ("ステータス",), choices=ChallengeStatus, example="公開",
           text=_label("status", ChallengeStatus)),
)  # fmt: skip

RESOURCE: tuple[Column, ...] = (
    KEY,
    _plain("題名", "title", "資源名", "件名", "タイトル", "名称", "サービス名", required=True, example="配達のついでの見守り"),
    Column("資源の種類", "kinds", "choices", ("種類", "種別"), choices=ResourceKind, example="人材;ノウハウ",
           text=_labels("kinds", ResourceKind)),
    _plain("できること", "offer", "内容", "概要", "詳細", "説明", "提供内容", "サービス内容"),
    _plain("対応できる量", "capacity", "規模", "定員", "数量"),
    _FIELDS,
    Column("対応できる地域", "area_ids", "areas", ("地域", "対応地域", "市区町村"), example="全国", text=lambda record: (
        "全国" if record.is_nationwide else ";".join(str(each) for each in record.areas.all()))),
    _date("提供できる期間(始まり)", "window_from", "開始日", "開始", "利用開始", "提供開始", "始期"),
    _date("提供できる期間(終わり)", "window_to", "終了日", "終了", "利用終了", "提供期間", "提供終了", "終期"),
    Column("費用", "cost_terms", "choice", ("費用区分",), choices=CostTerms, example="実費", text=_label("cost_terms", CostTerms)),
    _yen("費用の下限", "cost_min_yen", "費用の下限(円)"),
    _yen("費用の上限", "cost_max_yen", "金額", "費用の上限(円)"),
    _plain("費用の補足", "cost_note", "費用備考"),
    _plain("条件・制約", "conditions", "条件", "制約"),
    _plain("実績", "track_record", "導入実績", "活動実績"),
    _plain("問い合わせ先", "contact_name", "連絡先", "団体名", "企業名", "提供者"),
    _date("最終確認日", "confirmed_on", "確認日"),
    _date("掲載期限", "expires_on"),
    _SECTION,
    _VISIBILITY,
    Column("状態", "status", "choice", ("ステータス",), choices=ResourceStatus, example="公開",
           text=_label("status", ResourceStatus)),
)  # fmt: skip

SHEETS: dict[str, tuple[Column, ...]] = {
    RecordKind.CHALLENGE.value: CHALLENGE,
    RecordKind.RESOURCE.value: RESOURCE,
}
MODELS: dict[str, type[Challenge] | type[Resource]] = {
    RecordKind.CHALLENGE.value: Challenge,
    RecordKind.RESOURCE.value: Resource,
}


_UNIT = re.compile(r"[(（]?(?:単位)?[:\s]*((?:千|万|百万|億)?円)[)）]?$")

_REMARK = re.compile(r"\([^()]*\)$")


def unit_of(heading: str) -> str:
    """The unit a heading of money names: 千円 of 予算額(千円), nothing when it names none."""
    found = _UNIT.search(normalize("NFKC", heading).strip())
    return found[1] if found else ""


def _without_unit(heading: str) -> str:
    return _UNIT.sub("", normalize("NFKC", heading).strip())


def is_known(kind: str, heading: str) -> bool:
    """Whether a cell could be one of our headings."""
    return bool(understood(kind, (heading,)))


def understood(
    kind: str, headings: Sequence[str], chosen: Mapping[str, str] | None = None
) -> dict[str, Column]:
    """The columns of a file we can read: its headings to ours.

    What a person chose wins, then the exact heading, then an alias, then the upper of two lines.
    """
    columns = SHEETS[kind]
    found: dict[str, Column] = {}
    for heading in headings:
        value = (chosen or {}).get(folded(heading))
        column = next((column for column in columns if value and column.value == value), None)
        if column is not None and column not in found.values():
            found[heading] = column
    for heading in headings:
        if heading in found:
            continue
        exact = next((column for column in columns if folded(heading) == folded(column.heading)), None)
        if exact is not None and exact not in found.values():
            found[heading] = exact
    for is_called in (_is_alias, _is_below_alias):
        for heading in headings:
            taken = {column.value for column in found.values()}
            if heading not in found:
                free = (column for column in columns if column.value not in taken)
                alias = next((column for column in free if is_called(heading, column)), None)
                if alias is not None:
                    found[heading] = alias
    return found


def _is_below_alias(heading: str, column: Column) -> bool:
    """Of two lines the upper: 現状・課題 over いま起きていること, when nothing else is called so."""
    upper, blank, _lower = heading.partition(" ")
    return bool(blank) and folded(upper) in {folded(name) for name in (column.heading, *column.aliases)}


def _is_alias(heading: str, column: Column) -> bool:
    """Whether people call the column so, with or without a remark in brackets behind it.

    Of a heading in two lines (実施時期 over 開始日) the lower is enough.
    """
    names = {folded(name) for name in (column.heading, *column.aliases)}
    written = {folded(heading), folded(heading.rsplit(" ", 1)[-1])}
    if column.reader in ("text", "yen", "section"):
        written.add(folded(_REMARK.sub("", normalize("NFKC", heading).strip())))
    if column.reader == "yen":
        written.add(folded(_without_unit(heading)))
    return bool(written & names)


def folded(heading: str) -> str:
    """A heading without what people write differently: width, blanks, brackets, stars, units."""
    text = normalize("NFKC", heading).casefold()
    return "".join(character for character in text if character not in " \t\n*.※()（）[]【】「」・:：_-ー")
