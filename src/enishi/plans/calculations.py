"""Rows to numbers: the hash of a frozen version, and how a branch stands by its indicators."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from enishi.engines import progress
from enishi.engines.progress import Member, Missing, RollUp, Status
from enishi.indicators.enums import StandingStatus
from enishi.plans.models import Level, NodeIndicator, NodeLink, PlanNode, PlanVersion

STATUSES = {
    StandingStatus.ACHIEVED.value: Status.ACHIEVED,
    StandingStatus.ON_TRACK.value: Status.ON_TRACK,
    StandingStatus.SLIGHTLY_LATE.value: Status.SLIGHTLY_LATE,
    StandingStatus.LATE.value: Status.LATE,
    StandingStatus.REGRESSED.value: Status.REGRESSED,
    StandingStatus.UNDECIDABLE.value: Status.UNDECIDABLE,
}
CODES = {status: code for code, status in STATUSES.items()}
TONES = {
    Status.ACHIEVED: "positive",
    Status.ON_TRACK: "positive",
    Status.SLIGHTLY_LATE: "warning",
    Status.LATE: "danger",
    Status.REGRESSED: "danger",
    Status.UNDECIDABLE: "neutral",
}
BEHIND = (Status.SLIGHTLY_LATE, Status.LATE, Status.REGRESSED)
NO_STANDING = Missing("この年度の状況がまだ計算されていません")


class Judged(NamedTuple):
    """An indicator of a branch with how it stood in the year."""

    node_path: str
    indicator_id: int
    status: Status
    rate: Decimal | None
    weight: Decimal | None


def rolled_up(judged: Sequence[Judged]) -> RollUp:
    """The distribution of a branch; each indicator once, however many branches below share it."""
    once: dict[int, Judged] = {}
    for each in judged:
        once.setdefault(each.indicator_id, each)
    return progress.roll_up([_member(each) for each in once.values()])


def _member(each: Judged) -> Member:
    return Member(each.status, NO_STANDING if each.rate is None else each.rate, each.weight)


def status_of(code: str | None) -> Status:
    return STATUSES.get(code or "", Status.UNDECIDABLE)


def frozen_document(
    version: PlanVersion,
    levels: Iterable[Level],
    nodes: Iterable[PlanNode],
    indicators: Iterable[NodeIndicator],
    links: Iterable[NodeLink],
) -> dict[str, Any]:
    """What a version says, in an order and a form that never depend on the database it lies in."""
    return {
        "plan": version.plan.uid,
        "version": version.no,
        "effective_on": version.effective_on.isoformat() if version.effective_on else None,
        "change_summary": version.change_summary,
        "levels": [[level.order, level.label, level.evaluator_role] for level in levels],
        "nodes": [_node(node) for node in nodes],
        "indicators": sorted(
            [each.node.uid, str(each.indicator.uid), _number(each.weight), each.order] for each in indicators
        ),
        "links": sorted(
            [each.node.uid, each.kind, each.target_id, each.share_permille or 0, each.note] for each in links
        ),
    }


def _node(node: PlanNode) -> list[Any]:
    texts = [node.code, node.title, node.target, node.intent, node.result, node.plain]
    return [node.path, node.uid, node.level.order, *texts, node.section_then, _number(node.weight)]


def _number(value: Decimal | None) -> str | None:
    """The same text whatever trailing zeros a database adds."""
    return None if value is None else format(value.normalize(), "f")


def sealed(document: dict[str, Any]) -> str:
    """SHA-256 of the document.

    >>> sealed({"b": 1, "a": "縁"}) == sealed({"a": "縁", "b": 1})
    True
    """
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
