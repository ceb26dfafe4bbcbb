"""Refusals a person can act on: a plain sentence, and who can help."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
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
