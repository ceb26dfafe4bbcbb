"""The page of one proposal: for the desk, the sections, and whoever made it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from enishi.desk.access import proposal_access


@login_required
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(proposal_access.visible(request.user), pk=pk)
    return render(request, "desk/proposal_detail.html", {"proposal": proposal})
