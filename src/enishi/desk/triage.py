"""Suggestions for the officer: sections to ask, challenges it answers, like cases, duplicates, what is missing. People decide."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.utils.translation import gettext as _

from enishi.desk import answering, cases
from enishi.desk.completeness import worth_asking
from enishi.desk.enums import SuggestionKind
from enishi.desk.models import Proposal, Routing
from enishi.exchange.matches.reader import WordsOnly, vectors_of
from enishi.exchange.models import Challenge
from enishi.foundation.access import Actor
from enishi.language.ports import FloatArray
from enishi.language.tokens import content_words
from enishi.organizations.models import Section

SHOWN = 5
_OF_WORDS, _OF_MEANING, _OF_PAST = 0.45, 0.25, 0.30
"""Shares of the three views in a section's score: chosen by us, shown with each suggestion, no study behind them."""
_LEAST = 0.12
_SHARE_OF_FIRST = 0.5
"""A section half as fitting as the first shares 管理 with everything: five names are no help where one is right."""
_LIKE = 0.15
"""Cases farther than this share a few words by chance: where they went tells nothing."""
_CHALLENGES = 400
_WORDS_OF_CHALLENGE = 3
_NEAREST = 6.0
"""As near as this counts as one."""
_SAME = 0.95


@dataclass(frozen=True)
class Found:
    """One suggestion before it is stored."""

    kind: SuggestionKind
    score: float | None
    reasons: list[str]
    section: Section | None = None
    challenge: Challenge | None = None
    similar: Proposal | None = None
    code: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        target = self.section or self.challenge or self.similar
        return self.kind.value, target.pk if target is not None else 0, self.code


def look(proposal: Proposal, actor: Actor, sections: Sequence[Section]) -> list[Found]:
    """Everything the computer has to say about a new proposal, each with its reasons."""
    near = cases.similar_cases(proposal, actor, limit=20)
    text = cases.open_text(proposal)
    name, vectors = vectors_of([text[:2_000]], "query")
    meaning = vectors[0] if name != WordsOnly.name else None
    return [
        *_sections(proposal, text, meaning, sections, near),
        *_challenges(proposal, text, actor),
        *_similar(near),
        *_duplicates(proposal, near),
        *(
            Found(SuggestionKind.MISSING, None, [missing.sentence], code=missing.name)
            for missing in worth_asking(proposal)
        ),
    ]


def _sections(
    proposal: Proposal,
    text: str,
    meaning: FloatArray | None,
    sections: Sequence[Section],
    near: Sequence[cases.SimilarCase],
) -> list[Found]:
    asked = Counter(cases.telling_words(text))
    read = [_words(f"{section.name}\n{section.duties}") for section in sections]
    weights = _rarity(asked, read)
    past = _past(proposal, near)
    close = _closeness(meaning, sections)
    found = []
    for section, words, meant in zip(sections, read, close, strict=True):
        both = sorted((word for word in asked if word in words), key=lambda word: -weights[word])
        overlap = min(1.0, sum(weights[word] for word in both) / 6)
        routed, count = past.get(section.pk, (0.0, 0))
        score = _OF_WORDS * overlap + _OF_MEANING * meant + _OF_PAST * routed
        if score >= _LEAST and (both or count):
            found.append(
                Found(SuggestionKind.SECTION, score, _why_section(both, count, section), section=section)
            )
    found.sort(key=lambda one: -(one.score or 0))
    return [one for one in found[:SHOWN] if (one.score or 0) >= _SHARE_OF_FIRST * (found[0].score or 0)]


def _why_section(both: Sequence[str], count: int, section: Section) -> list[str]:
    reasons = []
    if both:
        reasons.append(_("事務分掌と同じ言葉: %(words)s") % {"words": _("・").join(both[:5])})
    if count:
        reasons.append(_("似た提案%(count)d件がこの課に関わりました") % {"count": count})
    if not section.duties:
        reasons.append(_("事務分掌が登録されていないので、課の名前だけで見ています"))
    return reasons


def _rarity(asked: Counter[str], read: Sequence[frozenset[str]]) -> dict[str, float]:
    """The fewer sections speak of a word, the more it tells."""
    return {
        word: float(np.log(1 + (len(read) + 1) / (1 + sum(1 for words in read if word in words))))
        for word in asked
    }


def _past(proposal: Proposal, near: Sequence[cases.SimilarCase]) -> dict[int, tuple[float, int]]:
    """How strongly like cases were taken up by each section, 0 to 1, and how many they were."""
    nearness = {one.proposal.pk: one.nearness for one in near if one.nearness >= _LIKE}
    sums: dict[int, tuple[float, int]] = {}
    rows = Routing.objects.filter(
        organization_id=proposal.organization_id, proposal_id__in=nearness
    ).values_list("proposal_id", "section_id", "weight")
    for key, section_id, weight in rows:
        total, count = sums.get(section_id, (0.0, 0))
        sums[section_id] = (total + nearness[key] * weight, count + 1)
    return {key: (min(1.0, total), count) for key, (total, count) in sums.items()}


def _closeness(meaning: FloatArray | None, sections: Sequence[Section]) -> list[float]:
    """Raw cosines have no scale: each section's place among all, the nearest 1 and the farthest 0."""
    if meaning is None or len(sections) < 2:
        return [0.0] * len(sections)
    cosines = [float(np.dot(meaning, _duties(f"{one.name}\n{one.duties}"[:800]))) for one in sections]
    order = np.argsort(np.argsort(cosines))
    return [float(place) / (len(sections) - 1) for place in order]


@lru_cache(maxsize=2_000)
def _duties(text: str) -> FloatArray:
    found: FloatArray = vectors_of([text], "passage")[1][0]
    return found


@lru_cache(maxsize=4_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


def _challenges(proposal: Proposal, text: str, actor: Actor) -> list[Found]:
    """The municipality's open challenges this may answer."""
    rows = list(
        Challenge.objects.visible_to(actor)
        .filter(organization_id=proposal.organization_id)
        .seeking_partners()
        .exclude(pk=proposal.challenge_id or 0)
        .order_by("-updated_at", "-pk")[:_CHALLENGES]
    )
    near = answering.nearness(text, [row.pk for row in rows]) or {}
    asked = Counter(cases.telling_words(text))
    found = []
    for row in rows:
        words = _words(f"{row.title}\n{row.present_state}\n{row.desired_state}"[:3_000])
        both = sorted((word for word in asked if word in words), key=lambda word: (-len(word), word))
        close = near.get(row.pk)
        # What the index does not hold yet, or no model has read, is judged by its words alone.
        fits = len(both) >= _WORDS_OF_CHALLENGE if close is None else close >= answering.NEAR
        if fits:
            score = 0.5 * len(both) / max(1, len(asked)) if close is None else min(1.0, close / _NEAREST)
            found.append(Found(SuggestionKind.CHALLENGE, score, [_why_challenge(both)], challenge=row))
    found.sort(key=lambda one: -(one.score or 0))
    return found[:SHOWN]


def _why_challenge(both: Sequence[str]) -> str:
    if not both:
        return _("言葉は違いますが、書かれていることが近い課題です")
    return _("同じ言葉: %(words)s") % {"words": _("・").join(both[:6])}


def _similar(near: Sequence[cases.SimilarCase]) -> list[Found]:
    """Of the nearest, those that ended teach most; how and why is said."""
    nearest = sorted(near[: 2 * SHOWN], key=lambda one: not one.proposal.stage.is_decided)
    return [
        Found(SuggestionKind.SIMILAR, one.nearness, [_like(one), _ended(one.proposal)], similar=one.proposal)
        for one in nearest[:SHOWN]
    ]


def _like(one: cases.SimilarCase) -> str:
    if not one.shared:
        return _("言葉は違いますが、書かれていることが近い提案です")
    return _("同じ言葉: %(words)s") % {"words": _("・").join(one.shared)}


def _ended(proposal: Proposal) -> str:
    stage = str(proposal.stage.label)
    if proposal.status_reason:
        return _("いま「%(stage)s」。理由: %(reason)s") % {"stage": stage, "reason": proposal.status_reason}
    return _("いま「%(stage)s」") % {"stage": stage}


def _duplicates(proposal: Proposal, near: Sequence[cases.SimilarCase]) -> list[Found]:
    found = []
    for one in near:
        other = one.proposal
        if other.organization_id != proposal.organization_id:
            continue
        same_title = _plain(other.title) == _plain(proposal.title)
        same_text = _plain(other.summary) == _plain(proposal.summary)
        same_side = other.proposer_id is not None and other.proposer_id == proposal.proposer_id
        if same_text or same_title or (same_side and one.nearness >= _SAME):
            why = (
                _("本文が同じです")
                if same_text
                else _("題名が同じです")
                if same_title
                else _("同じ提案者の、ほとんど同じ内容です")
            )
            found.append(Found(SuggestionKind.DUPLICATE, one.nearness, [why], similar=other))
    return found[:3]


def _plain(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest() if text.strip() else ""
