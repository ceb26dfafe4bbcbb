"""Why a match: phrases of both texts that met, conditions met and not met, what would raise it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from enishi.engines.core import IntArray
from enishi.engines.matching.conditions import FRESH_DAYS, NATIONWIDE_FIT, SAME_FIELD
from enishi.engines.matching.model import (
    Can,
    Evidence,
    Match,
    Part,
    Phrase,
    Reason,
    ReasonKind,
    View,
    Want,
    Word,
)
from enishi.engines.matching.segments import term_hash
from enishi.engines.matching.space import Space

MOST_PHRASES = 4
_NEAR_WORDS = 0.5
_LOOKED_AT = 20
"""So many places of a word are tried for the longest run."""
_LEAST_RARITY = 3.0
"""Words that one text in twenty has say nothing about why these two met."""

KIND_NAMES = {
    "people": "人材",
    "technology": "技術",
    "facility": "施設",
    "space": "空間",
    "funds": "資金",
    "goods": "物品・特産品",
    "data": "データ",
    "knowhow": "ノウハウ",
    "brand": "ブランド",
}


def explain(want: Want, can: Can, match: Match, space: Space, *, as_of: dt.date) -> Match:
    """Return the match with its phrases and reasons.

    Parameters
    ----------
    want, can : the two sides of ``match``, with their texts and words
    """
    phrases = meeting_phrases(want.evidence, can.evidence, space)
    reasons = [
        *_text_reasons(match, phrases),
        *(reason for part in match.parts for reason in _condition(part, want, can, as_of)),
    ]
    return replace(match, phrases=phrases, reasons=tuple(reasons))


def meeting_phrases(want: Evidence, can: Evidence, space: Space) -> tuple[Phrase, ...]:
    """Return pieces of the two texts that met, the most telling first.

    Words that stand on both sides come first, rarest first and joined to the longest common run; then words that
    are near in meaning. Each piece stands literally in its own text.
    """
    shared = _shared_phrases(want, can, space)
    room = MOST_PHRASES - len(shared)
    used = [(phrase.want_start, phrase.can_start) for phrase in shared]
    return (*shared, *_near_phrases(want, can, space, used)[: max(room, 0)])


def _shared_phrases(want: Evidence, can: Evidence, space: Space) -> list[Phrase]:
    places: dict[str, list[int]] = {}
    for position, word in enumerate(can.words):
        places.setdefault(word.normal, []).append(position)
    found: list[Phrase] = []
    position = 0
    while position < len(want.words):
        others = places.get(want.words[position].normal, ())
        # The first of the longest: a word alone says less than the compound it stands in.
        length, first = max(
            ((_common_run(want, can, position, other), -other) for other in others[:_LOOKED_AT]),
            default=(0, 0),
        )
        if any(word.is_telling for word in want.words[position : position + length]):
            found.append(_phrase(want, can, (position, -first, length), space))
        position += max(length, 1)
    kept: list[Phrase] = []
    for phrase in sorted(found, key=lambda phrase: -phrase.strength):
        if not any(phrase.can in other.can for other in kept):
            kept.append(phrase)
    return kept[:MOST_PHRASES]


def _common_run(want: Evidence, can: Evidence, position: int, other: int) -> int:
    """How many words from here on are the same and stand side by side in both texts."""
    length = 1
    while (
        position + length < len(want.words)
        and other + length < len(can.words)
        and want.words[position + length].normal == can.words[other + length].normal
        and want.words[position + length - 1].end == want.words[position + length].start
        and can.words[other + length - 1].end == can.words[other + length].start
    ):
        length += 1
    return length


def _phrase(want: Evidence, can: Evidence, run: tuple[int, int, int], space: Space) -> Phrase:
    position, other, length = run
    words = want.words[position : position + length]
    want_start, want_end = words[0].start, words[-1].end
    can_start, can_end = can.words[other].start, can.words[other + length - 1].end
    strength = sum(space.rarity(term_hash(word.normal)) for word in words)
    return Phrase(
        want.text[want_start:want_end],
        can.text[can_start:can_end],
        want_start,
        want_end,
        can_start,
        can_end,
        float(strength),
        True,
    )


def _near_phrases(want: Evidence, can: Evidence, space: Space, used: list[tuple[int, int]]) -> list[Phrase]:
    mine, my_rows = _known_words(want, space)
    theirs, their_rows = _known_words(can, space)
    if not mine or not theirs:
        return []
    near = space.word_nearness(my_rows, their_rows)
    found: list[Phrase] = []
    taken_want = {start for start, _ in used}
    taken_can = {start for _, start in used}
    for flat in np.argsort(-near, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(theirs))
        if near[row, column] < _NEAR_WORDS or len(found) == MOST_PHRASES:
            break
        word, other = mine[row], theirs[column]
        if word.normal == other.normal or word.quoted[0] in taken_want or other.quoted[0] in taken_can:
            continue
        taken_want.add(word.quoted[0])
        taken_can.add(other.quoted[0])
        found.append(_near_phrase(want, can, word, other, float(near[row, column])))
    return found


def _near_phrase(want: Evidence, can: Evidence, word: Word, other: Word, strength: float) -> Phrase:
    """The compounds around two words that are near, as they stand in their texts."""
    (start, end), (other_start, other_end) = word.quoted, other.quoted
    return Phrase(
        want.text[start:end],
        can.text[other_start:other_end],
        start,
        end,
        other_start,
        other_end,
        strength,
        False,
    )


def _known_words(evidence: Evidence, space: Space) -> tuple[list[Word], IntArray]:
    """Each word of the table of meanings once, with its row there."""
    seen: dict[str, Word] = {}
    for word in evidence.words:
        if word.is_telling and space.rarity(term_hash(word.normal)) >= _LEAST_RARITY:
            seen.setdefault(word.normal, word)
    rows = space.word_rows([term_hash(normal) for normal in seen])
    words = [word for word, row in zip(seen.values(), rows, strict=True) if row >= 0]
    return words, rows[rows >= 0]


def _text_reasons(match: Match, phrases: tuple[Phrase, ...]) -> list[Reason]:
    reasons: list[Reason] = []
    near = match.part(View.MEANING).value
    if near is not None and near >= 1:
        share = f"{max(100 * 0.5 * math.erfc(near / math.sqrt(2)), 0.01):.2g}"
        template = "本文の意味の近さは、無関係な組と比べて上位%(percent)s%%に入ります"
        reasons.append(Reason(ReasonKind.MET, View.MEANING, template, {"percent": share}))
    shared = [phrase for phrase in phrases if phrase.shared]
    if shared:
        words = tuple(f"「{phrase.can}」" for phrase in shared)
        template = "同じ言葉があります: %(words)s"
        reasons.append(Reason(ReasonKind.MET, View.WORDS, template, {"words": words}))
    close = [phrase for phrase in phrases if not phrase.shared]
    if close:
        pairs = tuple(f"「{phrase.want}」↔「{phrase.can}」" for phrase in close)
        template = "意味の近い言葉があります: %(pairs)s"
        reasons.append(Reason(ReasonKind.MET, View.MEANING, template, {"pairs": pairs}))
    return reasons


def _condition(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    teller = _TELLERS.get(part.view)
    return teller(part, want, can, as_of) if teller else ()


def _fields(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        return
    if part.value >= SAME_FIELD:
        yield Reason(ReasonKind.MET, View.FIELDS, "分野が同じです")
    elif part.value > 0:
        yield Reason(ReasonKind.MET, View.FIELDS, "大きな分野が同じです")
    else:
        yield Reason(ReasonKind.NOT_MET, View.FIELDS, "分野が違います")


def _kinds(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        return
    brought, missing = want.kinds & can.kinds, want.kinds - can.kinds
    if brought:
        yield Reason(
            ReasonKind.MET,
            View.KINDS,
            "求めている種類を持っています: %(kinds)s",
            {"kinds": _kind_names(brought)},
        )
    if missing:
        yield Reason(
            ReasonKind.NOT_MET,
            View.KINDS,
            "求めている種類のうち、ないもの: %(kinds)s",
            {"kinds": _kind_names(missing)},
        )


def _region(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        if want.regions and not can.regions:
            yield Reason(
                ReasonKind.RAISE, View.REGION, "対応できる地域が書かれると、場所が合うか確かめられます"
            )
    elif part.value >= 1:
        yield Reason(ReasonKind.MET, View.REGION, "対象の地域で提供しています")
    elif part.value >= NATIONWIDE_FIT:
        yield Reason(ReasonKind.MET, View.REGION, "全国に提供しています")
    else:
        template = (
            "同じ都道府県ですが、対象の地域は対応地域に入っていません"
            if part.value > 0
            else "対象の地域は対応地域に入っていません"
        )
        yield Reason(ReasonKind.NOT_MET, View.REGION, template)
        yield Reason(ReasonKind.RAISE, View.REGION, "対象の地域まで広げられるか提供者に確かめると上がります")


def _window(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        if want.window.start or want.window.end:
            yield Reason(
                ReasonKind.RAISE, View.WINDOW, "提供できる期間が書かれると、時期が合うか確かめられます"
            )
    elif part.value >= 1:
        yield Reason(ReasonKind.MET, View.WINDOW, "受け入れ期間に提供できます")
    else:
        share = {"percent": round(100 * part.value)}
        yield Reason(
            ReasonKind.NOT_MET, View.WINDOW, "受け入れ期間のうち%(percent)d%%の間だけ提供できます", share
        )
        yield Reason(
            ReasonKind.RAISE, View.WINDOW, "受け入れ期間を広げるか、提供の時期を延ばせると上がります"
        )


def _budget(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        if want.budget_max_yen is not None:
            yield Reason(
                ReasonKind.RAISE, View.BUDGET, "費用のめやすが書かれると、予算に合うか確かめられます"
            )
    elif part.value >= 1:
        yield Reason(ReasonKind.MET, View.BUDGET, "費用が予算に収まります")
    elif part.value > 0.5:
        # 0.7 where the lower end fits, kept in single precision; what lies above the budget earns half at most.
        yield Reason(ReasonKind.MET, View.BUDGET, "費用の下のほうが予算に収まります")
        yield Reason(ReasonKind.RAISE, View.BUDGET, "規模を小さくするか、財源を足せると上がります")
    else:
        cost = can.cost_min_yen if can.cost_min_yen is not None else can.cost_max_yen
        over = max((cost or 0) - (want.budget_max_yen or 0), 0)
        yield Reason(ReasonKind.NOT_MET, View.BUDGET, "費用が予算を%(yen)s円上回ります", {"yen": f"{over:,}"})
        yield Reason(ReasonKind.RAISE, View.BUDGET, "規模を小さくするか、財源を足せると上がります")


def _capacity(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None or can.capacity is None:
        return
    free = max(can.capacity - can.engaged, 0)
    if free:
        yield Reason(ReasonKind.MET, View.CAPACITY, "%(free)d件分の空きがあります", {"free": free})
    else:
        yield Reason(ReasonKind.NOT_MET, View.CAPACITY, "いまは空きがありません")


def _freshness(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None or can.confirmed_on is None:
        return
    days = {"days": max((as_of - can.confirmed_on).days, 0)}
    if days["days"] <= FRESH_DAYS:
        yield Reason(ReasonKind.MET, View.FRESHNESS, "提供者が%(days)d日前に内容を確かめています", days)
    else:
        yield Reason(ReasonKind.NOT_MET, View.FRESHNESS, "提供者の最後の確認から%(days)d日たっています", days)
        yield Reason(ReasonKind.RAISE, View.FRESHNESS, "提供者が内容を確認すると上がります")


def _track_record(part: Part, want: Want, can: Can, as_of: dt.date) -> Iterable[Reason]:
    if part.value is None:
        return
    record = {"attempts": can.attempts, "successes": can.successes}
    kind = ReasonKind.MET if part.contribution >= 0 else ReasonKind.NOT_MET
    yield Reason(
        kind, View.TRACK_RECORD, "これまでの縁%(attempts)d件のうち%(successes)d件が先へ進みました", record
    )


def _kind_names(kinds: frozenset[str]) -> tuple[str, ...]:
    return tuple(KIND_NAMES.get(kind, kind) for kind in sorted(kinds))


_TELLERS: dict[View, Callable[[Part, Want, Can, dt.date], Iterable[Reason]]] = {
    View.FIELDS: _fields,
    View.KINDS: _kinds,
    View.REGION: _region,
    View.WINDOW: _window,
    View.BUDGET: _budget,
    View.CAPACITY: _capacity,
    View.FRESHNESS: _freshness,
    View.TRACK_RECORD: _track_record,
}
