"""Documents as columns: who may read them, whether they hold today. A sieve, never narrower than ``visible_to``."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Min

from enishi.engines.core import BoolArray, IntArray
from enishi.foundation.access import Actor
from enishi.knowledge.documents.enums import DocumentKind, ReadingState
from enishi.knowledge.documents.models import Document, Passage
from enishi.organizations.enums import Visibility
from enishi.organizations.visibility import reach_of

KINDS = [kind.value for kind in DocumentKind]
CIRCLES = [circle.value for circle in Visibility]
_AT_ONCE = 20_000
_COLUMNS = (
    "pk",
    "organization_id",
    "section_id",
    "visibility",
    "kind",
    "valid_from",
    "valid_to",
    "superseded_by_id",
    "collection_id",
)
_NEVER, _ALWAYS = 0, 4_000_000


@dataclass(frozen=True)
class DocumentTable:
    """One row a document that can be found, ordered by key. ``first``: the lowest key of its passages that stand.

    ``columns``: organization, section, circle, kind, first day, last day, is replaced, first passage, collection.
    """

    keys: IntArray
    columns: IntArray

    @classmethod
    def empty(cls) -> "DocumentTable":
        return cls(np.zeros(0, np.int64), np.zeros((0, 9), np.int64))

    @property
    def first(self) -> IntArray:
        return self.columns[:, 7]

    def with_changes(self, after: int, until: int) -> "DocumentTable":
        """The table with what changed since a sequence number."""
        changed = Document.objects.filter(sequence__gt=after, sequence__lte=until)
        touched = np.fromiter(changed.values_list("pk", flat=True), np.int64)
        alive = changed.filter(state=ReadingState.READY, deleted_at__isnull=True)
        rows = list(alive.order_by("pk").values_list(*_COLUMNS))
        firsts = _first_passages([row[0] for row in rows])
        fresh = np.array([_row(row, firsts[row[0]]) for row in rows if row[0] in firsts], np.int64).reshape(
            -1, 9
        )
        fresh_keys = np.array([row[0] for row in rows if row[0] in firsts], np.int64)
        stays = ~np.isin(self.keys, touched)
        keys = np.concatenate([self.keys[stays], fresh_keys])
        columns = np.concatenate([self.columns[stays], fresh])
        order = np.argsort(keys)
        return DocumentTable(keys[order], columns[order])

    def places(self, owners: IntArray) -> IntArray:
        """The row of each document; -1 where it is not in the table."""
        if not len(self.keys):
            return np.full(len(owners), -1, np.int64)
        found = np.minimum(np.searchsorted(self.keys, owners), len(self.keys) - 1)
        return np.where(self.keys[found] == owners, found, -1).astype(np.int64)

    def allowed(
        self,
        person: Actor,
        *,
        kinds: Sequence[str] = (),
        organization_id: int | None = None,
        collection_ids: Sequence[int] = (),
        on: dt.date | None = None,
    ) -> BoolArray:
        """Which documents may answer this person. What is found is asked for with ``visible_to`` once more."""
        organization, section, circle, kind, begins, ends, replaced, _first, collection = self.columns.T
        reach = reach_of(person)
        allowed: BoolArray = circle == CIRCLES.index(Visibility.PUBLIC)
        if reach.is_member:
            shared = [CIRCLES.index(Visibility.MEMBERS), CIRCLES.index(Visibility.PARTIES)]
            allowed = allowed | np.isin(circle, shared) | np.isin(organization, list(reach.organization_ids))
            allowed = allowed | np.isin(section, list(reach.section_ids))
        if kinds:
            allowed &= np.isin(kind, [KINDS.index(one) for one in kinds if one in KINDS])
        if organization_id is not None:
            allowed &= organization == organization_id
        if collection_ids:
            allowed &= np.isin(collection, collection_ids)
        if on is not None:
            day = on.toordinal()
            allowed &= (replaced == 0) & (begins <= day) & (ends >= day)
        return allowed


def _row(row: Sequence[object], first: int) -> tuple[int, ...]:
    _pk, organization, section, circle, kind, begins, ends, replaced, collection = row
    return (
        int(str(organization)),
        int(str(section)) if section is not None else -1,
        CIRCLES.index(str(circle)),
        KINDS.index(str(kind)),
        begins.toordinal() if isinstance(begins, dt.date) else _NEVER,
        ends.toordinal() if isinstance(ends, dt.date) else _ALWAYS,
        int(replaced is not None),
        first,
        int(str(collection)),
    )


def _first_passages(keys: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(keys), 500):
        rows = (
            Passage.objects.filter(document_id__in=keys[start : start + 500])
            .values("document_id")
            .annotate(first=Min("pk"))
            .order_by()
        )
        found.update({row["document_id"]: row["first"] for row in rows})
    return found


def alive(
    table: DocumentTable, segments: Iterable[tuple[IntArray, IntArray]]
) -> list[tuple[IntArray, BoolArray]]:
    """For the keys and owners of each segment: the row of the document in the table, and whether the passage stands."""
    found = []
    for keys, owners in segments:
        places = table.places(np.asarray(owners))
        known = np.maximum(places, 0)
        firsts = table.first[known] if len(table.keys) else np.zeros(len(known), np.int64)
        found.append((places, (places >= 0) & (np.asarray(keys) >= firsts)))
    return found
