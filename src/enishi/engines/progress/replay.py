"""Recompute a published vector: plain data in, plain data out, so that anybody can check the numbers.

Numbers travel as text ("3.7", "1/2"), missing values as ``{"missing": reason}``; nothing here is a float.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from enishi.engines.core import InvalidInputError
from enishi.engines.progress.attainment import (
    SimpleRate,
    distance,
    progress,
    series_progress,
    series_year_attainment,
    simple_rate,
)
from enishi.engines.progress.checks import parts_disagree
from enishi.engines.progress.costs import execution_rate, unit_cost
from enishi.engines.progress.decisions import Course, Decision, Reflection, reflection_rate, review_rate
from enishi.engines.progress.durations import Duration, Ending, waiting
from enishi.engines.progress.rollup import Member, roll_up
from enishi.engines.progress.series import (
    Aggregation,
    Baseline,
    Certainty,
    Direction,
    Reading,
    Series,
    Target,
    latest_value,
    value_of_year,
    yearly,
)
from enishi.engines.progress.shares import ModelState, ProposalFate, Unit, closing_rate, logic_model_rate
from enishi.engines.progress.standing import standings
from enishi.engines.progress.status import Scheme, Status, judge
from enishi.engines.progress.trend import series_trend, trend
from enishi.engines.progress.units import convert
from enishi.engines.progress.values import Amount, Because, Exact, Figure, Missing, Number

Plain = Mapping[str, Any]


def replay(function: str, inputs: Plain) -> dict[str, Any]:
    """Return what a function of this engine answers to plain inputs; a refusal comes back as ``{"refused": field}``.

    Raises
    ------
    InvalidInputError
        If there is no such function.

    Examples
    --------
    >>> replay("progress", {"direction": "UP", "baseline": "60", "target": "80", "value": "70"})["value"]
    '1/2'
    >>> replay("convert", {"value": "1", "unit": "人", "to": "円"})
    {'refused': 'unit'}
    """
    if function not in _FUNCTIONS:
        raise InvalidInputError("function", f"there is no {function}; there are {', '.join(_FUNCTIONS)}")
    try:
        return _FUNCTIONS[function](inputs)
    except InvalidInputError as refusal:
        return {"refused": refusal.field}
    except KeyError as absent:
        return {"refused": str(absent.args[0])}
    except (TypeError, ValueError, AttributeError):
        return {"refused": "inputs"}


def number(text: Any, field: str = "value") -> Number:
    """Return the number a text stands for: a decimal or a fraction.

    >>> number("0.1"), number("1/3")
    (Decimal('0.1'), Fraction(1, 3))
    """
    try:
        return Fraction(text) if "/" in str(text) else Decimal(str(text))
    except (InvalidOperation, ValueError, ZeroDivisionError) as error:
        raise InvalidInputError(field, f"{text!r} is not a number") from error


def _amount(plain: Any, field: str = "value") -> Amount:
    if plain is None:
        return Missing(Because.NO_VALUE)
    return Missing(plain["missing"]) if isinstance(plain, Mapping) else number(plain, field)


def _plain(value: Exact) -> Any:
    return {"missing": value.reason} if isinstance(value, Missing) else str(value)


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "value": _plain(figure.value),
        "numerator": _plain(figure.numerator),
        "denominator": _plain(figure.denominator),
        "formula": f"{figure.formula.code}/{figure.formula.version}",
        "marks": list(figure.marks),
        "explanation": figure.explanation,
    }


def _series(plain: Plain) -> Series:
    baseline = plain.get("baseline")
    return Series(
        direction=Direction(plain.get("direction", "UP")),
        baseline=Baseline(baseline["year"], _amount(baseline["value"]), baseline.get("definition", 1))
        if baseline
        else None,
        targets=tuple(_target(each) for each in plain.get("targets", ())),
        readings=tuple(_reading(each) for each in plain.get("readings", ())),
        unit=plain.get("unit", ""),
        aggregation=Aggregation(plain.get("aggregation", "last")),
        cumulative=plain.get("cumulative", False),
        tolerance=number(plain.get("tolerance", "0")),
        breaks=frozenset(plain.get("breaks", ())),
    )


def _target(plain: Plain) -> Target:
    values = {key: number(plain[key], key) for key in ("value", "lower", "upper") if key in plain}
    return Target(plain["year"], **values)


def _reading(plain: Plain) -> Reading:
    certainty, definition = Certainty(plain.get("certainty", "confirmed")), plain.get("definition", 1)
    unit = plain.get("unit", "")
    if "year" in plain:
        return yearly(
            plain["year"], _amount(plain["value"]), certainty=certainty, definition=definition, unit=unit
        )
    return Reading(
        start=dt.date.fromisoformat(plain["start"]),
        end=dt.date.fromisoformat(plain["end"]),
        value=_amount(plain["value"]),
        certainty=certainty,
        definition=definition,
        weight=number(plain["weight"], "weight") if "weight" in plain else None,
        unit=unit,
    )


def _progress(plain: Plain) -> dict[str, Any]:
    return _figure(
        progress(
            direction=Direction(plain["direction"]),
            baseline=_amount(plain["baseline"]),
            target=number(plain["target"]),
            value=_amount(plain["value"]),
        )
    )


def _series_progress(plain: Plain) -> dict[str, Any]:
    provisional = plain.get("allow_provisional", False)
    return _figure(series_progress(_series(plain), as_of=plain["as_of"], allow_provisional=provisional))


def _series_year_attainment(plain: Plain) -> dict[str, Any]:
    provisional = plain.get("allow_provisional", False)
    return _figure(
        series_year_attainment(_series(plain), fiscal_year=plain["year"], allow_provisional=provisional)
    )


def _simple_rate(plain: Plain) -> dict[str, Any]:
    variant = SimpleRate(plain["variant"]) if "variant" in plain else None
    return _figure(
        simple_rate(
            direction=Direction(plain["direction"]),
            target=number(plain["target"]),
            value=_amount(plain["value"]),
            variant=variant,
        )
    )


def _distance(plain: Plain) -> dict[str, Any]:
    lower, upper, tolerance = (number(plain[key], key) for key in ("lower", "upper", "tolerance"))
    return _figure(distance(lower=lower, upper=upper, tolerance=tolerance, value=_amount(plain["value"])))


def _value_of_year(plain: Plain) -> dict[str, Any]:
    found = value_of_year(
        _series(plain), plain["year"], allow_provisional=plain.get("allow_provisional", False)
    )
    return {"value": _plain(found.value), "marks": list(found.marks), "explanation": found.explanation}


def _latest_value(plain: Plain) -> dict[str, Any]:
    found = latest_value(_series(plain), as_of=plain["as_of"])
    return {"value": _plain(found.value), "year": found.fiscal_year, "marks": list(found.marks)}


def _status(plain: Plain) -> dict[str, Any]:
    lines = plain.get("scheme", {})
    scheme = Scheme(
        on_track=number(lines.get("on_track", "0.9"), "on_track"),
        slightly_late=number(lines.get("slightly_late", "0.7"), "slightly_late"),
        far_off=number(lines.get("far_off", "2"), "far_off"),
    )
    found = judge(_series(plain), fiscal_year=plain["year"], scheme=scheme, by=plain.get("by", "year"))
    return {
        "status": str(found.status),
        "reason": found.reason,
        **_figure(found.figure),
        "explanation": found.explanation,
    }


def _standings(plain: Plain) -> dict[str, Any]:
    (found,) = standings(_series(plain), [plain["year"]])
    return {
        "status": str(found.status),
        "reason": found.reason,
        "value": _plain(found.attainment.value),
        "progress": _plain(found.progress.value),
        "trend": _plain(found.trend),
        "marks": list(found.marks),
    }


def _trend(plain: Plain) -> dict[str, Any]:
    found = trend({int(year): _amount(value) for year, value in plain["values"].items()})
    return _figure(found.slope) | {"intercept": _plain(found.intercept)}


def _series_trend(plain: Plain) -> dict[str, Any]:
    found = series_trend(_series(plain), as_of=plain["as_of"])
    return _figure(found.slope) | {"years": [year for year, _ in found.points]}


def _roll_up(plain: Plain) -> dict[str, Any]:
    members = [
        Member(
            Status(each["status"]),
            _amount(each["rate"]),
            number(each["weight"], "weight") if "weight" in each else None,
        )
        for each in plain["members"]
    ]
    found = roll_up(members)
    counts = {str(status): count for status, count in found.distribution.items() if count}
    return _figure(found.mean) | {"distribution": counts, "achieved": _plain(found.achieved.value)}


def _unit_cost(plain: Plain) -> dict[str, Any]:
    return _figure(
        unit_cost(
            allocated_yen=plain["allocated_yen"],
            fte_cost_yen=plain["fte_cost_yen"],
            output=_amount(plain["output"]),
        )
    )


def _execution_rate(plain: Plain) -> dict[str, Any]:
    return _figure(execution_rate(spent_yen=plain["spent_yen"], budget_yen=plain["budget_yen"]))


def _decisions(plain: Sequence[Plain]) -> list[Decision]:
    return [
        Decision(
            **{
                **each,
                "course": Course(each["course"]),
                "reflection": Reflection(each.get("reflection", "未反映")),
            }
        )
        for each in plain
    ]


def _reflection_rate(plain: Plain) -> dict[str, Any]:
    found = reflection_rate(_decisions(plain["decisions"]), fiscal_year=plain["year"])
    return _figure(found.strict) | {
        "percent": str(found.strict.percent()) if not found.strict.is_missing else None,
        "loose": _plain(found.loose.value),
        "yen_weighted": _plain(found.yen_weighted.value),
        "unreflected": found.unreflected,
        "in_supplementary": list(found.in_supplementary),
    }


def _review_rate(plain: Plain) -> dict[str, Any]:
    counts = plain.get("counts", {})
    made = [
        Decision(f"{course}{at}", Course(course)) for course, count in counts.items() for at in range(count)
    ]
    found = review_rate(made + _decisions(plain.get("decisions", ())), evaluated=plain.get("evaluated"))
    shown = (
        {}
        if found.reviewed.is_missing
        else {
            "percent": str(found.reviewed.percent()),
            "scrap_percent": str(found.scrapped.percent()),
            "expanded_percent": str(found.expanded.percent()),
            "ended_percent": str(found.ended.percent()),
        }
    )
    return _figure(found.reviewed) | {"scrap": _plain(found.scrapped.value)} | shown


def _logic_model_rate(plain: Plain) -> dict[str, Any]:
    found = logic_model_rate(
        [
            Unit(
                each["key"],
                ModelState(each.get("state", "なし")),
                tuple(each.get("failed", ())),
                each.get("in_scope", True),
            )
            for each in plain["units"]
        ]
    )
    invalid = {key: list(rules) for key, rules in found.invalid.items()}
    return _figure(found.rate) | {"drafts": list(found.drafts), "invalid": invalid}


def _closing_rate(plain: Plain) -> dict[str, Any]:
    found = closing_rate([ProposalFate(**each) for each in plain["proposals"]], fiscal_year=plain["year"])
    return _figure(found.cohort) | {"period": _plain(found.period.value), "pending": found.pending}


def _waiting(plain: Plain) -> dict[str, Any]:
    durations = [Duration(days, Ending(ending)) for ending, every in plain["days"].items() for days in every]
    found = waiting(durations)
    return {
        "mean": _plain(found.mean.value),
        "median": _plain(found.median.value),
        "kaplan_meier_median": _plain(found.kaplan_meier_median.value),
        "explanation": found.kaplan_meier_median.explanation,
    }


def _convert(plain: Plain) -> dict[str, Any]:
    return {"value": str(convert(number(plain["value"]), unit=plain["unit"], to=plain["to"]))}


def _parts_disagree(plain: Plain) -> dict[str, Any]:
    parts = {name: _amount(value) for name, value in plain["parts"].items()}
    return {
        "fault": parts_disagree(_amount(plain["total"]), parts, tolerance=number(plain.get("tolerance", "0")))
    }


_FUNCTIONS: dict[str, Callable[[Plain], dict[str, Any]]] = {
    "progress": _progress,
    "series_progress": _series_progress,
    "series_year_attainment": _series_year_attainment,
    "simple_rate": _simple_rate,
    "distance": _distance,
    "value_of_year": _value_of_year,
    "latest_value": _latest_value,
    "judge": _status,
    "standings": _standings,
    "trend": _trend,
    "series_trend": _series_trend,
    "roll_up": _roll_up,
    "unit_cost": _unit_cost,
    "execution_rate": _execution_rate,
    "reflection_rate": _reflection_rate,
    "review_rate": _review_rate,
    "logic_model_rate": _logic_model_rate,
    "closing_rate": _closing_rate,
    "waiting": _waiting,
    "convert": _convert,
    "parts_disagree": _parts_disagree,
}
