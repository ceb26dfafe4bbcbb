"""Learns the second opinion. ``python -m training.answers.learn_closeness`` prints how it does; ``--write`` keeps it.

Learnt on the imaginary city's questions and on the labelled ones, each asked again with its answer taken away. The thresholds are
the lowest at which enough of the answers given are right, over questions out of fold. Then the sets kept back are asked.
"""

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from enishi.engines.answers import MEANT, Calibration, is_bound
from enishi.knowledge.answers import calculations
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model
from training.answers import sets
from training.answers.learn import FOLDS, fit
from training.answers.sets import Tried

RIDGE = 1.0
TARGETS = {"free": 0.97, "strict": 0.97}
FOREIGN = 0.7
"""Set by hand: of 54 questions in other languages the right ones lay above a half, and two wrong ones (paper for burnable) with them."""
KEPT = Path("src/enishi/knowledge/answers/closeness.json")
OPEN = Calibration({}, 0.0, 0.0, 0.0, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vectors = Vectors(LocalEmbedder(prepare_model(Path(folder), learnt=False), threads=2))
        rows = [_by_words(each) for one in sets.learnt() for each in sets.tried(one, vectors, OPEN)]
        learnt = _learn(rows)
        if options.write:
            KEPT.write_text(json.dumps(learnt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            calculations._learnt.cache_clear()
        for one in sets.kept_back():
            _report(one.name, sets.tried(one, vectors), options.show)


def _by_words(each: Tried) -> Tried:
    """With what the first opinion came to, which an open calibration does not know."""
    if not each.choice.features:
        return each
    total = max(-6.0, min(calculations.calibration().total(each.choice.features), 4.0))
    choice = replace(each.choice, features={**each.choice.features, "by_words": total})
    return replace(each, choice=choice, is_right=each.is_right or _tells_of_it(each))


def _tells_of_it(each: Tried) -> bool:
    """A right passage answers what asks for no certain thing, whichever sentence of it comes first."""
    from_right = {int(sentence.passage) for sentence in each.choice.sentences} & each.row.right
    return bool(from_right) and not each.asked.wanted


def _learn(rows: list[Tried]) -> dict[str, object]:
    found: dict[str, object] = {"name": f"learnt-{len(rows)}", "foreign_threshold": FOREIGN}
    for name in ("free", "strict"):
        some = [
            each
            for each in rows
            if each.choice.refused in ("", "unsure")
            and each.asked.language == "ja"
            and is_bound(each.asked) == (name == "strict")
        ]
        values = np.array([[each.choice.features[feature] for feature in MEANT] for each in some])
        right = np.array([each.is_right for each in some], float)
        sure = _out_of_fold(some, values, right)
        level = _threshold(sure, right, TARGETS[name])
        weights = fit(values, right, RIDGE)
        given = sure >= level
        print(
            name,
            len(some),
            "given",
            int(given.sum()),
            "right",
            int(right[given].sum()),
            "of",
            int(right.sum()),
        )
        found[name] = dict(zip((*MEANT, "bias"), weights.round(4).tolist(), strict=True))
        found[f"{name}_threshold"] = round(level, 4)
    return found


def _out_of_fold(rows: list[Tried], values: np.ndarray, right: np.ndarray) -> np.ndarray:
    topics = [(each.set, min(each.row.right | each.row.without, default=each.row.text)) for each in rows]
    order = sorted(set(topics), key=str)
    np.random.default_rng(1).shuffle(order)
    number = {(name, str(topic)): place % FOLDS for place, (name, topic) in enumerate(order)}
    place = np.array([number[name, str(topic)] for name, topic in topics])
    sure = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = place == fold
        weights = fit(values[~held], right[~held], RIDGE)
        sure[held] = 1 / (1 + np.exp(-(values[held] @ weights[:-1] + weights[-1])))
    return sure


def _threshold(sure: np.ndarray, right: np.ndarray, target: float) -> float:
    order = np.argsort(-sure)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= target)
    return float(sure[order][enough[-1]]) if len(enough) else 1.0


def _report(name: str, rows: list[Tried], show: bool) -> None:
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for each in rows:
        count = tally[each.row.kind]
        count["asked"] += 1
        if each.choice.is_answered:
            count["right" if each.is_right else "wrong"] += 1
        if each.row.right:
            offered = {int(key) for key in each.choice.offered}
            count["answered or among three"] += (each.is_right and each.choice.is_answered) or bool(
                offered & each.row.right
            )
        if show and each.choice.is_answered and not each.is_right:
            print("WRONG", each.row.kind, each.row.text, "->", each.choice.sentences[0].text)
        if show and not each.choice.is_answered and each.row.right:
            print("REFUSED", each.choice.refused, each.row.kind, each.row.text)
    for kind, count in tally.items():
        print(name, kind, dict(count))


if __name__ == "__main__":
    main()
