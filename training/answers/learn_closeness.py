"""Learns how sure an answer is where words and meaning are weighed together. ``python -m training.answers.learn_closeness``
prints how it does; ``--write`` keeps it.

Learnt on the imaginary city's questions, residents' questions to it, the labelled ones, those of five towns, half of four more and
three towns full of neighbours, most asked again with the answer taken away. Each set is judged by weights that have not seen it; the thresholds are the lowest at which enough of the
answers given so are right. Then the towns that are held back are asked.
"""

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from enishi.engines.answers import MEANT, Calibration
from enishi.knowledge.answers import calculations
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model
from training.answers import sets
from training.answers.learn import by_the_others, fit
from training.answers.sets import Tried

RIDGE = 300.0
TARGET = 0.98
"""More than is promised: a third of what residents ask has no answer, and lies near to what has one."""
FOREIGN = 0.85
"""Too few questions in other languages are known to choose by: at this as many are answered of those kept back as ever, none wrongly."""
KEPT = Path("src/enishi/knowledge/answers/closeness.json")
OPEN = Calibration({}, 0.0, 0.0, 0.0, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vectors = Vectors(LocalEmbedder(prepare_model(Path(folder), learnt=False), threads=2))
        taught = [*sets.learnt(), *sets.kept_back(), *sets.fresh("learnt"), *sets.walked("first")]
        rows = [_by_words(each) for one in taught for each in sets.tried(one, vectors, OPEN)]
        learnt = learn(rows)
        if options.write:
            KEPT.write_text(json.dumps(learnt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            calculations._learnt.cache_clear()
        for one in [*sets.held(), *sets.fresh("held"), *sets.walked("second")]:
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


def learn(rows: list[Tried]) -> dict[str, object]:
    # Two questions in one are never answered as one.
    alone = [each for each in rows if len(calculations.parts_of(each.row.text)) == 1]
    some = [each for each in alone if each.choice.refused in ("", "unsure")]
    values = np.array([[each.choice.features[feature] for feature in MEANT] for each in some])
    right = np.array([each.is_right for each in some], float)
    middle, spread = values.mean(axis=0).round(4), (values.std(axis=0) + 1e-4).round(4)
    terms, rows_of_terms = _in_pairs((values - middle) / spread)
    sure = by_the_others(rows_of_terms, right, np.array([each.set for each in some]), RIDGE)
    groups = np.where(values[:, MEANT.index("foreign")] > 0, "foreign", "japanese")
    found: dict[str, object] = {
        "name": f"learnt-{len(some)}",
    }
    for name in ("japanese", "foreign"):
        mine = groups == name
        level = _threshold(sure[mine], right[mine], TARGET)
        given = mine & (sure >= level)
        print(
            name,
            int(mine.sum()),
            "given",
            int(given.sum()),
            "right",
            int(right[given].sum()),
            "of",
            int(right[mine].sum()),
        )
        found[name] = round(level, 4)
    found["foreign"] = FOREIGN
    found["scales"] = dict(zip(MEANT, zip(middle.tolist(), spread.tolist(), strict=True), strict=True))
    weights = fit(rows_of_terms, right, RIDGE)
    found["weights"] = dict(zip((*terms, "bias"), weights.round(4).tolist(), strict=True))
    return found


def _in_pairs(scaled: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Each feature and each two of them: an unsaid word means another thing where all else lies near."""
    pairs = list(combinations_with_replacement(range(len(MEANT)), 2))
    both = np.stack([scaled[:, one] * scaled[:, other] for one, other in pairs], axis=1)
    names = [*MEANT, *(f"{MEANT[one]}*{MEANT[other]}" for one, other in pairs)]
    return names, np.clip(np.hstack([scaled, both]), -5.0, 5.0)


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
