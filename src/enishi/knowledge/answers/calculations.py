"""From a question and found passages to the engine's answer: reading, nearness of meaning, calibration. Knows no database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from enishi.engines import answers
from enishi.engines.answers import Asked, Calibration, Candidate, Choice, Close, Closeness, Line, Reading
from enishi.engines.retrieval import PieceSigns
from enishi.knowledge.answers.meaning import Nearness, Vectors
from enishi.language import everyday
from enishi.language.glossary import Understanding, understanding
from enishi.language.kana import in_usual_spelling
from enishi.language.normalising import normalise
from enishi.language.planted import is_planted
from enishi.language.reading import read
from enishi.language.sentences import Sentence, sentences

MOST_QUESTION = 500
"""Characters of a question that are understood; the rest of a very long one is left aside, and the page says so."""
MOST_CANDIDATES = 6
MOST_LINES = 14
MOST_READ = 10
"""Lines whose meaning is worked out for one question; a sentence takes about ten milliseconds."""
_MOST_LINE = 400
_LATIN = re.compile(r"[a-zA-ZÀ-ỹ]")
_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_HAN = re.compile(r"[一-鿿]")
_HANGUL = re.compile(r"[가-힣]")
_VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ]|[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_ELSEWHERE = re.compile(
    r"\b(?:Tokyo|Osaka|Kyoto|Nagoya|Yokohama|Sapporo|Hokkaido|Fukuoka|Kobe|Sendai|Hiroshima|Okinawa|Nagasaki|Chiba|Saitama|Kanagawa|Aichi|"
    r"Hyogo|Shizuoka|Niigata|Nara|China|Korea|Vietnam|America)\b|东京|大阪|京都|名古屋|横滨|札幌|北海道|福冈|도쿄|오사카|교토|나고야|요코하마|삿포로|후쿠오카"
)
_TOWN = re.compile(r"(?<![一-鿿])[一-鿿]{2,4}市(?=[のでにはへを])")
_NO_TOWNS = frozenset(
    "政令市 中核市 指定都市 政令指定都市 大都市 地方都市 特例市 隣接市 近隣市 姉妹都市 友好都市 青空市 骨董市".split()
)
_APART = re.compile(r"(?<=[ぁ-ゖ]) (?=[ぁ-ゖァ-ヺ一-鿿])")
"""Easy Japanese is written with blanks between its words."""
_SENTENCE_ENDS = re.compile(r"[。!?！？\n]+")
_CONDITION = re.compile(
    r"^(?:ただし、?|なお、?|また、?)?(.{2,40}?)(?:ときは|時は|場合は|場合に|際は|ときに限り|のとき|と、)"
)
_NOT_STATED = re.compile(
    r"言ってい(?:ました|た|る)|と聞きました|うわさ|噂|本当かどうか|らしいです|かもしれません"
    r"|(?:AI|ＡＩ|アシスタント|モデル|チャットボット)(?:へ|に告ぐ|は次)|(?:指示|命令|プロンプト)を?(?:すべて|全て)?(?:無視|忘れ)|と(?:答え|回答し|言い)(?:なさい|ろ|てください|よ)"
    r"|ignore (?:all |any )?(?:previous|prior|above)|system prompt|you are now|disregard",
    re.IGNORECASE,
)
"""Hearsay, and sentences that speak to a machine: never quoted as what an office says."""
_WORDS = 3.0
"""What all words of a question count for beside spreads of closeness, when passages are put in order."""
_ITEM = re.compile(r"^\s*(?:[・●○■◆\-*]|[(（]?\d{1,2}[.)．）、]|[①-⑳])\s*")


@dataclass(frozen=True)
class Found:
    """A passage that search found, as the engine needs it. ``context``: title and headings, or the question it answers."""

    key: str
    document: str
    text: str
    context: str
    whole: bool = False
    signs: PieceSigns | None = None
    """Its pieces where they are kept; otherwise they are read again."""
    topic: str = ""
    """What its section has to do with: 図書館 need not be said again in what the library answers."""


def calibration() -> Calibration:
    """What the labelled set taught (training/answers)."""
    kept = _learnt("confidence.json")
    return Calibration(
        kept["weights"],
        kept["bias"],
        kept["threshold"],
        kept["strict_threshold"],
        kept["foreign_threshold"],
        kept["name"],
    )


def closeness() -> Closeness:
    """What all sets but those kept back taught (training/answers/learn_closeness.py)."""
    kept = _learnt("closeness.json")
    return Closeness(kept["scales"], kept["weights"], kept["japanese"], kept["foreign"])


@lru_cache(maxsize=2)
def _learnt(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((files("enishi.knowledge.answers") / name).read_text("utf-8"))
    return kept


def language_of(text: str) -> str:
    """The language a question is written in, as far as its letters tell; mixed ones count as Japanese.

    >>> [language_of(text) for text in ("ごみの日は", "How much is it?", "多少钱", "얼마예요", "Bao nhiêu tiền?")]
    ['ja', 'en', 'zh', 'ko', 'vi']
    """
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if _VIETNAMESE.search(text):
        return "vi"
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if han and han * 2 >= latin:
        return "zh" if _SIMPLIFIED.search(text) else "ja"
    return "en" if latin >= 3 else "ja"


_SIMPLIFIED = re.compile(
    r"[们这请问么吗呢钱时间东车马门开关发员单费从为无后丰办级约约险证护应该给让说话读书买卖长广边达过还进远运选邮药图馆饭语词课处圾垃儿补贴几岁张线领哪怎谁电乡务势办术际带师帮园样种离难题]|什么|可以|多少|怎么"
)


def asked(question: str, *, own_names: Iterable[str] = (), language: str = "") -> Asked:
    """The question as the engine reads it."""
    plain = normalise(question, limit=MOST_QUESTION)
    spoken = language_of(plain)
    if spoken == "ja":
        plain = everyday.in_office_words(in_usual_spelling(_APART.sub("", plain)))
    understood = answers.understand(plain)
    if spoken != "ja" and language not in ("", "ja", "ja-easy"):
        spoken = language
    known = understanding(plain, spoken)
    said = [each for each in _SENTENCE_ENDS.split(plain) if each.strip()] or [plain]
    reading = _domestic(plain) if spoken == "ja" else _foreign(plain, known)
    return Asked(
        reading=reading,
        kind=understood.kind,
        wanted=understood.wanted,
        unit=understood.unit,
        is_strict=understood.is_strict,
        language=spoken,
        own_names=frozenset(part for name in own_names for part in _parts(name)),
        others=everyday.others_of(reading.words),
        unknown=0.0 if spoken == "ja" else known.unknown,
        told=len(said) - 1 if spoken == "ja" else 0,
        asks=read(said[-1]).vocabulary if spoken == "ja" else reading.vocabulary,
    )


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that are asked in one."""
    return answers.parts(normalise(question, limit=MOST_QUESTION))


def _domestic(plain: str) -> Reading:
    """The question in Japanese, and towns elsewhere that it names."""
    reading = read(plain)
    return replace(reading, names=reading.names | _towns_in(plain))


def _towns_in(plain: str) -> frozenset[str]:
    """Towns by what stands behind them, where their names are words as well: 「水郷市の粗大ごみ」."""
    return frozenset(name for name in _TOWN.findall(plain) if name not in _NO_TOWNS)


def _foreign(plain: str, known: Understanding) -> Reading:
    """The question in Japanese words; names of places elsewhere, as far as their letters tell."""
    return Reading(
        text=plain,
        words=known.words,
        nouns=frozenset(known.words),
        names=frozenset(_ELSEWHERE.findall(plain)),
        numbers=answers.numbers_in(plain),
    )


def words_to_search(question: Asked) -> str:
    """What search is asked: the question, and the Japanese words of one in another language."""
    if question.language == "ja":
        return question.reading.text
    return f"{question.reading.text} {' '.join(question.reading.words)}"


def _parts(name: str) -> set[str]:
    plain = normalise(name)
    reading = read(plain)
    return {plain, plain.rstrip("市町村区県府都道"), *reading.names, *reading.words}


def answer(question: Asked, found: Sequence[Found], vectors: Vectors) -> Choice:
    """Ask the engine; ``found`` comes best first."""
    compared = candidates(question, found, vectors)
    return answers.answer(question, compared, calibration(), closeness())


def candidates(question: Asked, found: Sequence[Found], vectors: Vectors) -> list[Candidate]:
    """The passages with the meaning of their most promising lines: reading every line would take a second."""
    near = Nearness(vectors, words_to_search(question))
    chosen, close = _closest(question, found, vectors)
    titles = [passage.context or passage.text[:_MOST_LINE] for passage in chosen]
    contexts, close = _by_titles(question, titles, close, near, vectors)
    lines = [lines_of(passage.text) for passage in chosen]
    read_lines = _promising(question, chosen, lines)
    scores = near.of(
        [f"{chosen[row].context} {lines[row][place].text[:_MOST_LINE]}".strip() for row, place in read_lines]
    )
    nearness = dict(zip(read_lines, scores, strict=True))
    return [
        _candidate(
            passage,
            contexts[row],
            lines[row],
            [nearness.get((row, place), 0.0) for place in range(len(lines[row]))],
            close[row],
        )
        for row, passage in enumerate(chosen)
    ]


def _by_titles(
    question: Asked, titles: list[str], close: list[Close | None], near: Nearness, vectors: Vectors
) -> tuple[list[float], list[Close | None]]:
    """How near the titles are, and closeness with what they say of it."""
    asked = vectors.asked_pieces(words_to_search(question))
    if asked is None or not titles:
        return near.of(titles), close
    whole, signs = vectors.titles(titles)
    told = [
        replace(each, as_asked=asked.met_by(title)) if each is not None else None
        for each, title in zip(close, signs, strict=True)
    ]
    return near.of_vectors(whole), told


def _closest(
    question: Asked, found: Sequence[Found], vectors: Vectors
) -> tuple[Sequence[Found], list[Close | None]]:
    """The passages worth reading line by line: those that meet the question's pieces and words."""
    asked = vectors.asked_pieces(words_to_search(question))
    if asked is None:
        return found[:MOST_CANDIDATES], [None] * len(found[:MOST_CANDIDATES])
    unread = [f"{each.context}\n{each.text}" for each in found if each.signs is None]
    again = iter(vectors.signs(unread))
    close = asked.of_all([each.signs if each.signs is not None else next(again) for each in found])
    words = set(question.reading.words)
    shares = [
        sum(question.held(word, _vocabulary(each)) for word in words) / max(len(words), 1) for each in found
    ]
    best = sorted(
        range(len(found)), key=lambda place: (-(close[place].total + _WORDS * shares[place]), place)
    )[:MOST_CANDIDATES]
    return [found[place] for place in best], [close[place] for place in best]


def _vocabulary(passage: Found) -> frozenset[str]:
    return read(passage.context).vocabulary | read(passage.text).vocabulary


def _promising(
    question: Asked, chosen: Sequence[Found], lines: Sequence[Sequence[Sentence]]
) -> list[tuple[int, int]]:
    """The lines whose meaning is worth working out: those that hold most of the question's words, the earlier first."""
    shares = []
    for row, passage in enumerate(chosen):
        context = read(passage.context).vocabulary
        for place, line in enumerate(lines[row]):
            held = read(line.text).vocabulary
            own = sum(question.held(word, held) for word in set(question.reading.words))
            around = sum(question.held(word, context) for word in set(question.reading.words))
            shares.append((-(own + 0.6 * around), row, place))
    return [(row, place) for _share, row, place in sorted(shares)[:MOST_READ]]


def _candidate(
    passage: Found,
    context_nearness: float,
    lines: Sequence[Sentence],
    nearness: Sequence[float],
    close: Close | None,
) -> Candidate:
    context = read(everyday.in_office_words(passage.context))
    return Candidate(
        key=passage.key,
        document=passage.document,
        context=context,
        lines=tuple(
            Line(read(line.text), line.start, line.end, score, is_item(line.text), _condition(line.text))
            for line, score in zip(lines, nearness, strict=True)
        ),
        context_nearness=context_nearness if passage.context else 0.0,
        whole=passage.whole,
        close=close,
        topic=_topic(passage),
    )


def _topic(passage: Found) -> frozenset[str]:
    """Words of its section, and what offices say for what it says in everyday words: 紛失 for なくした."""
    said = everyday.in_office_words(passage.text)
    more = read(said).vocabulary if said != passage.text else frozenset()
    return more | read(passage.topic).vocabulary if passage.topic else more


def _condition(line: str) -> frozenset[str]:
    found = _CONDITION.match(line)
    return read(found.group(1)).vocabulary if found else frozenset()


def is_item(line: str) -> bool:
    """Whether a line is an item of a list."""
    return bool(_ITEM.match(line))


def lines_of(text: str) -> list[Sentence]:
    """The sentences of a passage that may be quoted, the first ones of a very long one; none of one that gives orders to a machine."""
    if is_planted(text):
        return []
    lines = [line for line in sentences(text) if any(character.isalnum() for character in line.text)]
    return [line for line in lines if not _NOT_STATED.search(normalise(line.text))][:MOST_LINES]
