"""Minutes taken apart: what was decided, and who has to do what until when. Pure; nothing is guessed that is not written."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.foundation import wareki
from enishi.knowledge.drafting.enums import MinutesKind
from enishi.language.sentences import sentences

MOST = 200
_HEAD_DECIDED = re.compile(r"^[\s#■◆○●【\[0-9.]*(?:決定事項|決まったこと|合意事項|確認事項)")
_HEAD_HOMEWORK = re.compile(
    r"^[\s#■◆○●【\[0-9.]*(?:宿題|課題と担当|次回まで|今後の対応|対応事項|ToDo|TODO|アクション)"
)
_HEAD = re.compile(r"^\s*(?:#{1,4}\s|[■◆○●【]|\d+[.．、]\s?\S{1,20}$)")
_DECIDED = re.compile(
    r"(?:ことに(?:決定|決まっ|した|する$|する。|なった)|こととし(?:た|ます)|ことと(?:する|なった)|で合意|を決定|に決定|決定した|了承(?:さ|し|を得)|承認(?:さ|し)|可決|決まった|決めた)"
)
_UNDECIDED = re.compile(
    r"(?:決まらなかった|決定しなかった|決定に至らな|合意に至らな|保留|継続審議|見送|持ち越|決めていない|決まっていない)"
)
_TASK = re.compile(
    r"(?:までに|宿題|持ち帰|次回(?:まで|に報告)|を提出|を作成|を報告|を確認する|を調べ|を調整|を依頼|を準備|試算する|検討して(?:報告|くる)|案を(?:出|示|作))"
)
_DUE = re.compile(
    r"((?:令和|平成|R|H)?\s?(?:元|\d{1,4})\s?[年./]\s?\d{1,2}\s?[月./]\s?\d{1,2}\s?日?|\d{1,2}月\d{1,2}日|\d{1,2}/\d{1,2}|\d{1,2}月(?:上旬|中旬|下旬|末)|今月末|来月末|月末|年内|年度内|来週(?:[月火水木金]曜日?)?|今週中|次回(?:会議|の会議)?)(?:\s?[((][月火水木金土日][))])?\s*(?:まで(?:に)?|を目途に|に)?"
)
_LABELLED_OWNER = re.compile(r"(?:担当|責任者|主担当)\s*[::]\s*([^\s、。/|()()]{1,20})")
_ARROW_OWNER = re.compile(r"(?:→|⇒|=>)\s*([^\s、。/|()()]{1,20})")
_BRACKET_OWNER = re.compile(
    r"[((【]\s*([^\s、。/|()()【】]{1,15}?(?:課|係|部|室|局|さん|氏|社|会|団体|市|町|村))\s*[))】、,]"
)
_SUBJECT = re.compile(r"^[\s・\-*●○◎▶0-9.)]*([^\s、。はが]{1,20}?)(?:さん|氏)?(?:が|は)[、\s]?")
_MEETING_DAY = re.compile(r"(?:日時|開催日|期日|と\s?き)\s*[::]?\s*([^\n]{4,40})")
_NOBODY = frozenset(
    "それ これ あれ どれ 次回 今回 会議 本件 事業 費用 予算 場所 時期 資料 内容 対象 期間 以上 全員 ここ 見積 見積り 課題 効果".split()
)


@dataclass(frozen=True)
class Item:
    """A decision or a piece of homework; ``quote`` is the sentence it stands in, ``line`` counted from 1."""

    kind: str
    text: str
    quote: str
    line: int
    owner: str = ""
    due_on: dt.date | None = None
    due_text: str = ""


@dataclass(frozen=True)
class Minutes:
    items: Sequence[Item]
    facts: Sequence[tuple[str, int]]
    """Lines that say when, where and who: taken over as they are, with their place."""
    met_on: dt.date | None = None


_FACT = re.compile(r"^[\s・○■]*(?:会議名|件名|日時|開催日|場所|会場|出席者?|参加者?|欠席者?|議題)\s*[::]?")


def taken_apart(text: str) -> Minutes:
    """What minutes say was decided and is to be done."""
    lines = unicodedata.normalize("NFKC", text).splitlines()
    met_on = _met_on("\n".join(lines))
    items: list[Item] = []
    part = ""
    for number, line in enumerate(lines, start=1):
        if _HEAD_DECIDED.match(line):
            part = MinutesKind.DECISION.value
        elif _HEAD_HOMEWORK.match(line):
            part = MinutesKind.HOMEWORK.value
        elif _HEAD.match(line):
            part = ""
        else:
            items += _of_line(line, number, part, met_on)
    facts = [(line.strip(), number) for number, line in enumerate(lines, start=1) if _FACT.match(line)][:20]
    return Minutes(items[:MOST], facts, met_on)


def _of_line(line: str, number: int, part: str, met_on: dt.date | None) -> list[Item]:
    if line.count("|") >= 3:
        return _of_row(line, number, part, met_on)
    found = []
    for sentence in sentences(line):
        kind = _kind(sentence.text, part)
        if kind:
            found.append(_item(kind, sentence.text, number, met_on))
    return found


def _kind(text: str, part: str) -> str:
    if _UNDECIDED.search(text):
        return ""
    has_due = bool(_DUE.search(text)) and "まで" in text
    if part == MinutesKind.HOMEWORK or has_due or _LABELLED_OWNER.search(text):
        return MinutesKind.HOMEWORK.value
    if part == MinutesKind.DECISION or _DECIDED.search(text):
        return MinutesKind.DECISION.value
    return (
        MinutesKind.HOMEWORK.value
        if _TASK.search(text) and (_owner(text) or "宿題" in text or "持ち帰" in text)
        else ""
    )


def _item(kind: str, text: str, number: int, met_on: dt.date | None) -> Item:
    if kind == MinutesKind.DECISION:
        return Item(kind, _bare(text), text, number)
    due_text, due_on = _due(text, met_on)
    return Item(kind, _bare(text), text, number, _owner(text), due_on, due_text)


def _of_row(line: str, number: int, part: str, met_on: dt.date | None) -> list[Item]:
    """A row of a table: what, who, until when, in whichever order."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    heading = any(cell in {"担当", "期限", "内容", "決定事項", "宿題", "担当者"} for cell in cells) or set(
        "".join(cells)
    ) <= set("-: ")
    if heading or not any(cells):
        return []
    due_cell = next((cell for cell in cells if _DUE.fullmatch(cell) or wareki_day(cell)), "")
    if not due_cell and part != MinutesKind.HOMEWORK:
        return []
    rest = [cell for cell in cells if cell and cell != due_cell and not cell.isdigit()]
    what = max(rest, key=len, default="")
    owner = next((cell for cell in rest if cell != what and len(cell) <= 20), "")
    if not what:
        return []
    due_text, due_on = _due(due_cell, met_on)
    return [Item(MinutesKind.HOMEWORK.value, what, line.strip(), number, owner, due_on, due_text)]


def _owner(text: str) -> str:
    for pattern in (_LABELLED_OWNER, _ARROW_OWNER, _BRACKET_OWNER):
        match = pattern.search(text)
        if match:
            return match.group(1).strip()
    match = _SUBJECT.match(text)
    if match is None:
        return ""
    name = match.group(1)
    return "" if name in _NOBODY or _DUE.search(name) else name


def _due(text: str, met_on: dt.date | None) -> tuple[str, dt.date | None]:
    match = _DUE.search(text)
    if match is None:
        return "", None
    written = match.group(1).strip()
    day = wareki_day(written)
    return written, day if day is not None else _day_without_year(written, met_on)


def wareki_day(text: str) -> dt.date | None:
    try:
        return wareki.read(text)
    except wareki.UnreadableDateError:
        return None


def _day_without_year(written: str, met_on: dt.date | None) -> dt.date | None:
    """「12月10日」 is the next one after the meeting; without the meeting's day it stays as it is written."""
    match = re.fullmatch(r"(\d{1,2})[月/](\d{1,2})日?", written)
    if match is None or met_on is None:
        return None
    for year in (met_on.year, met_on.year + 1):
        try:
            day = dt.date(year, int(match.group(1)), int(match.group(2)))
        except ValueError:
            return None
        if day >= met_on:
            return day
    return None


def _met_on(text: str) -> dt.date | None:
    match = _MEETING_DAY.search(text)
    if match is None:
        return None
    found = re.search(
        r"(?:(?:令和|平成|R|H)\s?)?(?:元|\d{1,4})\s?[年./]\s?\d{1,2}\s?[月./]\s?\d{1,2}", match.group(1)
    )
    return wareki_day(found.group() + ("日" if "月" in found.group() else "")) if found else None


def _bare(text: str) -> str:
    return text.lstrip(" ・-*●○◎▶\t").strip()[:500]
