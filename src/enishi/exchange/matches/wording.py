"""A match in words and small numbers: no number without its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from enishi.engines.matching import Match, Part, Phrase, Reason, ReasonKind, Rule, View
from enishi.exchange.field_words import field_in_words

VIEW_NAMES: Mapping[View, str | Promise] = {
    View.MEANING: gettext_lazy("内容の近さ"),
    View.WORDS: gettext_lazy("同じ言葉"),
    View.FIELDS: gettext_lazy("分野"),
    View.KINDS: gettext_lazy("求める資源"),
    View.REGION: gettext_lazy("地域"),
    View.WINDOW: gettext_lazy("時期"),
    View.BUDGET: gettext_lazy("予算と費用"),
    View.CAPACITY: gettext_lazy("受け入れの余力"),
    View.FRESHNESS: gettext_lazy("確認の新しさ"),
    View.TRACK_RECORD: gettext_lazy("これまでの実り"),
}
RULE_NAMES: Mapping[Rule, str | Promise] = {
    Rule.OWN_RESOURCE: gettext_lazy("自分の団体のもの、または利害の関わる団体のもの"),
    Rule.EXPIRED: gettext_lazy("掲載の期限が過ぎたもの"),
    Rule.WINDOW_CLOSED: gettext_lazy("時期が重ならないもの"),
    Rule.REGION_EXCLUDED: gettext_lazy("対応できる地域の外にあるもの"),
}
BROKEN: Mapping[Rule, str | Promise] = {
    Rule.OWN_RESOURCE: gettext_lazy("同じ団体(同じ課)のものなので、候補には挙がりません。"),
    Rule.CONFLICT_OF_INTEREST: gettext_lazy(
        "同じ団体のもの、または利害の関わる団体のものなので、候補には挙がりません。"
    ),
    Rule.EXPIRED: gettext_lazy("資源の掲載期限が過ぎているので、候補には挙がりません。"),
    Rule.WINDOW_CLOSED: gettext_lazy("課題と資源の時期が重ならないので、候補には挙がりません。"),
    Rule.REGION_EXCLUDED: gettext_lazy("対応できる地域が違うので、候補には挙がりません。"),
    Rule.NOT_VISIBLE: gettext_lazy("候補には挙がりません。"),
}
WELL, FAIRLY = 3.0, 2.0
"""Scores from which a match is called a good one, and a fair one."""


@dataclass(frozen=True)
class PartInWords:
    name: str | Promise
    value: str
    weight: str
    contribution: str
    is_said: bool


@dataclass(frozen=True)
class Counted:
    """How many were left out, and why."""

    why: str | Promise
    count: int


def grade(score: float) -> str:
    """What a score means, in a word."""
    if score >= WELL:
        return _("よく合う")
    return _("合う") if score >= FAIRLY else _("一部が合う")


def grade_tone(score: float) -> str:
    if score >= WELL:
        return "positive"
    return "info" if score >= FAIRLY else "neutral"


def parts_in_words(match: Match) -> list[PartInWords]:
    return [_part(part) for part in match.parts]


def _part(part: Part) -> PartInWords:
    if part.value is None:
        return PartInWords(VIEW_NAMES[part.view], _("書かれていない"), f"{part.weight:.2f}", "±0.00", False)
    if part.view is View.MEANING:
        value = _("無関係な組より標準偏差%(number)s個分") % {"number": f"{part.value:+.1f}"}
    else:
        value = _("%(number)s(0から1)") % {"number": f"{part.value:.2f}"}
    return PartInWords(VIEW_NAMES[part.view], value, f"{part.weight:.2f}", f"{part.contribution:+.2f}", True)


def reasons_in_words(match: Match, kind: ReasonKind) -> list[str]:
    return [in_words(reason) for reason in match.reasons_of(kind)]


def in_words(reason: Reason) -> str:
    """The engine's sentence in the reader's language."""
    return _said(reason.template, reason.values)


def reasons_as_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """What a contact keeps of its reasons: the parts, so that each reader gets the sentence in their own language."""
    return [{"template": each.template, "values": dict(each.values)} for each in reasons]


def kept_in_words(kept: Iterable[str | Mapping[str, Any]]) -> list[str]:
    """Kept reasons for this reader. Those of earlier editions are finished Japanese sentences."""
    return [_(each) if isinstance(each, str) else _said(each["template"], each["values"]) for each in kept]


def _said(template: str, values: Mapping[str, Any]) -> str:
    return str(_(template)) % {name: _value(value) for name, value in values.items()}


def _value(value: str | int | tuple[str, ...] | list[str]) -> str | int:
    """Several words one after the other; JSON keeps them as a list."""
    if not isinstance(value, tuple | list):
        return value
    return pgettext("並べる", "、").join(field_in_words(_(word)) for word in value)


def excluded_in_words(excluded: Mapping[Rule, int]) -> list[Counted]:
    """Rules that kept something out. What the viewer may not see is not even counted."""
    merged = dict(excluded)
    merged[Rule.OWN_RESOURCE] = merged.get(Rule.OWN_RESOURCE, 0) + merged.pop(Rule.CONFLICT_OF_INTEREST, 0)
    return [Counted(name, merged[rule]) for rule, name in RULE_NAMES.items() if merged.get(rule)]


def marked(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    """The text, escaped, the pieces between ``spans`` in ``<mark>``; pieces that overlap become one."""
    html, position = mark_safe(""), 0
    for start, end in _joined(spans, len(text)):
        html += format_html("{}<mark>{}</mark>", text[position:start], text[start:end])
        position = end
    return html + format_html("{}", text[position:])


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        elif start < end:
            joined.append((start, end))
    return joined


def phrases_as_json(phrases: Iterable[Phrase]) -> list[dict[str, Any]]:
    return [
        {
            "want": phrase.want,
            "can": phrase.can,
            "want_start": phrase.want_start,
            "want_end": phrase.want_end,
            "can_start": phrase.can_start,
            "can_end": phrase.can_end,
            "shared": phrase.shared,
        }
        for phrase in phrases
    ]
