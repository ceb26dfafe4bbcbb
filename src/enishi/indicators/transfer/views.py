"""Files that come in: chosen, looked at before anything is written, saved, approved and taken back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.lists import paginate
from enishi.indicators.access import run_access
from enishi.indicators.enums import RunKind, RunState, ValueState
from enishi.indicators.forms import UploadForm
from enishi.indicators.models import AcquisitionRun, Indicator, Measurement
from enishi.indicators.pages import (
    list_crumb,
    now,
    own_house,
    signed_in,
)
from enishi.indicators.transfer import importing

VALUES_SHOWN = 50


@signed_in
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    rows = run_access.visible(request.user).select_related("organization", "person")
    page = paginate(rows, order_by=("-at", "-pk"), parameters=request.GET)
    return render(request, "indicators/run_list.html", {"page": page, "total": rows.count()})


@signed_in
def run_new(request: HttpRequest) -> HttpResponse:
    house = own_house(request)
    form = UploadForm(request.POST or None, request.FILES or None)

    def save(filled: UploadForm) -> AcquisitionRun:
        data = filled.cleaned_data
        upload = data["file"]
        options = {name: data[name] for name in ("year", "change_reason") if data.get(name)}
        return importing.keep_file(
            organization=house,
            kind=data["kind"],
            name=upload.name,
            file=upload.file,
            size=upload.size,
            source=data.get("source", ""),
            options=options,
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form=form,
        save=save,
        to=lambda run: str(run.get_absolute_url()),
        title=_("指標と値を取り込む"),
        lead=_("まず中身を確かめます。次の画面で保存するまで、何も書き込みません。"),
        submit=_("中身を確かめる"),
        done=_("ファイルを読みました。まだ保存していません。"),
        back=reverse("indicators:run_list"),
        crumbs=[list_crumb(), (reverse("indicators:run_list"), _("取り込み"))],
    )


def _visible(request: HttpRequest, pk: int) -> AcquisitionRun:
    rows = run_access.visible(request.user).select_related("organization", "person", "undone_by", "job")
    return get_object_or_404(rows, pk=pk)


@signed_in
@require_safe
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = _visible(request, pk)
    values = Measurement.objects.filter(run=run)
    waiting = values.filter(state=ValueState.SUBMITTED).count()
    context: dict[str, Any] = {
        "run": run,
        "job": run.job if run.job and run.job.status in ("waiting", "running", "failed") else None,
        "preview": run.outcome if run.state == RunState.CHECKED and run.outcome else None,
        "values": list(values.select_related("indicator", "element").order_by("pk")[:VALUES_SHOWN]),
        "count": values.count(),
        "waiting": waiting,
        "may_undo": run_access.allows(request.user, "undo", run) and _can_be_undone(run, waiting),
        "brought": _brought(request, run),
        "may_write": run_access.allows(request.user, "save", run),
        "may_approve": run.person_id != request.user.pk and run_access.allows(request.user, "approve", run),
    }
    return render(request, "indicators/run_detail.html", context)


def _brought(request: HttpRequest, run: AcquisitionRun) -> list[Indicator]:
    """The indicators that a file brought or changed, as far as this reader may see them."""
    keys = [int(key) for key in run.outcome.get("made", {}).get("versions", {})]
    rows = (
        Indicator.objects.visible_to(request.user).filter(pk__in=keys[:1_000])
        if keys
        else Indicator.objects.none()
    )
    return list(rows.order_by("code")[:VALUES_SHOWN])


def _can_be_undone(run: AcquisitionRun, waiting: int) -> bool:
    """Values until they are approved; indicators as long as the way back was kept."""
    if run.state == RunState.CHECKED:
        return True
    return run.state == RunState.SAVED and bool(waiting or "made" in run.outcome)


@signed_in
@require_POST
def run_save(request: HttpRequest, pk: int) -> HttpResponse:
    run = _visible(request, pk)
    if run.file and run.file.size > importing.AT_ONCE_BYTES:
        importing.save_as_job(run, person_of(request), now())
        return redirect(run)
    return press(
        request,
        lambda: importing.save(run_id=pk, actor=person_of(request), at=now()),
        done=_("保存しました。")
        if run.kind == RunKind.INDICATORS
        else _("保存しました。値は、ほかの管理職か企画の人が承認すると使われます。"),
        to=run.get_absolute_url(),
    )


@signed_in
@require_POST
def run_approve(request: HttpRequest, pk: int) -> HttpResponse:
    run = _visible(request, pk)
    return press(
        request,
        lambda: importing.approve_run(run_id=pk, actor=person_of(request), at=now()),
        done=_("この取り込みの値をまとめて承認しました。"),
        to=run.get_absolute_url(),
    )


@signed_in
@require_POST
def run_undo(request: HttpRequest, pk: int) -> HttpResponse:
    run = _visible(request, pk)
    return press(
        request,
        lambda: importing.undo(run_id=pk, actor=person_of(request), at=now()),
        done=_("取り込みを取り消しました。"),
        to=run.get_absolute_url(),
    )
