"""A risk table: whether every risk has somebody who bears it, and how many of them came true."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from enishi.engines.core.errors import InvalidInputError

Bearer = Literal[
    "municipality", "partner", "mainly_municipality", "mainly_partner", "both", "cause", "nobody"
]
SHARED: frozenset[str] = frozenset({"mainly_municipality", "mainly_partner", "both"})
Payment = Literal["service", "fees", ""]


@dataclass(frozen=True)
class RiskShare:
    """One risk: who bears it, from which boundary on, and what is then done. ``is_demand`` marks the number of users."""

    key: str
    bearer: Bearer
    threshold: str = ""
    remedy: str = ""
    is_demand: bool = False


@dataclass(frozen=True)
class Gap:
    """Something the table leaves open. ``weight``: ``must`` be mended, or is worth a ``look``."""

    key: str
    reason: Literal["nobody", "no_boundary", "no_cap", "demand_mismatch"]
    weight: Literal["must", "look"]


def gaps(risks: Sequence[RiskShare], *, payment: Payment = "") -> tuple[Gap, ...]:
    """Return what a risk table leaves open, in the table's order.

    Parameters
    ----------
    risks : sequence of RiskShare, keys unique
    payment : ``service`` (the municipality pays for the service), ``fees`` (users' fees pay for it) or "" (not said)

    Raises
    ------
    InvalidInputError
        If two risks have the same key.

    Notes
    -----
    ``nobody``: no bearer. ``no_boundary``: two bear it and no threshold says who bears what. ``no_cap``: the partner
    alone bears it and neither threshold nor remedy limits it (worth a look). ``demand_mismatch``: the demand risk lies
    with the partner although the municipality pays, or with the municipality although fees pay.

    Source
    ------
    リスクを最もよく管理できる者が負担する: 内閣府「リスク分担等に関するガイドライン」の考え方; checks of risk_allocation.json.

    Examples
    --------
    >>> gaps([RiskShare("C01", "nobody"), RiskShare("C20", "both"), RiskShare("C21", "both", threshold="1.5%")])
    (Gap(key='C01', reason='nobody', weight='must'), Gap(key='C20', reason='no_boundary', weight='must'))
    """
    keys = [risk.key for risk in risks]
    if len(set(keys)) != len(keys):
        raise InvalidInputError("risks", "two risks have the same key")
    return tuple(gap for risk in risks for gap in _of(risk, payment))


def _of(risk: RiskShare, payment: Payment) -> list[Gap]:
    found: list[Gap] = []
    if risk.bearer == "nobody":
        return [Gap(risk.key, "nobody", "must")]
    if risk.bearer in SHARED and not risk.threshold.strip():
        found.append(Gap(risk.key, "no_boundary", "must"))
    if risk.bearer == "partner" and not (risk.threshold.strip() or risk.remedy.strip()):
        found.append(Gap(risk.key, "no_cap", "look"))
    wrong = {"service": "partner", "fees": "municipality"}.get(payment)
    if risk.is_demand and risk.bearer == wrong:
        found.append(Gap(risk.key, "demand_mismatch", "look"))
    return found


def occurrence(listed: Collection[str], came_true: Collection[str]) -> tuple[int, int]:
    """Return how many of the listed risks came true, and how many were listed (顕在化率 = first ÷ second).

    A risk that came true twice counts once; an incident of a risk that is not listed does not count.

    >>> occurrence({"C01", "C20", "M02"}, ["C20", "C20", "X99"])
    (1, 3)
    """
    return len(set(listed) & set(came_true)), len(set(listed))
