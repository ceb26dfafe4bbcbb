"""Pages of notices."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.accounts.models import Person
from enishi.foundation.lists import paginate
from enishi.notifications import selectors, services
from enishi.notifications.forms import WishesForm
from enishi.notifications.models import Notice


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    notices = selectors.notices_of(request.user)
    page = paginate(notices, order_by=("-at", "-pk"), parameters=request.GET.dict(), size=30)
    context = {"page": page, "unread": selectors.unread_count(request.user)}
    return render(request, "notifications/notice_list.html", context)


@login_required
@require_POST
def notice_open(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark as read and go where the notice points."""
    assert isinstance(request.user, Person)
    try:
        notice = services.mark_read(notice_id=notice_id, actor=request.user, at=timezone.now())
    except Notice.DoesNotExist as missing:
        raise Http404 from missing
    return redirect(notice.url or "notifications:notice_list")


@login_required
@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    services.mark_all_read(actor=request.user, at=timezone.now())
    messages.success(request, _("すべて既読にしました。"))
    return redirect("notifications:notice_list")


@login_required
@require_http_methods(["GET", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    form = WishesForm(request.POST or None, wishes=selectors.wishes_of(request.user))
    if request.method == "POST" and form.is_valid():
        services.choose(actor=request.user, choices=form.choices())
        messages.success(request, _("お知らせの受け取り方を保存しました。"))
        return redirect("notifications:notice_settings")
    return render(request, "notifications/notice_settings.html", {"form": form})
