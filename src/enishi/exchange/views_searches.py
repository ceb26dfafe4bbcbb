"""Saved searches of a person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange import services
from enishi.exchange.access import saved_search_access
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.enums import RecordKind
from enishi.exchange.errors import RefusedError


@signed_in
@require_safe
def search_list(request: HttpRequest) -> HttpResponse:
    searches = saved_search_access.visible(request.user)
    return render(request, "exchange/search_list.html", {"searches": list(searches)})


@signed_in
@require_POST
def search_save(request: HttpRequest) -> HttpResponse:
    """Keep the conditions of the list the button stood on."""
    kind = request.POST.get("kind", "")
    if kind not in RecordKind.values:
        return redirect("exchange:search_list")
    try:
        search = services.save_search(
            kind=RecordKind(kind),
            title=request.POST.get("title", ""),
            parameters=QueryDict(request.POST.get("query", "")[:4_000]),
            notifies=True,
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(
            request,
            _("条件「%(title)s」を保存しました。新しく見つかったらお知らせします。")
            % {"title": search.quotable},
        )
    return redirect("exchange:search_list")


@signed_in
@require_POST
def search_delete(request: HttpRequest, pk: int) -> HttpResponse:
    search = get_object_or_404(saved_search_access.visible(request.user), pk=pk)
    services.delete_search(search_id=search.pk, actor=person_of(request))
    messages.success(request, _("保存した条件を消しました。"))
    return redirect("exchange:search_list")
