"""Learning from what became of matches: new weights for the views, never against the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from enishi.engines.core import InvalidInputError, NotEnoughDataError
from enishi.engines.matching.model import MatchWeights, View
from enishi.engines.matching.scoring import NEUTRAL

FEWEST_OUTCOMES = 50
HELD_BACK = 0.3
_STEPS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What became of one match.

    Attributes
    ----------
    values : mapping of View to float or None
        The values of the parts as they were shown.
    led_on : bool
        Whether it went further (dialogue, adoption) or not (declined, dormant).
    weight : float, positive
        How much it counts; an adoption may count more than a talk.
    """

    values: Mapping[View, float | None]
    led_on: bool
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise InvalidInputError("weight", "must be positive")


@dataclass(frozen=True)
class Quality:
    """How well weights foretell outcomes they were not fitted to.

    ``log_loss`` is lower for better; ``concordance`` is the share of pairs (one led on, one not) in the right
    order, 0.5 for chance.
    """

    log_loss: float
    concordance: float


@dataclass(frozen=True)
class Refit:
    """New weights beside the old, measured on the same held-back outcomes.

    ``is_better`` says whether the new ones foretell better; the caller decides what to use and keeps both.
    """

    old: MatchWeights
    new: MatchWeights
    before: Quality
    after: Quality
    fitted_on: int
    measured_on: int
    shares: Mapping[View, float] = field(default_factory=dict)

    @property
    def is_better(self) -> bool:
        return self.after.log_loss < self.before.log_loss


def refit(
    outcomes: Sequence[Outcome],
    weights: MatchWeights,
    *,
    version: str,
    rng: np.random.Generator,
    strength: float = 20.0,
) -> Refit:
    """Return weights drawn from the old ones towards what the outcomes say.

    Parameters
    ----------
    outcomes : sequence of Outcome, at least 50, of both kinds
    weights : MatchWeights
        The weights in use; without evidence a weight stays as it is.
    version : str
        Name of the new weights.
    rng : numpy.random.Generator
        Decides which outcomes are held back.
    strength : float, positive
        How many outcomes' worth the old weights count.

    Notes
    -----
    Logistic regression on the parts' values beyond neutral, weights kept at or above 0 (monotone: more evidence
    never lowers a score) and pulled to the old ones in proportion to their size, by projected gradient descent. A
    view that nobody filled in keeps its weight. A constant and a slope are fitted first with the old weights, so that
    before and after differ in the weights alone.

    Raises
    ------
    NotEnoughDataError
        With fewer than 50 outcomes.
    InvalidInputError
        If all outcomes are of one kind, or ``strength`` is not positive.
    """
    if len(outcomes) < FEWEST_OUTCOMES:
        raise NotEnoughDataError(needed=FEWEST_OUTCOMES, given=len(outcomes))
    if strength <= 0:
        raise InvalidInputError("strength", "must be positive")
    led_on = np.array([outcome.led_on for outcome in outcomes], float)
    if led_on.min() == led_on.max():
        raise InvalidInputError("outcomes", "are all of one kind")
    table = _Table(_values(outcomes), led_on, np.array([outcome.weight for outcome in outcomes]))
    fitting, measuring = _split(led_on, rng)
    old = np.array([weights.of(view) for view in View])
    constant, slope = _calibrated(table.of(fitting), old)
    new = _fitted(table.of(fitting), old, constant, slope, strength)
    return Refit(
        old=weights,
        new=MatchWeights(
            **{view.value: float(value) for view, value in zip(View, new, strict=True)}, version=version
        ),
        before=_quality(table.of(measuring), old, constant, slope),
        after=_quality(table.of(measuring), new, constant, slope),
        fitted_on=len(fitting),
        measured_on=len(measuring),
        shares={
            view: float(share) for view, share in zip(View, (table.values != 0).mean(axis=0), strict=True)
        },
    )


@dataclass(frozen=True)
class _Table:
    values: Floats
    led_on: Floats
    weights: Floats

    def of(self, rows: NDArray[np.int64]) -> _Table:
        return _Table(self.values[rows], self.led_on[rows], self.weights[rows])


def _values(outcomes: Sequence[Outcome]) -> Floats:
    return np.array(
        [
            [0.0 if (value := outcome.values.get(view)) is None else value - NEUTRAL[view] for view in View]
            for outcome in outcomes
        ]
    )


def _split(led_on: Floats, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hold back the same share of both kinds."""
    held: list[int] = []
    for kind in (0.0, 1.0):
        rows = rng.permutation(np.flatnonzero(led_on == kind))
        held.extend(rows[: max(1, round(len(rows) * HELD_BACK))].tolist())
    measuring = np.array(sorted(held), np.int64)
    fitting = np.setdiff1d(np.arange(len(led_on)), measuring)
    return fitting, measuring


def _calibrated(table: _Table, weights: Floats) -> tuple[float, float]:
    """Fit a constant and a slope of at least a little to the scores, by Newton's method with steps halved as needed."""
    score = table.values @ weights
    design = np.stack([np.ones_like(score), score], axis=1)
    solution = np.array([-float(score.mean()), 1.0])
    for _ in range(30):
        chance = _logistic(design @ solution)
        gradient = design.T @ (table.weights * (chance - table.led_on)) + [0.0, 0.1 * (solution[1] - 1.0)]
        bend = (design * (table.weights * chance * (1 - chance))[:, None]).T @ design + np.diag([1e-6, 0.1])
        solution = _descended(table, design, solution, np.linalg.solve(bend, gradient))
    return float(solution[0]), float(solution[1])


def _descended(table: _Table, design: Floats, solution: Floats, step: Floats) -> Floats:
    """The point a step leads to, or half or a quarter of it …, so that the loss never grows."""
    present = _calibration_loss(table, design, solution)
    for _ in range(30):
        tried = solution - step
        tried[1] = max(tried[1], 0.05)
        if _calibration_loss(table, design, tried) <= present:
            return tried
        step = step / 2
    return solution


def _calibration_loss(table: _Table, design: Floats, solution: Floats) -> float:
    score = design @ solution
    losses = np.logaddexp(0.0, score) - table.led_on * score
    return float(table.weights @ losses + 0.05 * (solution[1] - 1.0) ** 2)


def _fitted(table: _Table, old: Floats, constant: float, slope: float, strength: float) -> Floats:
    pull = strength / len(table.led_on) / (np.maximum(old, 0.1) ** 2)
    share = table.weights / table.weights.sum()
    weights = old.copy()
    step = 1.0 / (0.25 * slope**2 * (share @ (table.values**2)).sum() + pull.max())
    for _ in range(_STEPS):
        chance = _logistic(constant + slope * (table.values @ weights))
        gradient = slope * (table.values.T @ (share * (chance - table.led_on))) + pull * (weights - old)
        weights = np.maximum(weights - step * gradient, 0.0)
    return weights


def _quality(table: _Table, weights: Floats, constant: float, slope: float) -> Quality:
    score = table.values @ weights
    chance = np.clip(_logistic(constant + slope * score), 1e-9, 1 - 1e-9)
    losses = -(table.led_on * np.log(chance) + (1 - table.led_on) * np.log(1 - chance))
    return Quality(float(np.average(losses, weights=table.weights)), _concordance(score, table.led_on))


def _concordance(score: Floats, led_on: Floats) -> float:
    better, worse = score[led_on == 1], score[led_on == 0]
    order = np.sort(worse)
    below = np.searchsorted(order, better, side="left")
    even = np.searchsorted(order, better, side="right") - below
    return float((below + 0.5 * even).sum() / (len(better) * len(worse)))


def _logistic(score: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(score, -60, 60)))
    return chance
