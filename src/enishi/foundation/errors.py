"""Refusals a person can act on: a plain sentence, and who can help."""

from collections.abc import Callable
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.translation import gettext as _


def refusal(request: HttpRequest, sentence: object = "", *, status: int = 403) -> HttpResponse:
    """The page that says what happened and whom to ask; ``status`` is 400, 403, 404 or 429."""
    return render(request, f"{status}.html", {"sentence": sentence}, status=status)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler403``: shows the sentence of the refusal, but never the code of an action."""
    sentence = str(exception or "")
    is_for_people = isinstance(exception, PermissionDenied) and not sentence.isascii()
    return refusal(request, sentence if is_for_people else "")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler400``: says when it was too much; trying again would not help."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
    too_much = _("一度に送れる文章は%(most)dMBまでです。短くするか、ファイルにして添えてください。") % {
        "most": most
    }
    return refusal(request, too_much if isinstance(exception, RequestDataTooBig) else "", status=400)


class ButtonAddressMiddleware:
    """Whoever opens the address of a button (signing in anew leads there) is told so instead of seeing nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = render(request, "405.html", {"above": _above(request.path)}, status=405)
        page["Allow"] = response["Allow"]
        return page


def _above(path: str) -> str:
    """The nearest address above that is a page; the first page where there is none."""
    parents = (f"{parent}/".replace("//", "/") for parent in PurePosixPath(path).parents)
    return next((parent for parent in parents if is_valid_path(parent)), "/")
