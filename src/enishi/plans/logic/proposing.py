"""A first draft of a logic model from texts that are there already: each proposed box says where its words stand.

Nothing is invented: every text is quoted from a record. Assumptions are left empty, because only people know them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from enishi.plans.logic.enums import Stage

MOST_SENTENCES = 6
LONGEST = 120
_SENTENCE = re.compile(r"[^。\n!?]+[。!?]?")
_MARKS = re.compile(r"^(?:[\s・•●○◇◆■□*①-⑳-]+|\(?\d{1,2}[.)、]\s*)+")
_DONE = re.compile(
    r"(?:実施|開催|配布|配置|設置|整備|開設|導入|運行|運営|派遣|支援|助成|補助|交付|発信|周知|相談|作成|研修|行[っいう]|貸し?出|巡回|点検)"
)
_COUNTED = re.compile(r"\d[\d,.]*\s*(?:回|件|人|名|か所|カ所|箇所|校|社|団体|台|基|世帯|日|時間|本|部)")
_CHANGED = re.compile(
    r"(?:増え|増加|減[っりら少]|向上|改善|高ま|高く|広が|短く|短縮|解消|なくな|安心|できるよう|しやすく|住み続け|満足|健康)"
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a record, and where it stands."""

    text: str
    origin: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator the owner has already."""

    key: int
    name: str
    stage: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A programme below the branch, or the programme itself: what is put in, and what is done."""

    key: int
    title: str
    url: str
    is_paid: bool
    narrative: Words | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything a draft may be made from."""

    target: Words | None = None
    intent: Words | None = None
    result: Words | None = None
    works: Sequence[Work] = ()
    indicators: Sequence[Measured] = ()


@dataclass(slots=True)
class Proposed:
    """A box of the draft."""

    stage: Stage
    text: str
    origin: str
    url: str = ""
    quote: str = ""
    indicators: list[int] = field(default_factory=list)
    programme: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    boxes: list[Proposed]
    steps: list[tuple[int, int]]
    """Places in ``boxes``."""
    population: str


def draft_from(basis: Basis) -> Draft:
    """Boxes and steps from what there is; a stage about which nothing was written stays empty."""
    boxes: list[Proposed] = []
    inputs = _inputs(basis.works, boxes)
    done = _works(basis.works, boxes)
    outputs = _outputs(basis, boxes, done)
    initial, middle, final = _outcomes(basis, boxes)
    steps = [*inputs, *_chain(done, outputs, initial, middle, final)]
    population = basis.target.text.strip() if basis.target else ""
    return Draft(boxes, sorted(set(steps)), population)


def _inputs(works: Sequence[Work], boxes: list[Proposed]) -> list[tuple[int, int]]:
    """One input for each programme; its activity is put in right after all of them."""
    boxes.extend(
        Proposed(
            Stage.INPUT,
            _short(f"{work.title}の予算と人員"),
            work.title,
            work.url,
            work.title,
            programme=work.key,
        )
        for work in works
    )
    count = len(works)
    return [(at, count + at) for at in range(count)]


def _works(works: Sequence[Work], boxes: list[Proposed]) -> list[int]:
    found = []
    for work in works:
        boxes.append(Proposed(Stage.ACTIVITY, _short(work.title), work.title, work.url, work.title))
        found.append(len(boxes) - 1)
    return found


def _outputs(basis: Basis, boxes: list[Proposed], done: list[int]) -> dict[int, list[int]]:
    """What was counted, by the activity it belongs to; indicators of output go to the first."""
    found: dict[int, list[int]] = {at: [] for at in done}
    for at, work in zip(done, basis.works, strict=True):
        for sentence in sentences(work.narrative.text if work.narrative else ""):
            if kind_of(sentence) is Stage.OUTPUT and len(found[at]) < 2 and work.narrative:
                boxes.append(
                    Proposed(
                        Stage.OUTPUT, _short(sentence), work.narrative.origin, work.narrative.url, sentence
                    )
                )
                found[at].append(len(boxes) - 1)
    measured = [each for each in basis.indicators if each.stage == "output"]
    for place, each in enumerate(measured):
        boxes.append(Proposed(Stage.OUTPUT, _short(each.name), each.name, each.url, each.name, [each.key]))
        if done:
            found[done[place % len(done)]].append(len(boxes) - 1)
    return found


def _outcomes(basis: Basis, boxes: list[Proposed]) -> tuple[list[int], list[int], list[int]]:
    def put(stage: Stage, words: Words | None, kind: str, most: int) -> list[int]:
        places = []
        for sentence in list(sentences(words.text if words else ""))[:most]:
            assert words is not None
            boxes.append(Proposed(stage, _short(sentence), words.origin, words.url, sentence))
            places.append(len(boxes) - 1)
        for each in basis.indicators:
            if each.stage == kind:
                if places:
                    boxes[places[0]].indicators.append(each.key)
                else:
                    boxes.append(
                        Proposed(stage, _short(each.name), each.name, each.url, each.name, [each.key])
                    )
                    places.append(len(boxes) - 1)
        return places

    changed = [
        Words(sentence, work.narrative.origin, work.narrative.url)
        for work in basis.works
        if work.narrative
        for sentence in sentences(work.narrative.text)
        if kind_of(sentence) is Stage.OUTCOME_INITIAL
    ]
    initial = put(Stage.OUTCOME_INITIAL, changed[0] if changed else None, "initial", 1)
    middle = put(Stage.OUTCOME_INTERMEDIATE, basis.intent, "intermediate", 2)
    final = put(Stage.OUTCOME_FINAL, basis.result, "final", 1)
    return initial, middle, final


def _chain(
    done: list[int], outputs: dict[int, list[int]], initial: list[int], middle: list[int], final: list[int]
) -> Iterable[tuple[int, int]]:
    """Each stage leads to the next one that has anything in it."""
    later = [stage for stage in (initial, middle, final) if stage]
    for activity in done:
        made = outputs[activity]
        yield from ((activity, at) for at in made)
        if later:
            yield from ((at, later[0][0]) for at in (made or [activity]))
    for here, after in pairwise(later):
        yield from ((at, after[0]) for at in here)


def kind_of(sentence: str) -> Stage | None:
    """What a sentence of a sheet speaks of: what was counted, what was done, or what changed.

    >>> kind_of("教室を24回開催した。").value, kind_of("外出する人が増えた。").value, kind_of("広報を行った。").value
    ('output', 'outcome_1', 'activity')
    """
    if _CHANGED.search(sentence):
        return Stage.OUTCOME_INITIAL
    if _COUNTED.search(unicodedata.normalize("NFKC", sentence)):
        return Stage.OUTPUT
    return Stage.ACTIVITY if _DONE.search(sentence) else None


def sentences(text: str) -> list[str]:
    """The sentences of a text without their marks, at most a few.

    >>> sentences("・健康に暮らせる。\\n・外出が増える。")
    ['健康に暮らせる', '外出が増える']
    """
    found = [_MARKS.sub("", each).strip().rstrip("。") for each in _SENTENCE.findall(text)]
    return [each for each in found if len(each) > 3][:MOST_SENTENCES]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
