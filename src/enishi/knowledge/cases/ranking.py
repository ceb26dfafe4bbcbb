"""Which cases come nearest to a question. Words count as far as they cover the question, meaning where a model reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, log1p, sqrt

import numpy as np
from django.db.models import QuerySet

from enishi.knowledge.cases import meaning
from enishi.knowledge.cases.readings import words_of
from enishi.knowledge.models import Case, CaseReading
from enishi.knowledge.staff.english import in_japanese
from enishi.language.synonyms import synonyms_of
from enishi.language.tokens import content_words

LONGEST = 2_000
MOST = 5_000
"""Cases compared at once; of more, the newest."""
ENOUGH = 0.25
"""The share of a question's words (weighed by how rare they are) that a case must hold to count as about it."""
_STANDS_OUT = ((0.4, 1.8), (0.15, 2.5), (0.0, 3.3))
"""With a model: a share of words, and how far the meaning must stand out with it (in standard deviations above the middle case).

Learnt on the questions of bench/staff_questions.jsonl: words alone called cases precedents that shared one everyday word.
"""
_FEWEST = 10
"""Fewer cases have no middle to stand out from: words decide."""
_LEARNT_ON = 41
_ASKING = frozenset(
    content_words(
        "どう どのように 対応 進める 進め方 方法 場合 教える 知る 相談 困る 事例 先例 前例 過去 例 良い すべき"
    )
)
"""Words of asking, that say nothing of what is asked."""
_K1, _B = 1.2, 0.75
_BM25_SHARE = 0.7


@dataclass(frozen=True)
class Ranked:
    """A case and why it stands where it does: ``words`` of the question it holds, ``coverage`` of the question by them."""

    case_id: int
    score: float
    words: tuple[str, ...]
    coverage: float
    meaning: float | None
    """How near in meaning among what was compared, from 0 to 1; ``None`` without a model."""
    standing: float | None = None
    """How far the meaning stands out from the middle case; ``None`` without a model or among too few cases."""

    @property
    def is_about_it(self) -> bool:
        if self.standing is None:
            return self.coverage >= ENOUGH
        return any(
            self.coverage >= share and self.standing >= height for share, height in _STANDS_OUT if share
        ) or (self.standing >= _STANDS_OUT[-1][1] + self.allowance)

    allowance: float = 0.0
    """Among very many cases some stand out by chance: so much higher meaning alone must stand."""


_BATCH = 500


@dataclass(frozen=True)
class _Text:
    case_id: int
    counts: Mapping[str, int]
    length: int
    embedder: str
    vector: bytes | None


_known: dict[tuple[int, str, str], _Text] = {}
"""What was read, by case, hash of its text and model: a case that changes gets another key."""


def rank(among: QuerySet[Case, Case], query: str, *, limit: int = 20, spoken: str = "") -> list[Ranked]:
    """The cases of a queryset by nearness to a text, the nearest first. Give what the person may see.

    ``spoken``: the whole of what was said, where ``query`` is only the words left of it.
    """
    words = list(dict.fromkeys(content_words(in_japanese(query[:LONGEST]))))
    asked = {word: _ways(word) for word in words if word not in _ASKING} or {word: (word,) for word in words}
    texts = _texts(among)
    if not texts or not asked:
        return []
    rarity = _rarity(asked, texts)
    total = sum(rarity.values()) or 1.0
    mean = _mean_length(texts)
    lexical = np.array([_bm25(text, asked, rarity, mean) for text in texts]) / total
    found = _nearness(texts, spoken or query)
    near = None if found is None else _stretched(found)
    standing = None if found is None or len(texts) < _FEWEST else _standing(found)
    allowance = max(0.0, sqrt(2 * log(len(texts))) - sqrt(2 * log(_LEARNT_ON)))
    scores = _BM25_SHARE * lexical + (0.0 if near is None else near)
    order = sorted(range(len(texts)), key=lambda at: (-scores[at], texts[at].case_id))
    ranked = [
        replace(
            _ranked(texts[at], float(scores[at]), asked, rarity, total),
            meaning=None if near is None else float(near[at]),
            standing=None if standing is None else float(standing[at]),
            allowance=allowance,
        )
        for at in order[:limit]
    ]
    return [each for each in ranked if each.words or each.meaning is not None]


def telling_words(question: str) -> set[str]:
    """The words of a question that say what is asked."""
    return set(content_words(in_japanese(question[:LONGEST]))) - _ASKING


def _ways(word: str) -> tuple[str, ...]:
    """A word, and the single words that mean the same to an office."""
    return (word, *(other[0] for other in synonyms_of([word]) if len(other) == 1))


def _times(text: "_Text", ways: Sequence[str]) -> int:
    return max(text.counts.get(way, 0) for way in ways)


def _ranked(
    text: _Text,
    score: float,
    asked: Mapping[str, Sequence[str]],
    rarity: Mapping[str, float],
    total: float,
) -> Ranked:
    held = tuple(word for word, ways in asked.items() if _times(text, ways))
    return Ranked(text.case_id, score, held, sum(rarity[word] for word in held) / total, None)


def _texts(among: QuerySet[Case, Case]) -> list[_Text]:
    """The texts of the newest of these cases. What this process has read once it knows by its hash."""
    newest = among.order_by("-pk").values("pk")[:MOST]
    rows = list(
        CaseReading.objects.filter(case__in=newest)
        .order_by("case_id")
        .values_list("case_id", "content_hash", "embedder")
    )
    missing = [row[0] for row in rows if row not in _known]
    for start in range(0, len(missing), _BATCH):
        _load(missing[start : start + _BATCH])
    return [_known[row] for row in rows if row in _known]


def _load(ids: Sequence[int]) -> None:
    if len(_known) > 4 * MOST:
        _known.clear()
    read = CaseReading.objects.filter(case_id__in=ids)
    for case_id, digest, words, embedder, vector in read.values_list(
        "case_id", "content_hash", "words", "embedder", "vector"
    ):
        counts = words_of(words)
        text = _Text(case_id, counts, sum(counts.values()), embedder, bytes(vector) if vector else None)
        _known[case_id, digest, embedder] = text


def _rarity(asked: Mapping[str, Sequence[str]], texts: Sequence[_Text]) -> dict[str, float]:
    """A word nobody uses counts too: a question is not covered by what is left of it."""
    holding = {word: sum(_times(text, ways) > 0 for text in texts) for word, ways in asked.items()}
    return {word: log1p((len(texts) - n + 0.5) / (n + 0.5)) for word, n in holding.items()}


def _mean_length(texts: Sequence[_Text]) -> float:
    return max(1.0, sum(text.length for text in texts) / len(texts))


def _bm25(text: _Text, asked: Mapping[str, Sequence[str]], rarity: Mapping[str, float], mean: float) -> float:
    stretch = _K1 * (1 - _B + _B * text.length / mean)
    times = {word: _times(text, ways) for word, ways in asked.items()}
    return sum(rarity[word] * n * (_K1 + 1) / (n + stretch) for word, n in times.items() if n)


def _nearness(texts: Sequence[_Text], query: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    """Cosines with the question; cases no model has read stand at the lowest. ``None`` without a model."""
    name, asked = meaning.vector(query, side="query")
    if asked is None:
        return None
    wanted = np.frombuffer(asked, np.float32)
    near = np.full(len(texts), np.nan)
    for at, text in enumerate(texts):
        if text.vector is not None and text.embedder == name:
            near[at] = float(np.frombuffer(text.vector, np.float32) @ wanted)
    if np.isnan(near).all():
        return None
    return np.where(np.isnan(near), np.nanmin(near), near)


def _standing(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    spread = float(values.std())
    return (values - np.median(values)) / spread if spread > 0 else np.zeros_like(values)


def _stretched(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
