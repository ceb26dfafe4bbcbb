"""A proposal withdrawn while it is judged leaves the review; an invited outsider takes the seat that was kept."""

from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk.enums import ProposalStatus
from enishi.desk.review import seats, services
from enishi.desk.signals import proposal_moved
from enishi.organizations.signals import invitation_accepted


def connect() -> None:
    proposal_moved.connect(_moved, dispatch_uid="desk-review-withdrawn")
    invitation_accepted.connect(_accepted, dispatch_uid="desk-review-invited")


def _moved(sender: Any, proposal_id: int, after: str, **kwargs: Any) -> None:
    if after == ProposalStatus.WITHDRAWN:
        services.take_out(proposal_id=proposal_id, at=timezone.now())


def _accepted(sender: Any, invitation_id: int, person_id: int, **kwargs: Any) -> None:
    seats.take_kept_seats(
        invitation_id=invitation_id, person=Person.objects.get(pk=person_id), at=timezone.now()
    )
