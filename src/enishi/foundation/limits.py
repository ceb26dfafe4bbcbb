"""How often one caller may ask: a plain page with 429 instead of a server that is worn out.

Sign-in, sign-up and password reset are limited by allauth (``ACCOUNT_RATE_LIMITS``), counted in the database. What
anybody may read is counted in each web process, so that reading writes nothing; with several processes the limit is
that many times higher.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from enishi.foundation.errors import refusal

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(
    name: str, *, times: int, seconds: int, methods: tuple[str, ...] = ("GET", "HEAD", "POST")
) -> Callable[[View[P]], View[P]]:
    """Let one caller through ``times`` within ``seconds``; then the page that asks for patience.

    A signed-in person is counted as that person, a visitor by address: a whole town hall may share one.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method in methods and is_over(name, caller(request), times=times, seconds=seconds):
                response = refusal(request, too_often(seconds), status=429)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return counted

    return decorate


def is_over(name: str, key: str, *, times: int, seconds: int) -> bool:
    """Count one more request of this caller; whether that was one too many."""
    if not settings.LIMITS:
        return False
    cache: Any = caches["limits"]
    entry = f"limit:{name}:{key}"
    if cache.add(entry, 1, seconds):
        return times < 1
    try:
        return bool(cache.incr(entry) > times)
    except ValueError:
        # The window closed between the two questions.
        cache.add(entry, 1, seconds)
        return times < 1


def caller(request: HttpRequest) -> str:
    """Who asks: the person, or the address a visitor comes from."""
    person = getattr(request, "user", None)
    if person is not None and person.is_authenticated:
        return f"person-{person.pk}"
    try:
        return f"address-{get_adapter(request).get_client_ip(request)}"
    except PermissionDenied:
        return "address-unknown"


def too_often(seconds: int) -> str:
    minutes = max(1, round(seconds / 60))
    return _(
        "短い間に何度も操作されたため、いったん止めました。%(minutes)d分ほど待ってから、もう一度お試しください。"
    ) % {"minutes": minutes}
