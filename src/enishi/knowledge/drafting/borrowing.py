"""Which sentences of a past document may be borrowed, and under which heading they belong. Pure.

A past document is more than its sentences: titles, addressees, telephone numbers, and in the minutes of a council the
questions of members and the words of the chair. Only what an office stated may stand in a new text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from enishi.knowledge.drafting.paragraphs import NARROW, Paragraph, paragraphs
from enishi.language.planted import is_order
from enishi.language.sentences import sentences
from enishi.language.tokens import content_words

SHORTEST, LONGEST = 10, 300
_TURN = re.compile(
    r"^\s*(?:[○◯〇◎◆●]\s*([^(()\s][^(()\n]{0,20})[((][^))\n]{1,20}[))]\s*"
    r"|([一-龠々ァ-ヶ]{0,6}(?:委員|議員|会長|座長|議長|市長|町長|村長|部長|課長|係長|室長|局長|所長|主幹|主査|主任|主事|事務局|教育長))"
    r"(?:[\s ]*[::]\s*|[\s ]+)(?=\S))"
)
"""「○3番(高橋君) …」 of a council, 「小林委員 …」 of a committee."""
_ASKER = re.compile(r"番$|(?<!副)議員$|(?<!長)委員$|^質問者$")
_CHAIR = re.compile(r"議長|委員長|^会長$|座長")
_ASKED_LINE = re.compile(r"^\s*(?:問|Q|Q|質問)\s*(?:\d{1,3}\s*)?[::..、 ]")
_ANSWERED = re.compile(r"^\s*(?:答弁?|[AA]|回答)\s*(?:\d{1,3}\s*)?(?:[((][^))]{1,20}[))]\s*[::]?|[::..])\s*")
_ASKS = re.compile(
    r"(?:伺い(?:ます|たい)|お(?:伺い|尋ね|たずね|聞き)(?:し|いた|す)|質問(?:いた)?します|質問(?:いた)?しました"
    r"|お答え(?:ください|願い)|ご(?:所)?見解を|ご検討ください|ご回答をお願い|ませんか|でしょうか|ないのか|のか|か)[。??]?$"
)
_RITUAL = re.compile(
    r"^定刻|^お答え(?:し|いたし|申し上げ)ます|開会(?:いた)?します|質問に(?:順次)?[、,]?(?:お答え|答弁)|^以上[、,]?|^記$|ご清栄|ご清祥|ありがとうございま|^敬具|^拝啓|答弁といたします"
    r"|との(?:発言|質問|質疑)(?:が|も)"
)
_END = re.compile(r"[。!!][」』))]?$")
_FACT = re.compile(r"^[^::。]{1,15}[::]\s?.*\d")
_NUMBERED = re.compile(
    r"^(?:[・\-*●○◎■□▶→⇒]+\s*|[((]\d{1,2}[))]\s*|\d{1,2}(?:[..、)]\s*|[\s ]+)|[①-⑳]\s*|第\d{1,2}[\s ]+)+"
)
_ITEM = re.compile(r"^\s*(?:[((]\d{1,2}[))]|\d{1,2}[\s ..、])\s*[^。\s][^。]{1,40}$")
"""The next item of an agenda: whoever spoke before has ended."""
_ASIDE = re.compile(r"^\s*(?:[(][^()。]{1,20}[)]|〔[^〕。]{1,40}〕)\s*$")
_LABEL = re.compile(r"^([一-龠々ぁ-んァ-ヶー・]{2,14})(?:[\s ]+|[::]\s*)(?=\S.{8,}。$)")


_ANNOUNCES = re.compile(
    r"^(?:(?:まず|初めに|はじめに|最初に|次に|続いて|続きまして|最後に|また|なお)[、,]?\s?)?"
    r"(?:大きな)?(?:[\d一二三四五]{1,2}点目(?:の|は|に)?[、,]?\s?)?(?P<topic>[^。、]{2,60}?)"
    r"(?:に(?:つい|つきまし|関し)て|の[ご御]質問)(?:の[ご御]質問)?"
    r"(?:(?P<whole>(?:で(?:す|あります|ございます)|(?:お答え|申し上げ|答弁)[^。、]{0,6}ます)?。?$)|(?:は|で(?:す|あります|ございます)が)[、,])"
)
"""「次に、指導者の確保についてであります。」 says nothing by itself, and names what the sentences behind it are about."""


@dataclass(frozen=True)
class Fit:
    """A sentence that may be borrowed, word for word, and the line of its document it stands under.

    ``quote`` is the sentence as it stands there, where an opening that belonged to that occasion was left out.
    ``topic`` is what the speaker announced to speak of, ``at`` where in the text it begins, ``before`` the sentence right before it in the same turn.
    """

    text: str
    label: str = ""
    quote: str = ""
    topic: str = ""
    at: int = 0
    before: "Fit | None" = None

    @property
    def is_row(self) -> bool:
        """Whether it was made of a row of a table."""
        return self.quote.startswith("|")


class Turn(NamedTuple):
    """Who speaks: somebody who asks or presides (nothing of it is borrowed), in minutes that mark each speaker with ○."""

    is_asked: bool = False
    is_marked: bool = False


NOBODY = Turn()


def fit_sentences(text: str, *, under: str = "", turn: Turn = NOBODY) -> list[Fit]:
    """What of a text may be borrowed, in its order. ``under``: its heading; ``turn``: who is speaking where it begins.

    >>> [each.text for each in fit_sentences("○3番(高橋君) 移動の足について伺います。\\n○市長(山本君) 今後は令和8年度の運行を目指します。")]
    ['今後は令和8年度の運行を目指します。']
    """
    if re.search(r"質問|通告", under.rpartition("›")[2]):
        return []
    return [each for each in _stated(text, under, turn) if SHORTEST <= len(each.text) <= LONGEST]


def titles_in(text: str) -> str:
    """The lines of a passage that are no sentences and no turns of speech: what it is about, where no heading says so."""
    lines = (line.strip().translate(NARROW) for line in text.splitlines())
    return "\n".join(line for line in lines if len(line) <= 80 and "。" not in line and not _TURN.match(line))


def turns_of(text: str) -> list[tuple[int, Turn]]:
    """Where in minutes the turns begin, and whose they are."""
    turns: list[tuple[int, Turn]] = []
    start, turn = 0, Turn()
    for line in text.splitlines(keepends=True):
        following = _next_turn(line.strip().translate(NARROW), turn)
        if following is not None:
            turn = following
            turns.append((start, turn))
        start += len(line)
    return turns


def _next_turn(line: str, turn: Turn) -> Turn | None:
    """Whose turn a line begins; nothing where it begins none."""
    found = _TURN.match(line)
    if found:
        who = (found[1] or found[2]).strip()
        return Turn(bool(_ASKER.search(who) or _CHAIR.search(who)), is_marked=bool(found[1]))
    # Where speakers are marked, only the next mark ends a turn: members number what they ask.
    return Turn() if _ITEM.match(line) and not turn.is_marked else None


def _stated(text: str, under: str, turn: Turn) -> Iterator[Fit]:
    label, topic, before = under, "", None
    heads: list[str] = []
    for paragraph in paragraphs(text):
        plain = paragraph.text.translate(NARROW)
        if plain.startswith("|"):
            heads, told = _row(paragraph, heads, label)
            yield from told
            continue
        heads = []
        following = _next_turn(plain, turn)
        if following is not None:
            turn, topic, before = following, "", None
        elif _ASIDE.match(plain):
            continue
        if turn.is_asked or _ASKED_LINE.match(plain):
            continue
        named = _TURN.match(plain)
        first = named.end() if named else 0
        answer = _ANSWERED.match(plain[first:])
        first += answer.end() if answer else 0
        for sentence in sentences(paragraph.text[first:]):
            whole = paragraph.text[first + sentence.start : first + sentence.end]
            found = _bare(whole.translate(NARROW), label)
            announced = _ANNOUNCES.match(found.text)
            if announced and not LEANS.match(found.text):
                topic = announced["topic"]
            if not _is_statement(found.text):
                if len(found.text) <= 30 and not _ASKS.search(found.text):
                    label, topic = found.text, ""
            elif announced and announced["whole"] is not None:
                before = None
            elif not (_RITUAL.search(found.text) or _ASKS.search(found.text) or is_order(found.text)):
                bare = without_occasion(found.text)
                # What is left out stands before: the rest is taken as it is written, however wide.
                before = Fit(
                    whole[-len(bare) :],
                    found.label,
                    "" if bare == found.text else whole[-len(found.text) :],
                    topic,
                    paragraph.place(first + sentence.start),
                    before,
                )
                yield before


def _row(paragraph: Paragraph, heads: list[str], label: str) -> tuple[list[str], list[Fit]]:
    """A row of a table as a sentence: 「参加する割合は、基準値が4.2%、目標値が60.0%です(出典: 学校教育課)。」"""
    cells = [cell.strip() for cell in paragraph.text.strip("|").split("|")]
    if len(cells) != len(heads) or len(cells) < 2:
        return cells, []
    told = [(head, cell) for head, cell in zip(heads[1:], cells[1:], strict=True) if head and cell]
    numbers = "、".join(f"{head}が{cell}" for head, cell in told if re.search(r"\d", cell))
    notes = "、".join(f"{head}: {cell}" for head, cell in told if not re.search(r"\d", cell))
    if not numbers or re.fullmatch(r"[\d\W]*", cells[0]):
        return heads, []
    text = f"{cells[0]}は、{numbers}です{f'({notes})' if notes else ''}。"
    return heads, [Fit(text, heads[0] or label, paragraph.text, at=paragraph.place(0))]


def _is_statement(text: str) -> bool:
    return bool(_END.search(text) or _FACT.match(text))


def _bare(text: str, label: str) -> Fit:
    """Without number and caption: 「5 背景 令和5年度の調査で…ました。」 stands under 背景."""
    text = _NUMBERED.sub("", text, count=1)
    caption = _LABEL.match(text)
    if caption:
        return Fit(text[caption.end() :], caption.group(1))
    return Fit(text, label)


_FIRST = re.compile(r"^(?:まず|初めに|はじめに|最初に|次に|続いて|続きまして|最後に)(?:は)?[、,]\s?")
_OCCASION = re.compile(
    r"^(?:(?:それでは|では|まず|次に|続きまして|なお)[、,]?)?"
    r"(?:(?:先ほど|先程|ただいま|ただ今|さきほど|今ほど)(?:の|も|来)?[、,]?)?"
    r"(?:(?:[一-龠々]{1,5}|\d{1,2}番)?議員(?:から|より|が|の|さん(?:の)?)?[、,]?\s?)?"
    r"(?:[ご御](?:指摘|質問|提案|紹介|意見|案内|発言)(?:を)?(?:いただ(?:きました|いた)|にありました|のありました|のござい(?:ました|ます)|のあった|の)?"
    r"|(?:お手元の)?資料\s?[\d0-9]{0,2}の"
    r"|(?:申し上げ|答弁し|お答えし|説明し)(?:まし)?た)?"
    r"(?:とおり|通り|ように)(?:で(?:あります|ございます)が)?[、,]"
)
"""「議員御指摘のとおり、」「先ほど申し上げましたとおり、」: said to somebody, once. What follows stands by itself."""


def without_occasion(text: str) -> str:
    """A sentence without the opening that ties it to the sitting it was spoken in.

    >>> without_occasion("議員御指摘のとおり、空き家は増えています。")
    '空き家は増えています。'
    >>> without_occasion("資料2のとおり、1月から乗合タクシーを試行します。")
    '1月から乗合タクシーを試行します。'
    """
    for opening in (_OCCASION, _FIRST):
        found = opening.match(text)
        if found and len(text) - found.end() >= SHORTEST:
            text = text[found.end() :].lstrip()
    return text


LEANS = re.compile(
    r"^(?:この(?:ため|こと|よう|中|ほか|結果|点)|その(?:ため|結果|中|後|ほか|際|うち)|これ(?:に|ら|を|は|まで?の)|それ(?:に|ら|を|は)"
    r"|こう(?:した|いった)|そこで|したがって|しかし|ただし|同(?:年|月|日|計画|事業|制度|協議会)|残る|当該|うち)"
)
"""Openings that need the sentence before them."""
ADDS = re.compile(r"^(?:また|なお|さらに|一方(?:で)?|加えて|あわせて|併せて|特に)[、,]\s?")
"""Openings that join what can stand by itself."""


_CUES: tuple[tuple[str, str], ...] = (
    (
        "実績 件数 結果 現状",
        r"\d.*(?:まし(?:た|て)|おり|であ(?:り|る|った)|でし|いる|です|した|する|増|減|実績|とどま)|状況に",
    ),
    (
        "課題 要因 教訓",
        r"課題|困難|難し|不足|できな|断念|減少|遅れ|伸び悩|とどま|支障|進ま|いな[いか]|にくい|つなが|ことから",
    ),
    (
        "今後 対応 予定 改善 お願い",
        r"今後|予定|まいり|まいる|検討|目指|めざ|進めて|拡充|新設|見直|図[るり]|取り組[むみ]|引き上げ|ください",
    ),
    (
        "取組 内容 事業 連携 協定",
        r"実施|開催|開始|設け|導入|補助|行(?:う|い|って)|連携|支援|配布|紹介|運営|協定|締結|始め",
    ),
    ("めざす姿 目標 方針 考え方", r"めざ|目指|目標|方針|考え|こととし|べき"),
    ("指標 進め方 評価", r"指標|目標|評価|までに.*\d|\d.*(?:する|とする|します)。|毎年|進捗|進み具合"),
    ("理由 条件", r"理由|ため[、。]|ことから|条件|ことです"),
    ("検討", r"検討|見送|採用|採択|判断"),
    ("日程 場所", r"日時|場所|会場|開催|時から|月\d{1,2}日"),
    ("概要 目的", r"目的|ため[、。]?|制度|開始|始め|新たに"),
    ("背景 経緯", r"背景|経緯|ことから|増加|減少|調査|踏まえ"),
)
_BELONGS, _SOUNDS = 4.0, 2.0


def belonging(fit: Fit, *, heading: str, look_for: str) -> float:
    """How well a sentence suits a heading by what it stands under and how it is worded; 0 when nothing says so.

    >>> belonging(Fit("成約は17件でした。", "実績"), heading="実績", look_for="実績 件数")
    6.0
    """
    wanted = set(content_words(f"{heading} {look_for}"))
    score = _BELONGS if wanted & set(content_words(fit.label.rpartition("›")[2])) else 0.0
    cues = [pattern for words, pattern in _CUES if any(word in look_for for word in words.split())]
    if cues:
        return score + _SOUNDS * any(re.search(pattern, fit.text) for pattern in cues)
    return score + _SOUNDS * bool(wanted & set(content_words(fit.text)))
