"""Days, gaps, seals and differences: rows in, answers out. Nothing here writes."""

import calendar
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext as _

from enishi.agreements.enums import Bearer, Renewal
from enishi.agreements.models import Agreement, Obligation, Risk, Version
from enishi.engines import schemes
from enishi.foundation import trail

ASLEEP_AFTER = dt.timedelta(days=365)
_MOST_TURNS = 1_200
TERMS = (
    "title",
    "kind",
    "scheme",
    "purpose",
    "contents",
    "costs",
    "starts_on",
    "ends_on",
    "renewal",
    "renewal_months",
    "notice_months",
    "confidentiality",
    "personal_data",
    "personal_data_note",
    "publication",
    "payment",
)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or its last.

    >>> add_months(dt.date(2026, 1, 31), 1), add_months(dt.date(2026, 3, 31), -1)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def notice_day(ends_on: dt.date | None, renewal: str, notice_months: int | None) -> dt.date | None:
    """The last day on which one side may still say that it ends, or asks to go on."""
    if ends_on is None or renewal == Renewal.NONE or not notice_months:
        return None
    return add_months(ends_on, -notice_months)


@dataclass(frozen=True)
class Due:
    """One day on which something must be done. ``done`` tells what became of it."""

    obligation: Obligation
    on: dt.date | None
    done: Any = None


def repeats_until(agreement: Agreement, version: Version) -> dt.date | None:
    """The day after which nothing repeats: the end, unless the agreement goes on by itself."""
    return None if version.renewal == Renewal.AUTOMATIC else agreement.ends_on


def due_days(
    obligation: Obligation, until: dt.date, repeats_until: dt.date | None = None
) -> Iterator[dt.date]:
    """The days of an obligation: the first one always (it may lie after the end), later ones as far as asked."""
    if obligation.due_on is None:
        return
    yield obligation.due_on
    if not obligation.every_months:
        return
    for turn in range(1, _MOST_TURNS):
        day = add_months(obligation.due_on, turn * obligation.every_months)
        if day > until or (repeats_until is not None and day > repeats_until):
            return
        yield day


def dues(
    obligations: Iterable[Obligation],
    fulfilments: Iterable[Any],
    *,
    until: dt.date,
    repeats_until: dt.date | None = None,
) -> list[Due]:
    """Every day up to ``until``, with what became of it; undated obligations once, at the end."""
    done = {(each.key, each.due_on): each for each in fulfilments}
    found = []
    for obligation in obligations:
        days: list[dt.date | None] = list(due_days(obligation, until, repeats_until)) or [None]
        found += [Due(obligation, day, done.get((obligation.key, day))) for day in days]
    return sorted(found, key=lambda due: (due.on or dt.date.max, due.obligation.order))


def next_due(
    agreement: Agreement,
    version: Version,
    fulfilments: Iterable[Any],
    *,
    is_decided: bool,
    today: dt.date,
) -> dt.date | None:
    """The earliest day that still asks something of somebody: an obligation, the notice, the end."""
    until = max(agreement.ends_on or today, today) + dt.timedelta(days=400)
    found = dues(
        version.obligations.all(), fulfilments, until=until, repeats_until=repeats_until(agreement, version)
    )
    days = [due.on for due in found if due.done is None and due.on]
    if agreement.notice_on and not is_decided:
        days.append(agreement.notice_on)
    if agreement.ends_on:
        days.append(agreement.ends_on)
    return min(days, default=None)


def is_asleep(agreement: Agreement, today: dt.date) -> bool:
    """In force, and nothing was done under it for a year."""
    last = agreement.last_activity_on
    return agreement.status == "active" and last is not None and last < today - ASLEEP_AFTER


def snapshot(version: Version) -> dict[str, Any]:
    """Everything that was agreed, as JSON can hold it, in an order that stays."""
    return {
        "terms": {name: trail.plain(getattr(version, name)) for name in TERMS},
        "parties": [
            {
                name: trail.plain(getattr(party, name))
                for name in ("side", "organization_id", "name", "address", "representative", "role")
            }
            for party in version.signers.all()
        ],
        "obligations": [
            {
                name: trail.plain(getattr(each, name))
                for name in ("key", "bearer", "text", "due_on", "every_months")
            }
            for each in version.obligations.all()
        ],
        "risks": [
            {name: getattr(risk, name) for name in ("key", "kind", "text", "bearer", "threshold", "remedy")}
            for risk in version.risks.all()
        ],
    }


def seal(version: Version) -> str:
    """The sha256 of everything that was agreed."""
    text = json.dumps(snapshot(version), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def risk_gaps(risks: Iterable[Risk], payment: str) -> list[tuple[Risk, schemes.Gap]]:
    """What the table leaves open, each with its row."""
    rows = {risk.key: risk for risk in risks}
    shares = [
        schemes.RiskShare(
            key=risk.key,
            bearer=cast(Any, risk.bearer),
            threshold=risk.threshold,
            remedy=risk.remedy,
            is_demand="需要" in risk.kind,
        )
        for risk in rows.values()
    ]
    known = payment if payment in {"service", "fees"} else ""
    return [(rows[gap.key], gap) for gap in schemes.gaps(shares, payment=cast(Any, known))]


def gap_in_words(gap: schemes.Gap) -> str:
    return {
        "nobody": _("負担する側が決まっていません。"),
        "no_boundary": _("両者で負担しますが、分かれ目(額・割合・期間)がありません。"),
        "no_cap": _("相手だけが負担しますが、上限も対応も書かれていません。"),
        "demand_mismatch": _("需要の変動の負担が、対価の払い方と合っていません。"),
    }[gap.reason]


MARKS: dict[tuple[str, str], Bearer] = {
    ("main", "none"): Bearer.MUNICIPALITY,
    ("none", "main"): Bearer.PARTNER,
    ("main", "sub"): Bearer.MAINLY_MUNICIPALITY,
    ("sub", "main"): Bearer.MAINLY_PARTNER,
    ("main", "main"): Bearer.BOTH,
    ("cause", "cause"): Bearer.CAUSE,
}


def marks_of(bearer: str) -> tuple[str, str]:
    """○ (main), △ (beside), 責 (whoever is at fault) or nothing, for both sides.

    >>> marks_of("mainly_municipality"), marks_of("nobody")
    (('○', '△'), ('', ''))
    """
    signs = {"main": "○", "sub": "△", "cause": "責", "none": ""}
    pair = next((pair for pair, each in MARKS.items() if each == bearer), ("none", "none"))
    return signs[pair[0]], signs[pair[1]]


def names_of(parties: Sequence[Any], side: str) -> str:
    """The parties of one side in a row, as a list shows them."""
    return "、".join(party.name for party in parties if party.side == side)[:300]
