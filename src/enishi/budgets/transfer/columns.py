"""What a line of the financial system's file may tell, and which headings usually mean it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import FundKind, Level
from enishi.budgets.transfer.cells import years_named
from enishi.budgets.transfer.stages import STAGE_COLUMNS, all_stages, column_name, stage_named, stages_named


@dataclass(frozen=True)
class Column:
    """One of our names. ``known`` are headings that mean it, without spaces and units."""

    name: str
    label: str | Promise
    known: tuple[str, ...]
    level: Level | None = None
    is_code: bool = False
    is_name: bool = False


def _level(name: str, level: Level, words: str, *more: str) -> tuple[Column, Column]:
    codes = tuple(f"{words}{ending}" for ending in ("", "コード", "番号", "CD", "区分")) + more
    names = (f"{words}名", f"{words}名称", f"{words}の名称")
    return (
        Column(name, level.label, codes, level, is_code=True),
        Column(f"{name}_name", _NAMES[level], names, level, is_name=True),
    )


_NAMES: dict[Level, Promise] = {
    Level.KAN: _("款の名称"),
    Level.KO: _("項の名称"),
    Level.MOKU: _("目の名称"),
    Level.JIGYO: _("事業の名称"),
    Level.SAIJIGYO: _("細事業の名称"),
    Level.SETSU: _("節の名称"),
    Level.SAISETSU: _("細節の名称"),
}

ALL: tuple[Column, ...] = (
    Column(
        "account", _("会計コード"), ("会計", "会計コード", "会計区分", "会計番号", "会計CD"), is_code=True
    ),
    Column("account_name", _("会計名"), ("会計名", "会計名称"), is_name=True),
    Column(
        "whole",
        _("科目を一つの列に書いたコード"),
        (
            *("科目", "科目コード", "予算科目", "予算科目コード", "歳出科目", "歳出科目コード"),
            *("予算コード", "科目番号", "款項目節", "款・項・目・節", "款項目"),
        ),
        is_code=True,
    ),
    Column("whole_name", _("その科目の名称"), ("科目名", "科目名称", "予算科目名", "名称"), is_name=True),
    *_level("kan", Level.KAN, "款"),
    *_level("ko", Level.KO, "項"),
    *_level("moku", Level.MOKU, "目"),
    *_level("jigyo", Level.JIGYO, "事業", "細目", "細目コード", "大事業", "中事業", "事務事業", "予算事業"),
    *_level("saijigyo", Level.SAIJIGYO, "細事業", "小事業", "細々目"),
    *_level("setsu", Level.SETSU, "節"),
    *_level("saisetsu", Level.SAISETSU, "細節"),
    Column("side", _("歳入歳出の区分"), ("歳入歳出区分", "歳入歳出", "歳出区分", "区分")),
    Column("fiscal_year", _("年度"), ("年度", "会計年度", "予算年度")),
    Column(
        "amount",
        _("金額"),
        (
            *("金額", "予算額", "当初予算額", "要求額", "査定額", "補正額", "流用額", "充用額", "繰越額"),
            *("負担行為額", "支出負担行為額", "支出額", "支出済額", "決算額", "執行額", "予算現額"),
        ),
    ),
    Column("stage", _("段階の区分"), ("段階", "段階区分", "予算段階", "予算区分", "編成区分", "予算種別")),
    *(
        Column(column_name(stage, no), format_lazy("{}{}", stage.label, no or ""), ())
        for stage, no in all_stages()
    ),
    Column("national", FundKind.NATIONAL.label, ("国庫支出金", "国支出金", "国庫")),
    Column(
        "prefectural",
        FundKind.PREFECTURAL.label,
        ("都道府県支出金", "県支出金", "府支出金", "道支出金", "都支出金"),
    ),
    Column("bond", FundKind.BOND.label, ("地方債", "市債", "町債", "村債", "起債", "県債")),
    Column("other", FundKind.OTHER.label, ("その他特定財源", "その他", "特定財源その他")),
    Column("general", FundKind.GENERAL.label, ("一般財源", "一財")),
    Column("dated_on", _("日付"), ("日付", "年月日", "起票日", "支出日", "負担行為日", "議決日", "執行日")),
    Column(
        "resolution_no", _("議案・決裁番号"), ("議案番号", "決裁番号", "伝票番号", "起票番号", "整理番号")
    ),
    Column("note", _("摘要"), ("摘要", "内容", "説明", "件名", "備考")),
)
COLUMNS: dict[str, Column] = {column.name: column for column in ALL}
CODES: tuple[str, ...] = ("kan", "ko", "moku", "jigyo", "saijigyo", "setsu", "saisetsu")
FUNDS: tuple[str, ...] = tuple(FundKind.values)
MONEY: tuple[str, ...] = ("amount", *STAGE_COLUMNS, *FUNDS)
NEEDED: tuple[str, ...] = ("kan", "ko", "moku", "amount")
_UNIT = re.compile(r"[(\[（]\s*(?:単位)?\s*[::]?\s*(百万円|千円|円|百万|千)\s*[)\]）]")
_MARKS = re.compile(
    r"\([A-Za-z0-9ア-ン+\-=]{1,7}\)|^(?:令和|R)(?:元|\d{1,2})(?:年度)?|^本年度|^当年度"
    r"|^(?:左の)?財源内訳(?:特定財源)?(?=.)"
)
"""What a table's columns are numbered, dated and joined under one heading with."""
UNITS = {"円": 1, "千円": 1_000, "千": 1_000, "百万円": 1_000_000, "百万": 1_000_000}


def plain_heading(heading: str) -> str:
    """A heading without spaces, line breaks and the unit behind it."""
    text = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\s+", "", _UNIT.sub("", text))


def word_of(heading: str) -> str:
    """A heading as a word: 「要求額（Ａ）」 and 「R10要求額」 are 要求額."""
    return _MARKS.sub("", plain_heading(heading))


def unit_in(text: str) -> int | None:
    """The unit that a heading or a line above the table names: 「金額(千円)」, 「単位:百万円」."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    match = _UNIT.search(plain) or re.search(r"単位[::]?(百万円|千円|円)", plain)
    return UNITS[match[1]] if match else None


def _year_of(heading: str) -> int:
    """Beside last year's column stands this year's, which is meant."""
    return max(years_named(heading), default=0)


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """Which heading probably means which of our names; of several the latest year, then the first wins; each is used once."""
    found: dict[str, str] = {}
    left = [heading for heading in headings if heading.strip()]
    for column in ALL:
        matches = [each for each in left if word_of(each) in column.known]
        if matches:
            match = max(matches, key=_year_of)
            found[column.name] = match
            left.remove(match)
    if "kan" in found:
        found.pop("whole", None)
        found.pop("whole_name", None)
    return _with_stages(found, headings)


def _with_stages(found: dict[str, str], headings: Sequence[str]) -> dict[str, str]:
    """Two amounts or more that name their stage stand side by side: 要求額, 査定額, 当初予算額 …"""
    by_word = {word_of(heading): heading for heading in sorted(headings, key=_year_of)}
    stages = {column_name(*stage): by_word[word] for stage, word in stages_named(by_word).items()}
    stages = {name: heading for name, heading in stages.items() if name in STAGE_COLUMNS}
    if len(stages) < 2 or "stage" in found:
        return found
    return {name: heading for name, heading in found.items() if name not in MONEY} | stages


def missing_columns(columns: Mapping[str, str]) -> list[str]:
    """Labels of what a profile cannot do without."""
    needed = ("amount",) if columns.get("whole") else NEEDED
    by_stage = any(columns.get(name) for name in STAGE_COLUMNS)
    return [
        str(COLUMNS[name].label)
        for name in needed
        if not columns.get(name) and not (name == "amount" and by_stage)
    ]


def is_known(headings: Iterable[str]) -> bool:
    """Whether a line looks like the headings of a budget table."""
    known = {word for column in ALL for word in column.known}
    return sum(word_of(each) in known or stage_named(word_of(each)) is not None for each in headings) >= 2
