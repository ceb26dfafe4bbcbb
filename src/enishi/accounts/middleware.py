"""The language a person chose, on whatever machine they sign in; and a directory that does not answer."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from onelogin.saml2.errors import OneLogin_Saml2_Error
from requests import RequestException

from enishi.accounts.models import Person

logger = logging.getLogger(__name__)


class OwnLanguageMiddleware:
    """The switch in the footer (a cookie) goes first, then the person's own choice, then the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and isinstance(request.user, Person):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)


class DirectoryAwayMiddleware:
    """Whoever wants in through a directory that is away, or set up wrongly, is led back to the other doors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestException | OneLogin_Saml2_Error):
            return None
        logger.error("a directory did not answer: %s", exception)
        sentence = _(
            "外の認証につながりませんでした。少し待ってから、もう一度お試しください。"
            "続くときは、情報システムの担当にお知らせください。パスワードがある方は、下から入れます。"
        )
        messages.error(request, sentence)
        return redirect("account_login")
