"""Work handed to the worker: reading the text of a proposal so that like cases are found."""

from django.utils import timezone
from django_tasks import task

from enishi.desk import cases
from enishi.desk.models import Proposal


@task()
def read_case(proposal_id: int) -> None:
    """Read the open text of a proposal, when it changed."""
    cases.refresh(Proposal.objects.submitted().filter(pk=proposal_id), at=timezone.now())
