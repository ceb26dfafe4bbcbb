"""A proposal withdrawn while it is judged leaves the review."""

from typing import Any

from django.utils import timezone

from enishi.desk.enums import ProposalStatus
from enishi.desk.review import services
from enishi.desk.signals import proposal_moved


def connect() -> None:
    proposal_moved.connect(_moved, dispatch_uid="desk-review-withdrawn")


def _moved(sender: Any, proposal_id: int, after: str, **kwargs: Any) -> None:
    if after == ProposalStatus.WITHDRAWN:
        services.take_out(proposal_id=proposal_id, at=timezone.now())
