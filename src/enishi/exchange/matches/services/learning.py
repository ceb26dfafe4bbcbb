"""Weights learnt from what came of contacts, kept as versions that can be taken back."""

import datetime as dt

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.engines import matching
from enishi.engines.core import InvalidInputError, NotEnoughDataError
from enishi.engines.matching import MatchWeights, Quality, View
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches.access import weights_access
from enishi.exchange.matches.calculations import active_weights
from enishi.exchange.matches.enums import WeightsOrigin
from enishi.exchange.matches.errors import TooFewOutcomesError
from enishi.exchange.matches.models import MatchFeedback, WeightsVersion
from enishi.foundation import trail

FEWEST = matching.FEWEST_OUTCOMES
SEED = 20_261_122
"""The same outcomes are held back whenever the same feedback is learnt from: a second look gives the same numbers."""


def outcomes() -> list[matching.Outcome]:
    """What ended contacts taught. A refusal for a reason outside the match itself counts half."""
    rows = MatchFeedback.objects.order_by("at", "pk")
    return [
        matching.Outcome(
            values={View(name): value for name, value in row.parts.items() if name in set(View)},
            led_on=row.led_on,
            weight=0.5 if row.reason in {"other_partner", "capacity", "other"} else 1.0,
        )
        for row in rows
    ]


@transaction.atomic
def learn(*, actor: Person, at: dt.datetime) -> WeightsVersion:
    """Fit new weights to the outcomes there are; somebody looks at them before they are used.

    Raises
    ------
    TooFewOutcomesError
        With fewer than fifty.
    RefusedError
        When all of them ended alike.
    """
    weights_access.require(actor, "learn", None)
    kept_bundled(at)
    number = _next_number()
    known = outcomes()
    try:
        fitted = matching.refit(known, active_weights(), version=str(number), rng=np.random.default_rng(SEED))
    except NotEnoughDataError as error:
        raise TooFewOutcomesError(have=len(known), need=FEWEST) from error
    except InvalidInputError as error:
        raise RefusedError(
            _(
                "終わった対話がすべて同じ結果なので、違いから学べません。「連携へ」と「見送り」の両方が要ります。"
            )
        ) from error
    version = WeightsVersion.objects.create(
        number=number,
        origin=WeightsOrigin.LEARNT,
        weights=_values(fitted.new),
        outcomes=len(known),
        held_back=fitted.measured_on,
        quality={"before": _quality(fitted.before), "after": _quality(fitted.after)},
        made_by=actor,
        made_at=at,
    )
    trail.record(trail.Act(actor=actor, action="learn", subject=version, at=at))
    return version


@transaction.atomic
def use_weights(*, number: int, actor: Person, at: dt.datetime) -> WeightsVersion:
    """Rank with this version from now on; going back is the same act."""
    weights_access.require(actor, "activate", None)
    version = WeightsVersion.objects.select_for_update().get(number=number)
    if version.is_active:
        return version
    WeightsVersion.objects.filter(is_active=True).update(is_active=False)
    version.is_active, version.activated_at = True, at
    version.save(update_fields=["is_active", "activated_at"])
    trail.record(trail.Act(actor=actor, action="activate", subject=version, at=at))
    return version


def kept_bundled(at: dt.datetime) -> None:
    """The weights the engine came with, as the version one can always go back to."""
    if not WeightsVersion.objects.exists():
        WeightsVersion.objects.create(
            number=1,
            origin=WeightsOrigin.BUNDLED,
            weights=_values(matching.DEFAULT_WEIGHTS),
            is_active=True,
            made_at=at,
            activated_at=at,
        )


def _next_number() -> int:
    last = WeightsVersion.objects.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _values(weights: MatchWeights) -> dict[str, float]:
    return {view.value: round(weights.of(view), 6) for view in View}


def _quality(quality: Quality) -> dict[str, float]:
    return {"log_loss": round(quality.log_loss, 4), "concordance": round(quality.concordance, 4)}
