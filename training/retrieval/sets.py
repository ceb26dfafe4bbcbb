"""Small question sets written for this project, to choose and watch how documents are found."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from training.matching.pairs_file import read_pairs

HERE = Path(__file__).parent
WANTS = 120


@dataclass(frozen=True)
class QuestionSet:
    """Texts, and questions with the ids of the texts that answer them. ``family``: sets that share their texts."""

    name: str
    family: str
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[frozenset[str], ...]


def read_sets() -> list[QuestionSet]:
    """Return all sets; formal questions use the office's words, colloquial ones a resident's."""
    faq, reading, law = _table("faq.tsv"), _table("reading.tsv"), _law()
    answers = [row[1] for row in faq]
    none = [""] * len(faq)
    asked = _table("law_questions.tsv")
    return [
        _of("FAQ・役所の言葉", "faq", none, answers, [(row[2], at) for at, row in enumerate(faq)]),
        _of("FAQ・住民の言葉", "faq", none, answers, [(row[3], at) for at, row in enumerate(faq)]),
        _of(
            "FAQ・題つき・住民の言葉",
            "faq",
            [row[0] for row in faq],
            answers,
            [(row[3], at) for at, row in enumerate(faq)],
        ),
        _of(
            "読解の問い",
            "reading",
            [""] * len(reading),
            [row[1] for row in reading],
            [(question, at) for at, row in enumerate(reading) for question in row[2:4]],
        ),
        *(_law_set(law, asked, style) for style in "fc"),
        _wants(),
    ]


KEPT_BACK = ("snow_town", "port_city")


def kept_back_sets() -> list[QuestionSet]:
    """Return sets that nothing was chosen or learnt on: other towns, other topics, residents' own words; with titles and without."""
    found = []
    for name in KEPT_BACK:
        rows = _table(f"kept_back/{name}.tsv")
        titles, texts = [row[0] for row in rows], [row[1] for row in rows]
        asked = [(question, at) for at, row in enumerate(rows) for question in row[2:4]]
        found.append(_of(f"取っておいた・題つき・{name}", name, titles, texts, asked))
        found.append(_of(f"取っておいた・{name}", name, [""] * len(rows), texts, asked))
    return found


def _law_set(law: list[dict], asked: list[list[str]], style: str) -> QuestionSet:
    place = {row["id"]: at for at, row in enumerate(law)}
    questions = [(question, place[key]) for key, kind, question in asked if kind == style]
    name = "法令・役所の言葉" if style == "f" else "法令・住民の言葉"
    return _of(name, "law", [row["title"] for row in law], [row["text"] for row in law], questions)


def _wants() -> QuestionSet:
    """Troubles and what would help: few words in common. Texts of matching's pairs."""
    pairs = read_pairs()
    random.Random(1).shuffle(pairs)
    chosen = pairs[:300]
    ids = [f"{pair.id}.{number}" for pair in chosen for number in range(len(pair.cans))]
    texts = [can for pair in chosen for can in pair.cans]
    answers = [
        frozenset(f"{pair.id}.{number}" for number in range(len(pair.cans))) for pair in chosen[:WANTS]
    ]
    wants = tuple(pair.want for pair in chosen[:WANTS])
    return QuestionSet(
        "困りごとと助け(語がほぼ重ならない)",
        "wants",
        tuple(ids),
        ("",) * len(ids),
        tuple(texts),
        wants,
        tuple(answers),
    )


def _of(
    name: str, family: str, titles: list[str], texts: list[str], questions: list[tuple[str, int]]
) -> QuestionSet:
    return QuestionSet(
        name,
        family,
        tuple(f"{family}{at}" for at in range(len(texts))),
        tuple(titles),
        tuple(texts),
        tuple(question for question, _at in questions),
        tuple(frozenset((f"{family}{at}",)) for _question, at in questions),
    )


def _table(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (HERE / name).read_text("utf-8").splitlines() if line.strip()]


def _law() -> list[dict]:
    return [json.loads(line) for line in (HERE / "law.jsonl").read_text("utf-8").splitlines()]
