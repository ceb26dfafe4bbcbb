"""Minutes taken apart: what was decided, and who has to do what until when. Pure; nothing is guessed that is not written."""

import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.foundation import wareki
from enishi.knowledge.drafting.enums import MinutesKind
from enishi.language.sentences import sentences

MOST = 200
_HEAD_DECIDED = re.compile(
    r"^[\s#■◆○●【\[0-9.()]*(?:決定事項|決まったこと|合意事項|確認事項|会議の結論|結論)[】\]]?\s*$"
)
_HEAD_DECIDED_LOOSE = re.compile(r"^[\s#■◆○●【\[]+(?:決定事項|決まったこと|合意事項|確認事項)")
_HEAD_HOMEWORK = re.compile(
    r"^[\s#■◆○●【\[0-9.()]*(?:宿題|課題と担当|次回まで|今後の対応|対応事項|ToDo|TODO|アクション)"
)
_HEAD = re.compile(r"^\s*(?:#{1,4}\s|[■◆○●【]|\d+[.．、]?\s?\S{1,20}$|\(\d{1,2}\)\s?\S.{1,30}について$)")
_DECIDED = re.compile(
    r"(?:ことに(?:決定|決まっ|した|する$|する。|なった|決し)|こととし(?:た|ます|、)|こととする|ことと(?:する|なった)|(?:合意|一致)(?:し(?:た|て|まし)|を得|。|$)"
    r"|を決定|に決定|決定した|了承(?:さ|し|を得|。|$)|承認(?:さ|し|。|$)|可決|決まった|決めた|に決し|異議なし|案のとおり)"
)
_UNDECIDED = re.compile(
    r"(?:(?:前回|昨年|先般|既に|これまで|過去)[^。]{0,20}決定(?:し|され)た|決定(?:し|され)た(?:事項|内容|方針|とおり|もの|案|件)"
    r"|(?:結論|決定|判断)[はをも][^。]{0,6}(?:出さない|しない|行わない|先送り)|決めない|決まらなかった|決定しなかった|決定に至らな|合意に至らな|結論に至らな|保留|継続審議|見送|持ち越|決めていない|決まっていない|引き続き協議)"
)
_STANDS = re.compile(r"[てで](?:おり|い)ます。?$")
"""「受け入れることとし、場所を定めております」 tells how things stand."""
_PUT_OFF = re.compile(
    r"次回(?:の?会議)?[にで][^。]*(?:審議|協議|検討|議論)(?:する|します|いたします|することと)"
)
_EXPECTED = re.compile(r"見込(?:んで|んだ|まれ|む|みで)|予測|予想|推計|だった|てきた|であった")
"""What is expected or was done is nobody's task, though a day stands beside it."""
_ASSIGNED = re.compile(
    r"(?:が|は|で|にて)[^。]{0,30}(?:行う|行います|作成(?:する|し)|整理(?:する|し)|提出(?:する|し)|報告(?:する|し)|確認(?:する|し)|調整(?:する|し)|依頼(?:する|し)"
    r"|調べ|準備(?:する|し)|示す|示し|作り|作る|まとめ|出す|送る|送付(?:する|し)|発注(?:する|し)|連絡(?:する|し)|検討して|協議(?:する|し)|担当する)"
)
_ASKED = re.compile(r"のこと。?$|してください。?$|お願いする。?$|持参|事務局(?:へ|まで|に)")
_TASK = re.compile(
    r"(?:までに|宿題|持ち帰|次回(?:まで|に報告|の会議で|会議で)|を提出|を作成|を報告|を確認する|を調べ|を調整|を依頼|を準備|試算する|検討して(?:報告|くる)|案を(?:出|示|作))"
)
_DUE = re.compile(
    r"((?:令和|平成|R|H)\s?(?:元|\d{1,2})\s?[年./]\s?\d{1,2}\s?[月./]\s?\d{1,2}\s?日?|\d{4}\s?[年./]\s?\d{1,2}\s?[月./]\s?\d{1,2}\s?日?"
    r"|\d{1,2}月\d{1,2}日|(?<!\d)\d{1,2}/\d{1,2}(?!\d)|(?:(?:令和|R)\s?\d{1,2}年)?\d{1,2}月(?:上旬|中旬|下旬|末|中)|今月末|来月末|月末|年内|年度内"
    r"|来週(?:[月火水木金]曜日?)?|今週中|次回(?:の?会議)?)"
    r"(?:\s?[((][月火水木金土日][))])?\s*(?:まで(?:に)?|を目途に|に)?"
)
_LABELLED_OWNER = re.compile(r"(?:担当|責任者|主担当)\s*[::]\s*([^\s、。/|()()]{1,20})")
_ARROW_OWNER = re.compile(r"(?:→|⇒|=>)\s*([^\s、。/|()()]{1,20})")
_BRACKET_OWNER = re.compile(
    r"[((【]\s*([^\s、。/|()()【】]{1,15}?(?:課|係|部|室|局|さん|氏|社|会|団体|市|町|村))\s*[))】、,]"
)
_UNIT = r"(?:[一-龠々ァ-ヶーA-Za-z・]{1,14}?(?:課|係|部|室|局|署|センター|事務局|委員会|協議会|振興会|自治会|市|町|村|社|会)|社協|町内会|自治会)"
_POST = r"(?:[一-龠々ァ-ヶー]{1,6}(?:課長補佐|部長補佐|課長|係長|部長|室長|所長|局長|次長|参事|主幹|主査|主任|主事|園長|会長|センター長|保健師|栄養士|氏|さん|委員))"
_DOER = re.compile(
    rf"((?:{_UNIT})?\s?(?:{_POST})|{_UNIT}|各自|全員|各課|事務局|保健師|[一-龠々]{{1,8}}長)(?:が|は|で|にて)"
)
_REQUESTED = re.compile(r"([一-龠々ァ-ヶーA-Za-z・]{2,20}?)(?:におかれ(?:まし)?ては|にお願い)")
_CALLED = re.compile(rf"^[\s・\-*]*((?:{_UNIT})?(?:{_POST})|{_UNIT}|各自|全員|各課|事務局)、")
_SPEAKER = re.compile(
    rf"^[\s・\-*●○◎▶→⇒【]*((?:{_UNIT})?(?:{_POST})|{_UNIT}|[一-龠々]{{1,8}}長)(?:\s*[::]|\s*】|\s+)\s*(?=\S)"
)
_LISTED = re.compile(
    rf"^[\s・\-*→⇒▶]*(?P<what>[^::。、]{{2,60}}?)\s*[::]\s*(?P<who>(?:{_UNIT})(?:\s?{_POST})?|{_POST}|各課|事務局)(?P<rest>[\s(]+[^。]{{0,30}})?$"
)
"""「→ 要綱の改正案:学校教育課(令和9年1月29日まで)」"""
_GIVEN = re.compile(
    rf"^[\s・□☐\-*→⇒▶]*(?P<who>(?:{_UNIT}\s?)?{_POST}|{_UNIT}|[一-龠々]{{1,4}})(?:\s*(?:[::]|\.{{3,}})\s*|\s+)(?P<what>\S[^。]{{2,80}})$"
)
"""「□ 森係長  協定書の改定案 11/20」 in a list of homework."""
_SUBJECT = re.compile(r"^[\s・\-*●○◎▶→⇒0-9.)]*([^\s、。はが]{1,20}?)(?:さん|氏)?(?:が|は)[、\s]?")
_PUT = re.compile(
    r"(?:こと)?(?:に|について|で|と(?:する|いう)ことで)?(?:[、,])?(?:ご|御)?(?:異議(?:は|も)?(?:ございません|ありません|ない)(?:でしょう)?か|(?:よろしい|宜しい)(?:でしょう|です)か"
    r"|賛成の(?:方|諸君)[^。]*|了承(?:願え|いただけ)ますか)[。??]?$"
)
_AGREED = re.compile(
    r"異議な(?:し|い)|異議(?:は|も)?(?:ない|ございません|ありません)(?:よう|もの|と)|さよう決|全員賛成|挙手全員|賛成多数|それでは(?:承認|可決|決定)|(?:承認|可決|決定)されました"
)
_TURN = re.compile(r"^[\s○◯〇●◎]*[^\s、。]{1,14}(?:長|員|係|局|者|課|氏)(?:[((][^))]*[))])?[\s\u3000]+(?=\S)")
_NAMED = re.compile(
    r"^(?:担当|窓口)は[、]?\s*([^。]{1,30}?)(?:です|である|とする|とします|が(?:務め|行)[^。]{0,4}|でお願い(?:する|します))?。?$"
)
_NOTE = re.compile(r"^[\s]*[【((]([^】))。]{2,60})[】))]\s*$")
_MEETING_DAY = re.compile(r"(?:日\s*時|開\s*催\s*日|期\s*日|と\s?き)\s*[::]?\s*([^\n]{4,40})")
_NOBODY = frozenset(
    "それ これ あれ どれ 次回 今回 会議 本件 事業 費用 予算 場所 時期 資料 内容 対象 期間 以上 ここ 見積 見積り 課題 効果 "
    "市 町 村 社 会 部 係 当社 原稿 案 協定案 要綱 日程調整 研修 会場 チラシ 部会 両市 本市 当市 本町 当町 協議会案".split()
)


@dataclass(frozen=True)
class _Days:
    """When they met, and when they meet next, as far as the minutes say so."""

    met_on: dt.date | None = None
    next_on: dt.date | None = None


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


_FACT = re.compile(
    r"^[\s・○■◆\-*#]*(?:\d{1,2}[\s.．、]|\(\d{1,2}\))?\s*(?:会議名|件\s*名|日\s*時|開催日時?|期\s*日|場\s*所|会\s*場|出\s*席\s*者?|参\s*加\s*者?|欠\s*席\s*者?|出席委員|議\s*題|議\s*事(?=\s*$)|傍聴者?|事務局)\s*(?:[::]|\s+\S|$)"
)


_AGENDA = re.compile(r"\s*\(\d{1,2}\)\s?[^。]{2,60}$")
_MORE_NAMES = re.compile(r"\s{3,}(?!\(?\d)\S[^。]*$")
"""The names of those present go on below, behind a wide blank."""
_TWO_CELLS = re.compile(r"^\| ([^|]{1,12}) \| ([^|]+) \|$")
"""「日 時   令和8年…」 with a wide gap is read as a row of two cells."""
_SET_APART = re.compile(r"(?<=[0-9]) (?=[年月分回件人円%]|日(?! ?時))|(?<=[年月第和成]) (?=[0-9])")


def taken_apart(text: str) -> Minutes:
    """What minutes say was decided and is to be done."""
    lines = [_TWO_CELLS.sub(r"\1: \2", line) for line in unicodedata.normalize("NFKC", text).splitlines()]
    lines = [_SET_APART.sub("", line) for line in lines]
    days = _days("\n".join(lines))
    items: list[Item] = []
    part = before = ""
    for number, line in enumerate(lines, start=1):
        if _FACT.match(line):
            part = ""
        elif _HEAD_DECIDED.match(line) or _HEAD_DECIDED_LOOSE.match(line):
            part = MinutesKind.DECISION.value
        elif _HEAD_HOMEWORK.match(line) and not _ends(line):
            part = MinutesKind.HOMEWORK.value
        elif _HEAD.match(line) and not _ends(line):
            part = ""
        else:
            found = _of_line(line, number, part, days, before)
            if found and found[0].quote == before:
                # Put to the meeting at the foot of one page, agreed to at the head of the next.
                items = [each for each in items if each.quote != before]
            items += found
        said = [each.text for each in sentences(line)] if line.strip() and line.count("|") < 3 else []
        before = said[-1] if said else before
    return Minutes(_once(items)[:MOST], _facts(lines)[:20], days.met_on)


def _facts(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Lines that say when, where, who and about what; an agenda listed below its name goes with it."""
    found: list[tuple[str, int]] = []
    for number, line in enumerate(lines, start=1):
        if not _FACT.match(line):
            continue
        told = " ".join(line.split())
        if "題" in told[:6] and any("題" in each[:6] for each, _line in found):
            continue  # the list at the head says it; this is the heading of what was said
        if re.search(r"[題事]\s*[::]?$", told):
            below = list(itertools.takewhile(re.compile(r"\s*(?:\(\d|[①-⑳・])").match, lines[number:]))
            if len(below) == 1:
                # No list of its own: the items are the headings of what was said.
                below = [each for each in lines[number:] if _AGENDA.match(each)]
            told = " ".join([told, *(" ".join(each.split()) for each in below)])
        elif re.match(r"\D{0,6}(?:席|加)\s*者|事務局", told):
            below = list(itertools.takewhile(_MORE_NAMES.match, lines[number:]))
            told = " ".join([told, *(" ".join(each.split()) for each in below)])
        if len(told) > 9 or not re.search(r"(?:者|題|時|所|場|名|日|席|加)\s*[::]?$", told):
            found.append((told[:500], number))
    return found


def _once(items: Sequence[Item]) -> list[Item]:
    """A list of homework at the end often repeats what the minutes said before: the fuller sentence stays."""
    found: list[Item] = []
    for item in items:
        again = any(
            each.kind == item.kind and each.due_on == item.due_on and item.text.rstrip("。") in each.text
            for each in found[-50:]
        )
        if not again:
            found.append(item)
    return found


def _ends(line: str) -> bool:
    return line.rstrip().endswith(("。", "。)", "こと"))


def _of_line(line: str, number: int, part: str, days: _Days, before: str) -> list[Item]:
    if line.count("|") >= 3:
        return _of_row(line, number, part, days)
    listed = _of_list(line, number, part, days)
    if listed is not None:
        return [listed]
    speaker = _SPEAKER.match(line.lstrip())
    found: list[Item] = []
    for sentence in sentences(line):
        if _AGREED.search(sentence.text) and _PUT.search(before):
            # 「…に御異議ございませんか。(「異議なし」の声あり)」: what was put is what was decided.
            found = [each for each in found if each.quote != before]
            put = _PUT.sub("", _TURN.sub("", before)).strip()
            found.append(Item(MinutesKind.DECISION.value, _bare(put), before, number))
            before = ""
            continue
        told = _NAMED.match(sentence.text)
        if told and before:
            found += _of_note(told.group(1), before, number, days)
            before = ""
            continue
        if _AGREED.search(sentence.text) and not before and found:
            continue
        note = _NOTE.match(sentence.text)
        if note and before:
            found += _of_note(note.group(1), before, number, days)
            continue
        before = sentence.text
        for text in _tasks_of(sentence.text, part):
            kind = _kind(text, part) or _promised(text, speaker)
            if kind:
                found.append(_item(kind, text, sentence.text, number, days, speaker))
    return found


def _of_list(line: str, number: int, part: str, days: _Days) -> Item | None:
    """A line of a list of homework: what and who, or who and what, with the day behind."""
    is_homework = part == MinutesKind.HOMEWORK.value
    told = _LISTED.match(line) if is_homework or line.lstrip()[:1] in "→⇒▶・-" else None
    due_text, due_on = _due((told["rest"] or "") if told else "", days)
    if told is None or ((told["rest"] or "").strip() and not due_text):
        told = _GIVEN.match(line) if is_homework else None
        due_text, due_on = _due(told["what"], days) if told else ("", None)
    if told is None:
        return None
    what = re.sub(r"[\s(→⇒、]*(?:まで)?[)]?\s*$", "", told["what"].replace(due_text, "").replace("()", ""))
    what = re.sub(r"[\s→⇒(]*(?:\([月火水木金土日]\))?(?:まで(?:に)?)?[\s)]*$", "", what)
    return Item(MinutesKind.HOMEWORK.value, _bare(what), line.strip(), number, told["who"], due_on, due_text)


def _tasks_of(sentence: str, part: str) -> list[str]:
    """A sentence that gives work to two, in two: 「原稿は建築課が作成(12月18日まで)、税務課は1月15日までに発注する。」"""
    halves = re.split(
        r"(?<=[))])、(?=\S)|(?<=[しり])、(?=[一-龠々]{1,8}(?:課|係|部|室|局|会|社)[はが])", sentence
    )
    if len(halves) == 2 and all(_DUE.search(each) and _DOER.search(each) for each in halves):
        return halves
    return [sentence]


def _of_note(note: str, before: str, number: int, days: _Days) -> list[Item]:
    """【税務課・法務担当、次回まで】 behind a sentence: who has to see to what it says, and until when."""
    due_text, due_on = _due(note, days)
    owner = _DUE.sub("", note).strip("、, ・:").removesuffix("まで").strip("、, ・:") if due_text else note
    owner = re.sub(r"^(?:担当|宿題)\s*[::]?\s*", "", owner)
    if not due_text and not re.search(r"課|係|室|局|会|担当|さん|氏", owner):
        return []
    kind = MinutesKind.HOMEWORK.value
    told = _told(before, _SPEAKER.match(before))
    return [Item(kind, told, f"{before}【{note}】", number, owner[:100], due_on, due_text)]


_PERSON = re.compile(r"(?:長|事務局|補佐|参事|主幹|主査|主任|主事|技師|保健師|栄養士|委員|氏|さん)$")
_CHAIR = re.compile(r"(?:^|[^一-龠々])(?:会長|議長|座長)$|委員長$")
_PROMISE = re.compile(
    r"(?:検討|調査|確認|照会|報告|整理|回答|調整|協議)(?:し|いたし|致し)ます。?$|調べます。?$"
    r"|(?:検討|調査|照会|報告|整理|回答|調整|協議|提出|作成|お示し)(?:する|します|いたします|したい|いたしたい)。?$"
)
_OWN_WORK = re.compile(r"(?:[いきしちにびみりえけせてねべめれ])ます(?:ので|が|。|$)")


def _worker(speaker: "re.Match[str] | None") -> str:
    """Who speaks, where that is somebody who does what they say; a chair says what others do."""
    name = speaker.group(1).strip() if speaker else ""
    return name if _PERSON.search(name) and not _CHAIR.search(name) else ""


def _promised(text: str, speaker: "re.Match[str] | None") -> str:
    """「西村係長 … 予約の方法は検討します。」: somebody takes it upon themselves."""
    told = _PROMISE.search(text) and not _UNDECIDED.search(text) and _worker(speaker)
    return MinutesKind.HOMEWORK.value if told else ""


def _kind(text: str, part: str) -> str:
    if _PUT_OFF.search(text):
        return MinutesKind.HOMEWORK.value
    if _UNDECIDED.search(text):
        return ""
    has_due = bool(_DUE.search(text)) and "まで" in text and not (_EXPECTED.search(text) or _is_done(text))
    if part == MinutesKind.HOMEWORK or has_due or _LABELLED_OWNER.search(text):
        return MinutesKind.HOMEWORK.value
    decided = _DECIDED.search(text) and not _STANDS.search(text)
    if part == MinutesKind.DECISION or decided or text.endswith(("とする。", "とする")):
        return MinutesKind.DECISION.value
    if _EXPECTED.search(text):
        return ""
    given = _ASSIGNED.search(text) and _DOER.search(text) and text.rstrip("。").endswith(_TO_DO)
    told = _TASK.search(text) and (_owner(text) or "宿題" in text or "持ち帰" in text)
    return MinutesKind.HOMEWORK.value if given or told or _ASKED.search(text) else ""


_DONE = re.compile(r"(?:ました|した|った|いた|れた|えた)。?$")
_AGREED_TO = re.compile(
    r"(?:こと[とに](?:し|なっ|決定し|決し|決まっ)|(?:依頼|指示|お願い|決定)(?:いた)?し|求め)(?:まし)?た。?$"
)


def _is_done(text: str) -> bool:
    """「12月1日までに1,204人が利用しました。」 tells what was, unless it tells what was agreed on."""
    return bool(_DONE.search(text)) and not _AGREED_TO.search(text)


_TO_DO = ("う", "る", "す", "く", "ます", "こと", "べ")
"""Work to come ends like this in Japanese; 「説明した」 and 「示された」 are done."""


def _item(
    kind: str,
    text: str,
    quote: str,
    number: int,
    days: _Days,
    speaker: "re.Match[str] | None",
) -> Item:
    if kind == MinutesKind.DECISION:
        return Item(kind, _told(text, speaker), quote, number)
    due_text, due_on = _due(text, days)
    owner = _owner(text) or _spoken_for(text, speaker)
    return Item(kind, _told(text, speaker), quote, number, owner, due_on, due_text)


def _spoken_for(text: str, speaker: "re.Match[str] | None") -> str:
    """Whose task it is where nobody is named: of the line's head, or of whoever says in their turn that they do it."""
    if speaker is None:
        return ""
    name = speaker.group(1).strip()
    if text.startswith(speaker.group()) and not _CHAIR.search(name):
        return name
    return _worker(speaker) if _OWN_WORK.search(text) else ""


def _told(text: str, speaker: "re.Match[str] | None") -> str:
    """What is to be done without who said so, where minutes write down each speaker's turn."""
    if speaker is None or not text.startswith(speaker.group()):
        return _bare(text)
    if not (re.match(r"\s*[○◯〇●◎]", text) or _PERSON.search(speaker.group(1).strip())):
        return _bare(text)
    return _bare(re.sub(r"^(?:では|それでは|次に|なお)[、,]", "", text[speaker.end() :].strip()))


def _of_row(line: str, number: int, part: str, days: _Days) -> list[Item]:
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
    due_text, due_on = _due(due_cell, days)
    return [Item(MinutesKind.HOMEWORK.value, what, line.strip(), number, owner, due_on, due_text)]


def _owner(text: str) -> str:
    for pattern in (_LABELLED_OWNER, _ARROW_OWNER, _BRACKET_OWNER):
        match = pattern.search(text)
        if match and not _is_sentence_start(match.group(1)):
            return match.group(1).strip()
    requested = _REQUESTED.search(text)
    if requested:
        return requested.group(1).strip()
    # The last who does something: 「チラシの原稿は建築住宅課が作成」.
    doers = [each.group(1).strip() for each in _DOER.finditer(_SPEAKER.sub("", text, count=1))]
    doers = [each for each in doers if each not in _NOBODY]
    match = _SUBJECT.match(text)
    if doers:
        doer = doers[-1] if "が" in text else doers[0]
        return (
            match.group(1) if match and match.group(1).endswith(doer) and "の" not in match.group(1) else doer
        )
    called = _CALLED.match(text)
    if called:
        return called.group(1).strip()
    if match is None:
        return ""
    name = match.group(1)
    is_topic = name.endswith(("について", "に関して"))
    return "" if is_topic or name in _NOBODY or _DUE.search(name) or "の" in name or "を" in name else name


def _is_sentence_start(name: str) -> bool:
    """「→ 建築住宅課で12月4日までに…」 begins a sentence; 「→ 高齢福祉課」 names who."""
    return bool(re.search(r"\d|[でがはをに]", name))


def _due(text: str, days: _Days) -> tuple[str, dt.date | None]:
    """The day with 「まで」 behind it, else the first."""
    matches = list(_DUE.finditer(text))
    if not matches:
        return "", None
    match = next(
        (each for each in matches if "まで" in each.group() or "まで" in text[each.end() : each.end() + 2]),
        matches[0],
    )
    written = match.group(1).strip()
    if written.startswith("次回"):
        return written, days.next_on
    return written, _day(written, days.met_on)


def wareki_day(text: str) -> dt.date | None:
    try:
        return wareki.read(text)
    except wareki.UnreadableDateError:
        return None


def _day(written: str, met_on: dt.date | None) -> dt.date | None:
    day = wareki_day(written)
    return day if day is not None else _day_without_year(written, met_on)


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


_HEAD_LINES = 5
"""Where the day of a meeting stands when nothing says 「日時」."""
_DAY = r"(?:(?:令和|平成|R|H)\s?)?(?:元|\d{1,4})\s?[年./]\s?\d{1,2}\s?[月./]\s?\d{1,2}"
_NEXT_DAY = re.compile(rf"次回[^。\n]{{0,12}}?[は、::|\s]\s*(?P<day>{_DAY}|\d{{1,2}}月\d{{1,2}})")


def _days(text: str) -> _Days:
    match, met_on = _MEETING_DAY.search(text), None
    if match is not None and (found := re.search(_DAY, match.group(1))):
        met_on = _day(_with_its_end(found.group()), None)
    later = _NEXT_DAY.search(text)
    if met_on is None and (found := re.search(_DAY, "\n".join(text.strip().splitlines()[:_HEAD_LINES]))):
        met_on = _day(_with_its_end(found.group()), None)
    return _Days(met_on, _day(_with_its_end(later["day"]), met_on) if later is not None else None)


def _with_its_end(day: str) -> str:
    return day + "日" if "月" in day else day


def _bare(text: str) -> str:
    plain = re.sub(r"\s*\.{3,}\s*", ": ", text.lstrip(" ・□☐-*●○◎▶→⇒\t"))
    return re.sub(r"^なお[、,]", "", plain).strip()[:500]
