"""The page of suggestions: what the computer found, why, and the officer's word on each."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.desk import cases
from enishi.desk.access import proposal_access
from enishi.desk.enums import SuggestionKind
from enishi.desk.models import Suggestion
from enishi.desk.services import triage as services
from enishi.desk.views_cases import (
    working_case,
)


@login_required
def triage(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggestions, made at the first opening and whenever asked anew."""
    proposal = working_case(request, pk, "triage")
    if request.method == "POST" or not proposal.suggestions.exists():
        services.suggest(proposal_id=pk, actor=person_of(request), at=timezone.now())
        if request.method == "POST":
            messages.success(request, _("もう一度調べました。"))
            return redirect("desk:triage", pk)
    rows = list(
        proposal.suggestions.select_related("section", "challenge", "similar__organization", "answered_by")
    )
    visible = set(
        proposal_access.visible(request.user)
        .filter(pk__in=[row.similar_id for row in rows if row.similar_id])
        .values_list("pk", flat=True)
    )
    groups: list[tuple[Any, list[Suggestion]]] = [
        (
            kind.label,
            [row for row in rows if row.kind == kind and (not row.similar_id or row.similar_id in visible)],
        )
        for kind in SuggestionKind
    ]
    context = {
        "proposal": proposal,
        "groups": [(label, found) for label, found in groups if found],
        "learned": cases.learned_elsewhere(proposal),
    }
    return render(request, "desk/triage.html", context)


@login_required
@require_POST
def suggestion_answer(request: HttpRequest, pk: int) -> HttpResponse:
    visible = proposal_access.visible(request.user)
    row = get_object_or_404(Suggestion.objects.filter(proposal__in=visible), pk=pk)
    services.answer_suggestion(
        suggestion_id=pk,
        accepts=request.POST.get("answer") == "accept",
        actor=person_of(request),
        at=timezone.now(),
    )
    messages.success(request, _("記録しました。"))
    return redirect("desk:triage", row.proposal_id)
