"""The clock of the desk: business days, how long each stage may take, and until when."""

from collections.abc import Mapping

from enishi.desk.enums import ProposalStatus

FIRST_REPLY_DAYS = 14
"""Calendar days within which everybody gets a reasoned first reply."""

USUAL_TARGETS: Mapping[str, int] = {
    ProposalStatus.RECEIVED: 2,
    ProposalStatus.CHECKING: 5,
    ProposalStatus.CONSULTING: 10,
    ProposalStatus.IN_DIALOGUE: 20,
    ProposalStatus.REVIEWING: 15,
}
"""Business days per stage until a municipality chooses its own."""


def target_of(stage: str, chosen: Mapping[str, int] | None = None) -> int | None:
    """Business days this stage should take; ``None`` where nothing waits."""
    usual = USUAL_TARGETS.get(stage)
    return None if usual is None else int((chosen or {}).get(stage, usual))
