"""Money limits: up to where a contract may be negotiated, from where on the council votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from enishi.engines.core.errors import InvalidInputError

Body = Literal["prefecture", "designated_city", "city", "town"]
BODIES: tuple[Body, ...] = ("prefecture", "designated_city", "city", "town")
_COLUMN = {"prefecture": "都道府県", "designated_city": "指定都市", "city": "市", "town": "町村"}


@dataclass(frozen=True)
class Limit:
    """The ceiling of one kind of contract for one kind of body, in yen; before 2025-04 where it was another."""

    kind: str
    yen: int
    before_2025_04_yen: int | None = None


def limits_for(body: Body, rows: Sequence[Mapping[str, Any]]) -> tuple[Limit, ...]:
    """Return up to which price a small contract may be negotiated (少額随意契約), by kind of contract.

    Parameters
    ----------
    body : ``prefecture``, ``designated_city``, ``city`` or ``town``
    rows : mappings with ``kind``, ``pref_and_designated_city``, ``municipality``, ``municipality_before_2025_04`` (yen)

    Raises
    ------
    InvalidInputError
        If ``body`` is none of the four.

    Notes
    -----
    These are ceilings of the cabinet order; each body sets its own limit within them by rule (規則).

    Source
    ------
    地方自治法施行令 別表第五 (第167条の2第1項第1号).

    Examples
    --------
    >>> rows = [{"kind": "委託", "pref_and_designated_city": 2_000_000, "municipality": 1_000_000,
    ...          "municipality_before_2025_04": 500_000}]
    >>> limits_for("town", rows)
    (Limit(kind='委託', yen=1000000, before_2025_04_yen=500000),)
    """
    if body not in BODIES:
        raise InvalidInputError("body", f"must be one of {BODIES}")
    if body in {"prefecture", "designated_city"}:
        return tuple(Limit(row["kind"], row["pref_and_designated_city"]) for row in rows)
    return tuple(Limit(row["kind"], row["municipality"], row["municipality_before_2025_04"]) for row in rows)


def council_vote_needed(amount_yen: int, body: Body, floors: Mapping[str, Any]) -> bool:
    """Return whether a contract of this price is one on which the council votes.

    Parameters
    ----------
    amount_yen : int, the planned price (予定価格)
    body : as in ``limits_for``
    floors : mapping with the floors of the cabinet order, in yen, under 都道府県, 指定都市, 市 and 町村

    Raises
    ------
    InvalidInputError
        If ``amount_yen`` is negative or ``body`` unknown.

    Notes
    -----
    True from the floor on. The ordinance (条例) of the body fixes its own amount, which may not lie below it.

    Source
    ------
    地方自治法 第96条第1項第5号, 同法施行令 第121条の2の2・別表第三; PFI法 第12条, 同法施行令 第3条.

    Examples
    --------
    >>> floors = {"都道府県": 500_000_000, "指定都市": 300_000_000, "市": 150_000_000, "町村": 50_000_000}
    >>> council_vote_needed(150_000_000, "city", floors), council_vote_needed(149_999_999, "city", floors)
    (True, False)
    """
    if body not in BODIES:
        raise InvalidInputError("body", f"must be one of {BODIES}")
    if amount_yen < 0:
        raise InvalidInputError("amount_yen", "must not be negative")
    return bool(amount_yen >= floors[_COLUMN[body]])
