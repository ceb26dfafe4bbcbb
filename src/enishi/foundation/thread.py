"""The red thread: one case from the want to the yen."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Stage(enum.Enum):
    """The seven knots, in order."""

    CHALLENGE = "challenge"
    MATCH = "match"
    PROPOSAL = "proposal"
    AGREEMENT = "agreement"
    PROJECT = "project"
    EVALUATION = "evaluation"
    BUDGET = "budget"

    @property
    def label(self) -> Promise:
        return LABELS[self]


LABELS: dict[Stage, Promise] = {
    Stage.CHALLENGE: pgettext_lazy("流れ", "課題"),
    Stage.MATCH: pgettext_lazy("流れ", "縁"),
    Stage.PROPOSAL: pgettext_lazy("流れ", "提案"),
    Stage.AGREEMENT: pgettext_lazy("流れ", "協定"),
    Stage.PROJECT: pgettext_lazy("流れ", "事業"),
    Stage.EVALUATION: pgettext_lazy("流れ", "評価"),
    Stage.BUDGET: pgettext_lazy("流れ", "予算"),
}


@dataclass(frozen=True)
class Reached:
    """A stage this case has come to: since when, and where its page is."""

    on: dt.date | None = None
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Knot:
    """One knot as a page draws it; ``state`` is ``past``, ``here`` or ``ahead``; ``days`` were spent until the next."""

    label: str | Promise
    state: str
    url: str = ""
    title: str = ""
    on: dt.date | None = None
    days: int | None = None


def case_thread(*, here: Stage, reached: Mapping[Stage, Reached], today: dt.date) -> list[Knot]:
    """The seven knots of a case seen from ``here``.

    Earlier and later stages that were reached are links; ``days`` counts from one reached stage to the next reached one,
    and for the last until ``today``.
    """
    dated = [(stage, reached[stage].on) for stage in Stage if stage in reached and reached[stage].on]
    followers = [*(on for _stage, on in dated[1:]), today]
    ends = {stage: until for (stage, _on), until in zip(dated, followers, strict=False)}
    return [_knot(stage, here, reached.get(stage), ends.get(stage)) for stage in Stage]


def _knot(stage: Stage, here: Stage, reached: Reached | None, until: dt.date | None) -> Knot:
    state = "here" if stage is here else "past" if reached else "ahead"
    reached = reached or Reached()
    days = (until - reached.on).days if until and reached.on and until >= reached.on else None
    return Knot(stage.label, state, reached.url if state == "past" else "", reached.title, reached.on, days)
