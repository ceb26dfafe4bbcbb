"""Why a match: what the texts have in common, conditions met and not met, what would raise it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from enishi.engines.matching.conditions import FRESH_DAYS, NATIONWIDE_FIT, SAME_FIELD
from enishi.engines.matching.model import (
    Can,
    Match,
    Part,
    Phrase,
    Reason,
    ReasonKind,
    View,
    Want,
)
from enishi.engines.matching.phrases import meeting_phrases
from enishi.engines.matching.space import Space

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


def _text_reasons(match: Match, phrases: tuple[Phrase, ...]) -> list[Reason]:
    reasons = [
        Reason(
            ReasonKind.MET,
            View.MEANING,
            "課題の「%(want)s」に、資源の「%(can)s」が近い内容です",
            {"want": phrase.want, "can": phrase.can},
        )
        for phrase in phrases
        if not phrase.shared
    ]
    shared = [phrase for phrase in phrases if phrase.shared]
    if shared:
        words = tuple(f"「{phrase.can}」" for phrase in shared)
        template = "同じ言葉があります: %(words)s"
        reasons.append(Reason(ReasonKind.MET, View.WORDS, template, {"words": words}))
    near = match.part(View.MEANING).value
    if near is not None and near >= 1:
        share = f"{max(100 * 0.5 * math.erfc(near / math.sqrt(2)), 0.01):.2g}"
        template = "本文の意味の近さは、無関係な組と比べて上位%(percent)s%%に入ります"
        reasons.append(Reason(ReasonKind.MET, View.MEANING, template, {"percent": share}))
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
