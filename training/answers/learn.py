"""Learns how sure an answer is. ``python -m training.answers.learn`` prints the cross-validation; ``--write`` keeps the result.

Logistic regression with a ridge over the features of the engine, on every question that is not refused outright.
Folds keep questions of one topic together. The thresholds are the lowest ones at which, over questions out of fold,
the share of right ones among those answered, less one standard error's worth of caution, reaches the target.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from enishi.engines.answers import FEATURES, Asked, Calibration, Choice, answer
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model
from training.answers import labelled

FOLDS = 8
RIDGE = 0.3
TARGET = 0.985
KEPT = Path("src/enishi/knowledge/answers/confidence.json")
OPEN = Calibration({}, 0.0, 0.0, 0.0, 0.0)
"""Answers whatever is not refused outright: what is weighed."""


@dataclass(frozen=True)
class Tried:
    row: labelled.Question
    asked: Asked
    choice: Choice
    is_right: bool

    @property
    def values(self) -> list[float]:
        return [self.choice.features.get(name, 0.0) for name in FEATURES]


def tried(learnt: bool = False) -> list[Tried]:
    with tempfile.TemporaryDirectory() as folder:
        embedder = LocalEmbedder(prepare_model(Path(folder), learnt=learnt), threads=2)
        collection = labelled.Collection(Vectors(embedder))
        return [_tried(collection, row) for row in labelled.questions()]


def _tried(collection: labelled.Collection, row: labelled.Question) -> Tried:
    asked, candidates = labelled.ask(collection, row)
    choice = answer(asked, candidates, OPEN)
    return Tried(row, asked, choice, labelled.is_right(row, choice))


def fit(values: np.ndarray, right: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Weights and bias by Newton's method."""
    rows = np.hstack([values, np.ones((len(values), 1))])
    weights = np.zeros(rows.shape[1])
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 0.0
    for _round in range(50):
        sure = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (right - sure) - penalty * weights
        curve = (rows * (sure * (1 - sure))[:, None]).T @ rows + np.diag(penalty + 1e-6)
        step = np.linalg.solve(curve, gradient)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def out_of_fold(rows: list[Tried]) -> np.ndarray:
    """How sure a model is that has not seen the topic of the question."""
    topics = sorted({_topic(each) for each in rows})
    fold = {topic: place % FOLDS for place, topic in enumerate(topics)}
    values = np.array([each.values for each in rows])
    right = np.array([each.is_right for each in rows], float)
    return by_the_others(values, right, np.array([fold[_topic(each)] for each in rows]))


def by_the_others(
    values: np.ndarray, right: np.ndarray, groups: np.ndarray, ridge: float = RIDGE
) -> np.ndarray:
    """How sure weights are that have not seen the group of a question."""
    sure = np.zeros(len(values))
    for group in np.unique(groups):
        held = groups == group
        weights = fit(values[~held], right[~held], ridge)
        sure[held] = 1 / (1 + np.exp(-(values[held] @ weights[:-1] + weights[-1])))
    return sure


def _topic(each: Tried) -> str:
    return each.row.passages[0][0] if each.row.passages else (each.choice.nearest or ("-",))[0][0]


def threshold(sure: np.ndarray, right: np.ndarray, target: float = TARGET) -> float:
    """The lowest at which enough of those answered are right."""
    best = 1.0
    for level in sorted({round(float(value), 3) for value in sure}, reverse=True):
        given = sure >= level
        if given.sum() and right[given].mean() >= target:
            best = level
    return min(best, 0.999)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--learnt", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    everything = tried(options.learnt)
    rows = [each for each in everything if each.choice.refused == "" or each.choice.refused == "unsure"]
    sure = out_of_fold(rows)
    right = np.array([each.is_right for each in rows])
    foreign = np.array([each.asked.language != "ja" for each in rows])
    strict = np.array([each.asked.is_strict for each in rows])
    levels = {
        "threshold": threshold(sure[~foreign & ~strict], right[~foreign & ~strict]),
        "strict_threshold": threshold(sure[~foreign & strict], right[~foreign & strict], 0.99),
        "foreign_threshold": threshold(sure[foreign], right[foreign]),
    }
    levels["strict_threshold"] = max(levels["threshold"] + 0.01, levels["strict_threshold"])
    needed = np.where(strict, levels["strict_threshold"], levels["threshold"])
    needed = np.where(foreign, np.maximum(needed, levels["foreign_threshold"]), needed)
    given = sure >= needed
    report(everything, rows, sure, given, right, foreign, options.show)
    weights = fit(np.array([each.values for each in rows]), right.astype(float))
    print(dict(zip((*FEATURES, "bias"), weights.round(2).tolist(), strict=True)), levels)
    if options.write:
        kept = {
            "name": "labelled-288",
            "weights": dict(zip(FEATURES, weights[:-1].round(4).tolist(), strict=True)),
            "bias": round(float(weights[-1]), 4),
            **levels,
        }
        KEPT.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def report(everything, rows, sure, given, right, foreign, show) -> None:
    answerable = np.array([each.row.is_answerable for each in rows])
    total = sum(each.row.is_answerable for each in everything)
    print(f"questions {len(everything)}, refused outright {len(everything) - len(rows)}")
    for name, mask in (("all", foreign | True), ("ja", ~foreign), ("foreign", foreign)):
        some = given & mask
        print(
            name, "answered", int(some.sum()), "right", f"{right[some].mean() if some.any() else 0:.3f}",
            "of answerable answered right", int((right & some & answerable).sum()), "/", total,
        )  # fmt: skip
    if show:
        for each, value, was_given in zip(rows, sure, given, strict=True):
            if was_given and not each.is_right:
                print(
                    "WRONG",
                    round(float(value), 3),
                    each.row.kind,
                    each.row.question,
                    [s.text for s in each.choice.sentences],
                )
        for each, value, was_given in zip(rows, sure, given, strict=True):
            if not was_given and each.row.is_answerable:
                print(
                    "REFUSED",
                    round(float(value), 3),
                    each.is_right,
                    each.row.question,
                    [s.text for s in each.choice.sentences][:2],
                )
        for each in everything:
            if each.row.is_answerable and each.choice.refused not in ("", "unsure"):
                print(
                    "OUTRIGHT",
                    each.choice.refused,
                    each.row.question,
                    each.asked.wanted,
                    each.asked.reading.names,
                )


if __name__ == "__main__":
    main()
