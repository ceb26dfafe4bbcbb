"""Pages that join rooms: home, search over everything, what Enishi is, how it is."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from enishi.foundation.limits import limited
from enishi.foundation.panels import Filled, due_first, home_panels
from enishi.foundation.ui import Frame
from enishi.organizations.visibility import reach_of
from enishi.portal import condition, finding

AT_ONCE = 10
"""What waits beyond this is one press away: a longer list is not looked over before work begins."""


def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person; for a visitor what there is to see."""
    if not request.user.is_authenticated:
        return landing(request)
    frame = Frame(request)
    panels = home_panels(request.user, timezone.now())
    groups = {name: [panel for panel in panels if panel.group == name] for name in _GROUPS}
    todos = due_first([todo for panel in groups["today"] for todo in panel.context.get("items", [])])
    context = {"day": timezone.localdate(), "todos": todos[:AT_ONCE], "rest": todos[AT_ONCE:], **groups}
    context |= {"waiting": len(todos)}
    reach = reach_of(request.user)
    if not reach.is_member:
        belongs = {"belongs": bool(reach.roles)}
        return render(request, "portal/home_resident.html", context | belongs | _open_to_all(request, panels))
    page = "portal/home_staff.html" if frame.is_staff else "portal/home_partner.html"
    return render(request, page, context)


def landing(request: HttpRequest) -> HttpResponse:
    """What Enishi is, and what is new in it that everybody may read."""
    panels = home_panels(request.user, timezone.now())
    return render(request, "portal/landing.html", _open_to_all(request, panels))


def _open_to_all(request: HttpRequest, panels: Iterable[Filled]) -> dict[str, object]:
    return {
        "newest": finding.newest(request.user),
        "besides": finding.besides(request.user),
        "public": [panel for panel in panels if panel.group == "public"],
    }


_GROUPS = ("today", "matches", "late", "sent", "partner")


@limited("search", times=240, seconds=60)
def search(request: HttpRequest) -> HttpResponse:
    """One box for everything one may see."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    return render(
        request, "portal/search.html", {"query": query, "groups": finding.found(query, request.user)}
    )


def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html")


def health(request: HttpRequest) -> HttpResponse:
    """Whether the parts answer, as a page or, for a program, as JSON; 503 when the database does not."""
    answers = condition.answers(timezone.now())
    status = 200 if condition.is_serving(answers) else 503
    if "text/html" in request.headers.get("Accept", "") and request.GET.get("format") != "json":
        return render(request, "portal/health.html", {"answers": answers}, status=status)
    parts = {answer.code: {"ok": answer.ok, "detail": str(answer.words)} for answer in answers}
    whole = "ok" if all(answer.ok for answer in answers) else "degraded" if status == 200 else "down"
    return JsonResponse(
        {"status": whole, "parts": parts}, status=status, json_dumps_params={"ensure_ascii": False}
    )
