"""Which open challenges a proposal may answer, on the scale by which the matching room compares wants and cans."""

from collections.abc import Collection

import numpy as np

from enishi.exchange.matches.reader import WordsOnly, reader, vectors_of
from enishi.exchange.matches.store import store
from enishi.exchange.matches.texts import PUBLIC_AUDIENCE

NEAR = 2.0
"""Standard deviations above pairs that have nothing to do with each other: nearer ones are worth a look."""


def nearness(text: str, challenges: Collection[int]) -> dict[int, float] | None:
    """How near each of these challenges is; one that is not in the index is left out. ``None`` where no model reads."""
    return _measured(text, np.isin(store.wants().keys, np.array(sorted(challenges), np.int64)))


def nearness_to_public(text: str) -> dict[int, float] | None:
    """The same for everything that everybody may read."""
    return _measured(text, np.isin(store.wants().audiences, np.array([PUBLIC_AUDIENCE], np.int64)))


def _measured(text: str, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[int, float] | None:
    name, raw = vectors_of([text[:2_000]], "passage")
    if name == WordsOnly.name:
        return None
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return {}
    wants, space = store.wants(), reader().space
    placed = space.place_cans(raw)
    near = space.scaled(wants.vectors[rows] @ placed[0], float(space.can_hubs(placed)[0]), wants.hubs[rows])
    return {int(wants.keys[row]): float(value) for row, value in zip(rows, near, strict=True)}
