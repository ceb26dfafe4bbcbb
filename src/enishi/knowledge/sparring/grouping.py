"""Lessons that say the same, put together: nothing is written anew, one of them speaks for its group. Pure.

By words, not by meaning: lessons are alike in what they are about. Of 83 lessons of the demo the two nearest in meaning (prepare
something else, prepare a roof, for rainy days; who goes on afterwards, when the old way ends) say different things, and support that
is not there is worse than two lines for one thing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p

from enishi.language.synonyms import synonyms_of
from enishi.language.tokens import content_words

ALIKE = 0.3
"""The share of two lessons' words (weighed by how rare they are) they must have in common to stand together."""
_EVERY_LESSON = frozenset(
    content_words(
        "始める 決める 決め方 書く 聞く 見る 作る 置く 入れる 使う 続ける 終わる 終える やり方 受ける 出す 残す 用意 必ず 人 日 "
        "とき 先 前 後 次 相手 話す 話 頼む 増える 減る 分かる 一つ 何 だれ 早い 同じ いま 年 月 週 回 方 仕方 確かめる"
    )
)
"""What nearly every lesson says: it makes none of them alike."""


@dataclass(frozen=True)
class Lesson:
    """A sentence somebody wrote, and the case it stands in. ``is_cause``: the reason of a failure, no lesson yet."""

    text: str
    case_id: int
    is_cause: bool = False


@dataclass(frozen=True)
class Group:
    """Lessons that say the same. ``spoken`` stands for them; ``cases`` are those that support it."""

    spoken: Lesson
    members: tuple[Lesson, ...]

    @property
    def cases(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(lesson.case_id for lesson in self.members))


def grouped(lessons: Sequence[Lesson]) -> list[Group]:
    """The groups, those that most cases support first, then one of each case before a second of any.

    The same input gives the same groups.
    """
    words = [_words(lesson.text) for lesson in lessons]
    rarity = _rarity(words)
    near = [
        [
            1.0 if lesson.text == other.text else _likeness(one, two, rarity)
            for other, two in zip(lessons, words, strict=True)
        ]
        for lesson, one in zip(lessons, words, strict=True)
    ]
    groups: list[list[int]] = []
    for at in range(len(lessons)):
        home = max(groups, key=lambda members: _mean(near, at, members), default=None)
        if home is not None and _mean(near, at, home) >= ALIKE:
            home.append(at)
        else:
            groups.append([at])
    made = [_group(lessons, near, members) for members in groups]
    told: Counter[int] = Counter()
    ranked = []
    for at, group in enumerate(made):
        ranked.append(((-len(group.cases), group.spoken.is_cause, told[group.spoken.case_id], at), group))
        told[group.spoken.case_id] += 1
    return [group for _key, group in sorted(ranked, key=lambda each: each[0])]


def _group(lessons: Sequence[Lesson], near: Sequence[Sequence[float]], members: Sequence[int]) -> Group:
    central = max(
        members, key=lambda at: (not lessons[at].is_cause, sum(near[at][other] for other in members), -at)
    )
    return Group(lessons[central], tuple(lessons[at] for at in members))


def _mean(near: Sequence[Sequence[float]], at: int, members: Sequence[int]) -> float:
    return sum(near[at][other] for other in members) / len(members)


@lru_cache(maxsize=4_000)
def _words(text: str) -> frozenset[str]:
    """The words of a sentence; words that mean the same to an office count as the first of them."""
    found = set()
    for word in content_words(text):
        if word in _EVERY_LESSON:
            continue
        others = [" ".join(other) for other in synonyms_of([word])]
        found.add(min([word, *others]))
    return frozenset(found)


def _rarity(words: Sequence[frozenset[str]]) -> Mapping[str, float]:
    counts: dict[str, int] = {}
    for one in words:
        for word in one:
            counts[word] = counts.get(word, 0) + 1
    return {word: log1p(len(words) / count) for word, count in counts.items()}


def _likeness(one: frozenset[str], other: frozenset[str], rarity: Mapping[str, float]) -> float:
    both = one & other
    # One word in common is not one thing said twice: support that is not there is worse than two lines for one thing.
    if len(both) < 2:
        return 0.0
    shared = sum(rarity[word] for word in both)
    smaller = min(sum(rarity[word] for word in one), sum(rarity[word] for word in other))
    union = sum(rarity[word] for word in one | other)
    return 0.5 * shared / union + 0.5 * shared / smaller
