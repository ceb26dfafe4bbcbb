"""The pages every kind of announcement has: its list, a new one, writing it anew, taking it to another state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Generic

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from enishi.desk.office.access import OfficeAccess
from enishi.desk.office.forms import AnnouncementForm, StatusForm
from enishi.desk.office.writing import AnnouncedT
from enishi.desk.pages import page_under
from enishi.desk.tables import FORMATS, MOST_ROWS, download
from enishi.exchange.asking import now
from enishi.exchange.errors import RefusedError
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

Words = str | Promise


@dataclass(frozen=True)
class OfficePages(Generic[AnnouncedT]):
    """One kind of announcement as its pages show it; ``columns`` are the headings and cells of its table."""

    access: OfficeAccess[AnnouncedT]
    form: type[AnnouncementForm]
    listed: str
    template: str
    name: Words
    whose: Words
    only_offices: Words
    searched: Sequence[str]
    columns: Sequence[tuple[Words, Callable[[AnnouncedT], Any]]]

    def visible(self, request: HttpRequest, pk: int) -> AnnouncedT:
        rows = self.access.visible(request.user).select_related("organization", "section", "updated_by")
        return get_object_or_404(rows, pk=pk)

    def held(self, request: HttpRequest, pk: int) -> AnnouncedT:
        """For those who run it. Others of the house are told who can; everybody else finds nothing."""
        record = self.visible(request, pk)
        if not self.access.allows(request.user, "edit", record):
            if record.organization_id not in reach_of(request.user).organization_ids:
                raise Http404
            raise PermissionDenied(str(self.whose) % {"owner": record.organization.name})
        return record

    def listing(self, request: HttpRequest) -> HttpResponse:
        rows: Any = self.access.visible(request.user).select_related("organization", "section")
        query = clean_text(request.GET.get("q", "")).strip()[:100]
        for word in query.split()[:5]:
            rows = rows.filter(reduce(or_, (Q((f"{column}__icontains", word)) for column in self.searched)))
        counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
        states = self._states()
        chosen = [value for value in request.GET.getlist("status") if value in states]
        narrowed = rows.filter(status__in=chosen) if chosen else rows
        if request.GET.get("format") in FORMATS:
            return self._table(request.GET["format"], narrowed)
        choices = [
            FacetChoice(value, label, counts.get(value, 0), value in chosen)
            for value, label in states.items()
        ]
        context = {
            "page": paginate(narrowed, order_by=self._order, parameters=request.GET),
            "facets": [Facet("status", _("状態"), choices)],
            "total": sum(counts.get(value, 0) for value in chosen or states),
            "query": query,
            "now": now(),
            "may_create": request.user.is_authenticated and self.access.allows(request.user, "create", None),
        }
        return render(request, self.template, context)

    def new(
        self,
        request: HttpRequest,
        organization: Organization | None,
        create: Callable[[Any, Organization], AnnouncedT],
        *,
        title: str,
        done: str,
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Write a new one for ``organization``; nobody else but an office makes one."""
        if organization is None:
            raise PermissionDenied(str(self.only_offices))
        return page_under(
            request,
            self.listed,
            None,
            self.form(request.POST or None, organization=organization, actor=request.user, initial=initial),
            lambda form: create(form.values(), organization),
            title=title,
            submit=_("下書きを作る"),
            done=done,
            to=lambda record: str(record.get_absolute_url()),
        )

    def edit(
        self, request: HttpRequest, pk: int, save: Callable[[Any, int], AnnouncedT], *, title: str
    ) -> HttpResponse:
        record = self.held(request, pk)
        return page_under(
            request,
            self.listed,
            record,
            self.form(
                request.POST or None,
                instance=record,
                organization=record.organization,
                actor=request.user,
                initial={"version": record.version},
            ),
            lambda sent: save(sent.values(), sent.cleaned_data["version"] or 0),
            title=title,
            submit=_("保存する"),
            done=_("保存しました。"),
        )

    def change_status(
        self,
        request: HttpRequest,
        record: AnnouncedT,
        move: Callable[[str, str], AnnouncedT],
        again: Callable[..., HttpResponse],
    ) -> HttpResponse:
        """Take it to the state that was pressed; refused, the page is shown ``again`` with what was typed."""
        status, form = request.POST.get("status", ""), StatusForm(request.POST)
        if status not in self._states() or not form.is_valid():
            messages.error(request, _("変える先の状態を選んでください。"))
            return redirect(record)
        try:
            move(status, form.cleaned_data["reason"])
        except RefusedError as refused:
            return again(request, record, 422, status_form=form, refused=refused.sentence)
        messages.success(request, _("状態を変えました。"))
        return redirect(record)

    @property
    def _order(self) -> tuple[str, str]:
        return f"-{self.form.closes}", "-pk"

    def _states(self) -> dict[str, str]:
        field: models.Field[Any, Any] = self.access.model._meta.get_field("status")
        return dict(field.flatchoices)

    def _table(self, form: str, rows: Any) -> HttpResponse:
        """The list as a file."""
        lines = (
            [cell(row) for _heading, cell in self.columns] for row in rows.order_by(*self._order)[:MOST_ROWS]
        )
        headings = [str(heading) for heading, _cell in self.columns]
        return download(form, title=str(self.name), headings=headings, rows=lines)


def minute_of(moment: Any) -> str:
    """A moment as a table shows it, or nothing."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
