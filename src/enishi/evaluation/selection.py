"""Which programmes a year's review looks at, and why: five triggers, each with a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from enishi.evaluation.enums import Trigger
from enishi.foundation import sentences
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.money import yen_in_words
from enishi.foundation.sentences import Sentence
from enishi.foundation.sentences import gettext as _


@dataclass(frozen=True)
class Rules:
    """What a cycle asks; no triggers at all means that everything is reviewed."""

    evaluated_fy: int
    triggers: Sequence[str]
    new_after_years: int
    review_after_years: int
    cost_up_percent: int
    cost_up_yen: int


@dataclass(frozen=True)
class Candidate:
    """What the records know of one programme or measure when the selection is made."""

    key: int
    start_fy: int | None = None
    last_review_fy: int | None = None
    late: Sequence[str] = ()
    cost_before_yen: int | None = None
    cost_yen: int | None = None
    proposals: int = 0


@dataclass(frozen=True)
class Choice:
    """Chosen when there is a reason; ``against`` says of each trigger asked why it did not choose."""

    key: int
    why: list[dict[str, Any]] = field(default_factory=list)
    against: list[dict[str, Any]] = field(default_factory=list)

    @property
    def included(self) -> bool:
        return bool(self.why)


def choose(candidate: Candidate, rules: Rules) -> Choice:
    """Ask every trigger of the cycle. The sentences are kept with the subject, so they stand as they were."""
    if not rules.triggers:
        return Choice(candidate.key, [_said("all", _("この周期はすべてを評価します。"))])
    choice = Choice(candidate.key)
    for trigger in rules.triggers:
        holds, sentence = _ASKED[Trigger(trigger)](candidate, rules)
        (choice.why if holds else choice.against).append(_said(trigger, sentence))
    return choice


def _said(trigger: str, sentence: str) -> dict[str, Any]:
    kept = {"trigger": trigger, "sentence": sentences.in_source(sentence)}
    said = sentences.in_other_languages(sentence=sentence)
    return kept | {"said": said} if said else kept


def reason_in_words(kept: Mapping[str, Any]) -> str:
    """One reason of a subject, in the language of the reader."""
    return sentences.kept_in_words(kept.get("said", {}), "sentence", str(kept["sentence"]))


def _year(year: int) -> str:
    return Sentence(lambda: fiscal_year_in_words(FiscalYear(year)))


def _yen(amount: int, sign: str = "") -> str:
    return Sentence(lambda: sign + yen_in_words(amount))


def _new(candidate: Candidate, rules: Rules) -> tuple[bool, str]:
    if candidate.last_review_fy is not None:
        return False, _("すでに評価したことがあります(%(year)s)。") % {
            "year": _year(candidate.last_review_fy)
        }
    if candidate.start_fy is None:
        return True, _("始めた年度が記録になく、評価した記録もありません。")
    years = rules.evaluated_fy - candidate.start_fy + 1
    sentence = _("%(year)sに始めて%(years)d年目、まだ評価していません(目安%(limit)d年)。")
    values = {"year": _year(candidate.start_fy), "years": max(years, 0), "limit": rules.new_after_years}
    return years >= rules.new_after_years, sentence % values


def _long_ago(candidate: Candidate, rules: Rules) -> tuple[bool, str]:
    if candidate.last_review_fy is None:
        return False, _("前の評価の記録がありません。")
    years = rules.evaluated_fy - candidate.last_review_fy
    sentence = _("前の評価は%(year)s、%(years)d年前です(目安%(limit)d年)。")
    values = {"year": _year(candidate.last_review_fy), "years": years, "limit": rules.review_after_years}
    return years >= rules.review_after_years, sentence % values


def _off_track(candidate: Candidate, rules: Rules) -> tuple[bool, str]:
    if not candidate.late:
        return False, _("遅れている指標はありません。")
    return True, _("計画より遅れている指標があります: %(names)s") % {
        "names": _("、").join(candidate.late[:3])
    }


def _cost_up(candidate: Candidate, rules: Rules) -> tuple[bool, str]:
    before, now = candidate.cost_before_yen, candidate.cost_yen
    if before is None or now is None:
        return False, _("二つの年度の費用がそろっていません。")
    more = now - before
    by_share = before == 0 or more * 100 >= before * rules.cost_up_percent
    holds = more > 0 and more >= rules.cost_up_yen and by_share
    sentence = _("費用は%(before)sから%(now)sへ、%(more)s(目安 %(percent)d%%以上かつ%(yen)s以上の増)。")
    values = {
        "before": _yen(before),
        "now": _yen(now),
        "more": _yen(more, "+" if more > 0 else ""),
        "percent": rules.cost_up_percent,
        "yen": _yen(rules.cost_up_yen),
    }
    return holds, sentence % values


def _proposed(candidate: Candidate, rules: Rules) -> tuple[bool, str]:
    if not candidate.proposals:
        return False, _("見直しの提案はありません。")
    return True, _("見直しの提案が%(count)d件あります。") % {"count": candidate.proposals}


_ASKED = {
    Trigger.NEW: _new,
    Trigger.LONG_AGO: _long_ago,
    Trigger.OFF_TRACK: _off_track,
    Trigger.COST_UP: _cost_up,
    Trigger.PROPOSED: _proposed,
}
