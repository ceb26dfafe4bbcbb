"""Pages at a secret address: whoever holds it is let in, everybody else finds nothing there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache

from enishi.desk.enums import LinkPurpose
from enishi.desk.errors import RefusedError
from enishi.desk.services import links
from enishi.foundation.errors import refusal

View = Callable[..., HttpResponseBase]


def behind_link(
    purpose: LinkPurpose, *, closed: Callable[[HttpRequest, str], HttpResponseBase | None] | None = None
) -> Callable[[View], View]:
    """Open the secret of the address: the view gets the link, then the secret. One that opens nothing is told why.

    ``closed`` may know more of a secret that once opened something.
    """

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def opened(request: HttpRequest, secret: str, **named: Any) -> HttpResponseBase:
            try:
                link = links.opened(secret, purpose, at=timezone.now())
            except RefusedError as refused:
                told = closed(request, secret) if closed else None
                return private_page(told) if told else refusal(request, refused.sentence, status=404)
            return private_page(view(request, link, secret, **named))

        return opened

    return decorate


def private_page(answer: HttpResponseBase) -> HttpResponseBase:
    """No robot keeps it.

    The house's own ``Referrer-Policy: same-origin`` keeps the address from other sites. A stricter one would make the
    browser send ``Origin: null`` with every form of the page, and the guard against forged requests would refuse them all.
    """
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
