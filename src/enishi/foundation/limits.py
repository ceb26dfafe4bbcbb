"""How often one caller may ask: a plain page with 429 instead of a server that is worn out.

Sign-in, sign-up and password reset are limited by allauth (``ACCOUNT_RATE_LIMITS``), counted in the database. So is what is
sent (questions, uploads, whatever writes anyway): all processes and machines count together. What is only read is counted in
each web process, so that reading writes nothing, each letting its share of the limit through.
"""

import time
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
READING = ("GET", "HEAD")
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
            shared = request.method not in READING
            if request.method in methods and is_over(
                name, caller(request), times=times, seconds=seconds, shared=shared
            ):
                response = refusal(request, too_often(seconds), status=429)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return counted

    return decorate


def is_over(name: str, key: str, *, times: int, seconds: int, shared: bool = False) -> bool:
    """Count one more request of this caller; whether that was one too many. ``shared``: counted over all processes."""
    if not settings.LIMITS:
        return False
    if shared:
        # The window is part of the name: counting on never makes it longer.
        return _counted("shared_limits", f"limit:{name}:{key}:{int(time.time()) // seconds}", seconds) > times
    share = -(-times // max(1, settings.WEB_WORKERS))
    return _counted("limits", f"limit:{name}:{key}", seconds) > share


def _counted(cache_name: str, entry: str, seconds: int) -> int:
    cache: Any = caches[cache_name]
    if cache.add(entry, 1, seconds):
        return 1
    try:
        return int(cache.incr(entry))
    except ValueError:
        # The window closed between the two questions.
        cache.add(entry, 1, seconds)
        return 1


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
