"""A person's own pages."""

import json

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.accounts import selectors, services
from enishi.accounts.errors import TooManyTokensError
from enishi.accounts.forms import ProfileForm, TokenForm
from enishi.accounts.models import ApiToken, Person
from enishi.accounts.own_data import everything_about


@login_required
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Name, language, and what other rooms say about the person."""
    person = _person(request)
    start = {"name": person.name, "kana": person.kana, "language": person.language}
    form = ProfileForm(request.POST or None, initial=start)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/me.html", {"form": form, "person": person})
    services.change_profile(actor=person, at=timezone.now(), **form.cleaned_data)
    language = form.cleaned_data["language"]
    with override(language):
        messages.success(request, _("自分のページを書き直しました。"))
    response = redirect("accounts:me")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response


@login_required
@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    context = {"tokens": selectors.tokens_of(request.user)[:100], "form": TokenForm(), "now": timezone.now()}
    return render(request, "accounts/tokens.html", context)


@never_cache
@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def token_new(request: HttpRequest) -> HttpResponse:
    """Make a key and show it: the only time anybody sees it."""
    form = TokenForm(request.POST)
    context = {"form": form, "tokens": selectors.tokens_of(request.user)[:100], "now": timezone.now()}
    if not form.is_valid():
        return render(request, "accounts/tokens.html", context)
    try:
        _token, secret = services.make_token(actor=_person(request), at=timezone.now(), **form.cleaned_data)
    except TooManyTokensError:
        form.add_error(None, _("使える鍵が多すぎます。使っていない鍵を取り消してから作ってください。"))
        return render(request, "accounts/tokens.html", context)
    return render(request, "accounts/tokens.html", {**context, "form": TokenForm(), "secret": secret})


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    try:
        services.revoke_token(token_id=token_id, actor=_person(request), at=timezone.now())
    except ApiToken.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("鍵を取り消しました。この鍵ではもう入れません。"))
    return redirect("accounts:tokens")


@login_required
@require_POST
def own_data(request: HttpRequest) -> HttpResponse:
    """Everything kept about the person, as one file."""
    person = _person(request)
    services.record_export(actor=person, at=timezone.now())
    content = json.dumps(everything_about(person), ensure_ascii=False, indent=1)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="enishi-my-data.json"'
    return response


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
