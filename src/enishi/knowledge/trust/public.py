"""What residents see of how right the answers are: at the desk, in their language."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from enishi.foundation.charts import svg_response
from enishi.knowledge.concierge.views import desk_context, desk_page
from enishi.knowledge.concierge.words import chosen_language, words_in
from enishi.knowledge.models import Concierge, QuestionSet, TestRun
from enishi.knowledge.trust import trend


@require_safe
def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What a municipality shows of its accuracy."""
    desk = get_object_or_404(Concierge.objects.select_related("organization"), slug=slug, is_open=True)
    shown = list(QuestionSet.objects.filter(organization=desk.organization, is_published=True))
    if not shown:
        raise Http404
    context = desk_context(request, desk)
    words = context["words"]
    context["sets"] = [_shown(kept, words) for kept in shown]
    return desk_page(request, "knowledge/trust/public.html", context)


def _shown(kept: QuestionSet, words: Mapping[str, str]) -> dict[str, Any]:
    runs = trend.nights(kept)
    if not runs:
        return {"set": kept}
    said = words["accuracy_said"] % _counts(runs[0])
    return {"set": kept, "run": runs[0], "said": said, "table": trend.table(runs, _labels(words))}


def _counts(run: TestRun) -> dict[str, int]:
    well = run.right + run.rightly_refused
    return {"all": run.total, "well": well, "refused": run.refused, "wrong": run.wrong}


def _labels(words: Mapping[str, str]) -> dict[str, str]:
    return {kind: words["declined" if kind == "rightly_refused" else kind] for kind in ("day", *trend.KINDS)}


@require_safe
def public_chart(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    desk = get_object_or_404(Concierge, slug=slug, is_open=True)
    kept = get_object_or_404(
        QuestionSet.objects, pk=pk, organization_id=desk.organization_id, is_published=True
    )
    words = words_in(chosen_language(request.GET.get("lang", "")))
    return svg_response(trend.chart(trend.nights(kept), _labels(words)), filename="accuracy.svg")
