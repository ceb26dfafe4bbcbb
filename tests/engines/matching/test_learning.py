"""Learning from outcomes that say little, with scores far from zero."""

import numpy as np

from enishi.engines import matching
from enishi.engines.matching import View


def test_scores_far_from_zero_that_tell_nothing_leave_the_foretelling_at_chance():
    rng = np.random.default_rng(5)
    outcomes = [
        matching.Outcome({View.MEANING: float(value)}, led_on=number % 2 == 0)
        for number, value in enumerate(rng.normal(6.0, 1.5, 60))
    ]

    fitted = matching.refit(outcomes, matching.DEFAULT_WEIGHTS, version="2", rng=np.random.default_rng(0))

    assert fitted.before.log_loss < 1.0
    assert fitted.after.log_loss < 1.0
