"""The question sets the confidence of answers is learnt from, and those kept back from it; one shape for all.

Kept back: ``training/retrieval/kept_back`` (two towns, very colloquial) and ``towns`` (three towns as municipalities publish their
questions: a sheet, a page, a manual). Nothing was chosen on them. A question asked once more with its answer taken away is a
question that has none, as near to the rest as such questions come.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from enishi.engines.answers import Asked, Calibration, Choice, answer
from enishi.knowledge.answers import calculations
from enishi.knowledge.answers.calculations import Found
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.normalising import normalise
from enishi.language.tokens import content_words
from training.answers import labelled

HERE = Path(__file__).parent
RETRIEVAL = HERE.parent / "retrieval"
OWN = {"shiomi": "汐見市", "kumoi": "雲居町", "wakabadai": "若葉台市"}
HELD = {"asagiri": "朝霧市", "mitsuya": "三ツ谷町", "chidori": "千鳥市"}
FRESH = {"aomine": "青嶺市", "kirigasawa": "霧ヶ沢町", "nagishima": "凪島村", "chuodai": "中央台区"}
WALKED = {
    "first": {"fujinami": "藤波市", "hiwada": "檜田町", "tsurumisaki": "鶴見崎市"},
    "second": {"midorino": "緑野市", "otobe": "音辺市", "minasegawa": "水瀬川町"},
}
_DOCUMENTS = ("wakabadai", "hiwada", "tsurumisaki", "otobe", "minasegawa")
"""Towns whose texts are passages of documents; those of the others are approved answers."""
_FIRST = 12
_WORDS = 0.7


@dataclass(frozen=True)
class Question:
    """``right``: the texts that answer, none where nothing does; ``without``: texts taken away before it is asked."""

    text: str
    right: frozenset[int]
    kind: str
    must: tuple[str, ...] = ()
    language: str = "ja"
    without: frozenset[int] = frozenset()

    @property
    def is_answerable(self) -> bool:
        return bool(self.right)


@dataclass(frozen=True)
class QuestionSet:
    name: str
    own: tuple[str, ...]
    texts: tuple[Found, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Tried:
    """A question, and what was chosen for it."""

    set: str
    row: Question
    asked: Asked
    choice: Choice
    is_right: bool


def learnt() -> list[QuestionSet]:
    return [_faq(), _labelled()]


def kept_back() -> list[QuestionSet]:
    return [*(_colloquial(name) for name in ("snow_town", "port_city")), *(_town(name) for name in OWN)]


def held() -> list[QuestionSet]:
    """Three more towns, written before anything was changed for how residents ask; a third of their questions has no answer."""
    return [_town(name, HERE / "held") for name in HELD]


def fresh(half: str) -> list[QuestionSet]:
    """A big city, a mountain town, an island and a ward, in a hand unlike the others; of the questions one half is ``learnt``,
    one ``held``."""
    return [_town(name, HERE / "fresh", half) for name in FRESH]


def walked(name: str) -> list[QuestionSet]:
    """Towns full of neighbours that differ in one word: a ward, a year, an age, a kind of stove. ``must`` of two parts: both."""
    return [_town(town, HERE / "walked", name) for town in WALKED[name]]


def _faq() -> QuestionSet:
    rows = _table(RETRIEVAL / "faq.tsv")
    questions = []
    for place, row in enumerate(rows):
        for asked, kind in ((row[2], "formal"), (row[3], "colloquial")):
            questions += _with_and_without(Question(asked, frozenset({place}), kind))
    for place, language, asked in _table(HERE / "residents.tsv"):
        right = frozenset() if place == "-" else frozenset({int(place)})
        spoken = "" if language == "ja" else language
        questions.append(Question(asked, right, "none" if place == "-" else "resident", language=spoken))
    return QuestionSet("faq", ("測定市",), _found(rows), tuple(questions))


def _labelled() -> QuestionSet:
    passages = labelled.passages()
    place = {row.id: number for number, row in enumerate(passages)}
    texts = tuple(
        Found(str(number), row.found.document, row.text, row.found.context)
        for number, row in enumerate(passages)
    )
    questions: list[Question] = []
    for row in labelled.questions():
        right = frozenset(place[each] for each in row.passages)
        # Questions about persons never come so far.
        if row.kind != "person":
            questions += _with_and_without(Question(row.question, right, row.kind, row.must, row.language))
    return QuestionSet("labelled", labelled.OWN, texts, tuple(questions))


def _colloquial(name: str) -> QuestionSet:
    rows = _table(RETRIEVAL / "kept_back" / f"{name}.tsv")
    questions = [
        each
        for place, row in enumerate(rows)
        for asked in row[2:4]
        for each in _with_and_without(Question(asked, frozenset({place}), "colloquial"))
    ]
    return QuestionSet(name, ("測定町",), _found(rows), tuple(questions))


def _town(name: str, folder: Path = HERE / "towns", questions_of: str = "questions") -> QuestionSet:
    rows = _table(folder / f"{name}.tsv")
    whole = name not in _DOCUMENTS
    texts = tuple(
        Found(str(place), str(place) if whole else row[0].split(" > ")[0], row[1], row[0], whole=whole)
        for place, row in enumerate(rows)
    )
    questions = []
    for town, right, must, kind, language, asked in _table(folder / f"{questions_of}.tsv"):
        if town == name and kind not in ("person", "abuse"):
            places = frozenset(int(each) - 1 for each in right.split(",") if each != "0")
            questions.append(
                Question(
                    asked,
                    places,
                    kind,
                    tuple(part for part in must.split(";") if part),
                    "" if language == "ja" else language,
                )
            )
    own = OWN | HELD | FRESH | {key: each for towns in WALKED.values() for key, each in towns.items()}
    return QuestionSet(name, (own[name],), texts, tuple(questions))


def _with_and_without(question: Question) -> list[Question]:
    if not question.right:
        return [question]
    gone = Question(
        question.text, frozenset(), "taken_away", language=question.language, without=question.right
    )
    return [question, gone]


def _found(rows: list[list[str]]) -> tuple[Found, ...]:
    return tuple(Found(str(place), str(place), row[1], row[0], whole=True) for place, row in enumerate(rows))


def _table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip()]


class Shelf:
    """A set's texts, found by coverage fusion as search finds them."""

    def __init__(self, one: QuestionSet, vectors: Vectors) -> None:
        self._one, self._vectors = one, vectors
        texts = [f"{each.context} {each.text}" for each in one.texts]
        self._whole = vectors.of(texts)
        self._titles = vectors.of([each.context for each in one.texts])
        self._words = [frozenset(content_words(text)) for text in texts]

    def find(self, words: str, without: frozenset[int]) -> list[Found]:
        vector = self._vectors.question(words)
        near = np.maximum(self._whole @ vector, self._titles @ vector)
        near = (near - near.min()) / max(float(near.max() - near.min()), 1e-9)
        mine = frozenset(content_words(words))
        held = np.array([len(mine & each) / max(len(mine), 1) for each in self._words])
        order = np.argsort(-(near + _WORDS * held), kind="stable").tolist()
        return [self._one.texts[place] for place in order if place not in without][:_FIRST]


def tried(one: QuestionSet, vectors: Vectors, calibration: Calibration | None = None) -> list[Tried]:
    """Every question of a set, answered as the product does; with a calibration, as that alone would."""
    shelf = Shelf(one, vectors)
    return [_tried(one, row, shelf, vectors, calibration) for row in one.questions]


def _tried(
    one: QuestionSet, row: Question, shelf: Shelf, vectors: Vectors, calibration: Calibration | None
) -> Tried:
    texts = calculations.parts_of(row.text) if calibration is None else ()
    if len(texts) > 1:
        parts = [_tried(one, replace(row, text=text), shelf, vectors, calibration) for text in texts]
        if any(part.choice.is_answered for part in parts):
            return _together(one, row, parts)
    asked = calculations.asked(row.text, own_names=one.own, language=row.language)
    near = shelf.find(calculations.words_to_search(asked), row.without)
    if calibration is None:
        choice = calculations.answer(asked, near, vectors)
    else:
        choice = answer(asked, calculations.candidates(asked, near, vectors), calibration)
    return Tried(one.name, row, asked, choice, _is_right(row, choice))


def _together(one: QuestionSet, row: Question, parts: list[Tried]) -> Tried:
    """Two questions in one: right where every part that is answered is, and what must be said is said as far as parts are answered."""
    given = [part.choice for part in parts if part.choice.is_answered]
    sentences = tuple(sentence for choice in given for sentence in choice.sentences)
    told = [normalise("".join(sentence.text for sentence in choice.sentences)) for choice in given]
    right = all(int(sentence.passage) in row.right for sentence in sentences)
    held = sum(normalise(must) in "".join(told) for must in row.must)
    enough = held >= min(len(row.must), len(given))
    return Tried(one.name, row, parts[0].asked, replace(given[0], sentences=sentences), right and enough)


def _is_right(row: Question, choice: Choice) -> bool:
    """Whether the sentences come from a right text and hold what they must."""
    text = normalise("".join(sentence.text for sentence in choice.sentences))
    from_right = bool({int(sentence.passage) for sentence in choice.sentences} & row.right)
    return from_right and all(normalise(part) in text for part in row.must)
