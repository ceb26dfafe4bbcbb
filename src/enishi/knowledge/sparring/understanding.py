"""A question taken apart: where, in which field, about what, how it ended, how many things to mind. Pure: no database."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.staff.english import in_japanese
from enishi.language.places import PREFECTURE_CODES
from enishi.language.tokens import content_words, tokens

LONGEST = 500
DEFAULT_LESSONS = 5
MOST_LESSONS = 10
MOST_THEMES = 12

REGIONS: Mapping[str, tuple[str, ...]] = {
    "東北": ("02", "03", "04", "05", "06", "07"),
    "関東": ("08", "09", "10", "11", "12", "13", "14"),
    "北陸": ("15", "16", "17", "18"),
    "甲信": ("19", "20"),
    "東海": ("21", "22", "23", "24"),
    "近畿": ("25", "26", "27", "28", "29", "30"),
    "関西": ("25", "26", "27", "28", "29", "30"),
    "中国地方": ("31", "32", "33", "34", "35"),
    "四国": ("36", "37", "38", "39"),
    "九州": ("40", "41", "42", "43", "44", "45", "46"),
}
"""Names people use for several prefectures; they overlap and have no code of their own."""

FIELD_WORDS: Mapping[str, tuple[str, ...]] = {
    "食": ("食", "食材", "食品", "料理", "特産品", "給食", "レストラン", "加工品"),
    "農林水産": ("農業", "林業", "漁業", "水産", "農産物", "酪農", "畑"),
    "観光": ("観光", "宿泊", "旅行", "ツアー", "体験"),
    "福祉": ("福祉", "高齢者", "介護", "見守り", "障害"),
    "子育て": ("子育て", "保育", "児童", "こども", "子ども"),
    "教育": ("教育", "学校", "学習", "図書館"),
    "交通": ("交通", "バス", "移動", "タクシー", "乗り合い"),
    "防災": ("防災", "災害", "避難"),
    "環境": ("環境", "ごみ", "脱炭素", "再エネ", "リサイクル"),
    "移住": ("移住", "定住", "空き家", "関係人口"),
    "産業": ("産業", "商店街", "創業", "企業誘致", "商工"),
    "健康": ("健康", "医療", "健診", "運動"),
    "行政": ("行政", "窓口", "電子申請", "デジタル化", "業務改善"),
    "文化": ("文化", "祭り", "伝統", "芸術", "文化財"),
    "公共施設": ("公共施設", "廃校", "公園", "公民館"),
}
"""Words by which a field of cases is meant though its name is not said."""

_SUCCESS = (
    "うまくいっ",
    "うまくいく",
    "上手くいっ",
    "上手くいく",
    "うまく行っ",
    "成功",
    "良かった",
    "よかった",
    "効果があった",
    "続いた",
)
_FAILURE = (
    "失敗",
    "うまくいかな",
    "うまくいってな",
    "上手くいかな",
    "うまく行かな",
    "だめだっ",
    "ダメだっ",
    "駄目だっ",
    "つまず",
    "続かなかった",
    "断られ",
)
_STOPPED = (
    "途中でやめ",
    "途中で終わ",
    "中止",
    "中断",
    "打ち切",
    "取りやめ",
    "やめた",
    "やめてし",
    "やめるこ",
    "撤退",
    "頓挫",
)
_ANYWHERE = ("全国", "どこでも", "場所は問わ", "地域を問わ", "ほかの地域でも", "他の地域でも")
_ANY_FIELD = ("すべての分野", "全分野", "分野は問わ", "分野を問わ")
_NUMBERS = {letter: number for number, letter in enumerate("一二三四五六七八九十", start=1)}
_HOW_MANY = re.compile(r"(\d{1,2}|[一二三四五六七八九十])(?:つ|個|点|か条|ヶ条|箇条)")
_MUNICIPALITY = re.compile(r"(?:[一-龠々ヶケァ-ヴーぁ-ん]{1,8}?(?:市|町|村|区))")
_NO_JOURNEY = re.compile(r"移動(?=販売|スーパー|店舗|図書館|式|型)")
"""A shop on wheels is no question of transport."""
_EMPTY = frozenset(
    content_words(
        "プロジェクト 事業 取組 取り組み 過去 これまで 事例 うまくいく うまくいかない 成功 失敗 成功例 失敗例 気をつける 注意 "
        "教える 知る 場合 結果 理由 教訓 学ぶ 相談 進める 行う する 町 市 村 自治体 地域 全国 分野 中止 途中 やめる 点 つ 個 "
        "ポイント 良い 続く 続ける 調べる 聞く どう 何 条件 コツ 参考 探す まとめる だめ ダメ 駄目 例 終わる 頓挫 案件 共通 後 今 現在 やる "
        "一緒 組む 使う 際 時 取り組む 原因 要因 なぜ 民間 仕舞う しまう"
    )
)


@dataclass(frozen=True)
class Understood:
    """A question as it was understood. Empty means: not asked for, so anything."""

    prefectures: tuple[str, ...] = ()
    place: str = ""
    fields: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    lessons: int = DEFAULT_LESSONS

    @property
    def is_empty(self) -> bool:
        return not (self.prefectures or self.place or self.fields or self.outcomes or self.themes)


def understand(text: str, *, fields: Sequence[str], places: Sequence[str] = ()) -> Understood:
    """Take a question apart. ``fields`` and ``places`` are those that cases are told of.

    >>> found = understand("北海道の食のプロジェクトで、うまくいったこと・失敗したこと・気をつける3つ", fields=["食", "観光"])
    >>> (found.prefectures, found.fields, found.themes, found.lessons)
    (('01',), ('食',), (), 3)
    """
    plain = in_japanese(unicodedata.normalize("NFKC", text)[:LONGEST])
    prefectures, named = _prefectures(plain)
    place = _place(plain, places, named)
    found_fields, field_words = _fields(plain, fields)
    used = set(content_words(" ".join([*named, place, *field_words])))
    themes = [word for word in dict.fromkeys(content_words(plain)) if word not in _EMPTY and word not in used]
    return Understood(
        prefectures=prefectures,
        place=place,
        fields=found_fields,
        outcomes=_outcomes(plain),
        themes=tuple(themes[:MOST_THEMES]),
        lessons=_lessons(plain),
    )


def narrowed(
    before: Understood, text: str, *, fields: Sequence[str], places: Sequence[str] = ()
) -> Understood:
    """What a further question changes: what it names takes the place of what was there, words are added."""
    new = understand(text, fields=fields, places=places)
    plain = in_japanese(unicodedata.normalize("NFKC", text))
    anywhere = any(word in plain for word in _ANYWHERE)
    any_field = any(word in plain for word in _ANY_FIELD)
    has_place = bool(new.prefectures or new.place)
    return replace(
        before,
        prefectures=new.prefectures if has_place else () if anywhere else before.prefectures,
        place=new.place if has_place else "" if anywhere else before.place,
        fields=new.fields or (() if any_field else before.fields),
        outcomes=new.outcomes or before.outcomes,
        themes=tuple(dict.fromkeys([*before.themes, *new.themes]))[:MOST_THEMES],
        lessons=new.lessons if _HOW_MANY.search(plain) else before.lessons,
    )


def corrected(found: Understood, changes: Mapping[str, Any]) -> Understood:
    """The same with what a person put right by hand."""
    known = {name: changes[name] for name in Understood.__dataclass_fields__ if name in changes}
    several: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in known.items()
    }
    return replace(found, **several)


def _prefectures(text: str) -> tuple[tuple[str, ...], list[str]]:
    codes: list[str] = []
    named: list[str] = []
    for region, members in REGIONS.items():
        if region in text:
            codes += members
            named.append(region)
    words = {token.surface for token in tokens(text)}
    for name, code in PREFECTURE_CODES.items():
        short = name if name == "北海道" else name[:-1]
        if name in text or short in words:
            codes.append(code)
            named += [name, short]
    return tuple(dict.fromkeys(codes)), named


def _place(text: str, places: Sequence[str], named: Sequence[str]) -> str:
    """A municipality that cases are told of; else nothing: a place nobody tells of would only hide cases."""
    for place in sorted(places, key=len, reverse=True):
        for match in _MUNICIPALITY.finditer(place):
            name = match.group()
            for prefecture in PREFECTURE_CODES:
                name = name.removeprefix(prefecture)
            if len(name) >= 2 and name in text and name not in named:
                return name
    return ""


def _fields(text: str, fields: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    words = {token.surface for token in tokens(text)} | {token.normal for token in tokens(text)}
    found, used = [], []
    for name in fields:
        if _says(text, words, name):
            found.append(name)
            used.append(name)
    if not found:
        text = _NO_JOURNEY.sub("", text)
        for name in fields:
            said = [word for word in FIELD_WORDS.get(name, ()) if _says(text, words, word)]
            if said:
                found.append(name)
    return tuple(found), used


def _says(text: str, words: set[str], name: str) -> bool:
    """A short name must stand as a word of its own: 「食」 is not in 「食い違い」."""
    return name in words if len(name) < 2 else name in text


def _outcomes(text: str) -> tuple[str, ...]:
    failed = any(word in text for word in _FAILURE)
    rest = text
    for word in _FAILURE:
        rest = rest.replace(word, "")
    worked = any(word in rest for word in _SUCCESS)
    stopped = any(word in text for word in _STOPPED)
    found: list[str] = []
    if worked:
        found += [CaseOutcome.WORKED.value, CaseOutcome.PARTLY.value]
    if failed:
        found += [CaseOutcome.FAILED.value, CaseOutcome.STOPPED.value]
    elif stopped:
        found.append(CaseOutcome.STOPPED.value)
    return () if len(found) == len(CaseOutcome.values) else tuple(found)


def _lessons(text: str) -> int:
    match = _HOW_MANY.search(text)
    if match is None:
        return DEFAULT_LESSONS
    written = match.group(1)
    number = _NUMBERS[written] if written in _NUMBERS else int(written)
    return max(1, min(MOST_LESSONS, number))
