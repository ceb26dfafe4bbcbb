"""Files of a record: added, read, taken off, brought back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange import files, services
from enishi.exchange.access import access_of
from enishi.exchange.asking import (
    now,
    require,
    signed_in,
    writable_record,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.forms import FileForm
from enishi.exchange.kinds import KINDS, Kind
from enishi.exchange.models import Attachment
from enishi.foundation.erasing import RESTORABLE


@signed_in
def record_files(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    record = writable_record(request, kind, pk, "attach")
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            _refuse_huge(file)
            services.attach(
                record=record, name=file.name, content=file.read(), actor=person_of(request), at=now()
            )
        except RefusedError as refused:
            form.add_error("file", refused.sentence)
        else:
            messages.success(request, _("ファイルを添付しました。"))
            return redirect(kind.url("files", pk))
    context = {
        "kind": kind,
        "record": record,
        "form": form,
        "attachments": list(record.attachments.kept()),
        "list_url": kind.url("list"),
        "removed": list(record.attachments.filter(removed_at__gt=now() - RESTORABLE)),
    }
    return render(request, "exchange/record_files.html", context)


def _refuse_huge(file: Any) -> None:
    if file.size > min(files.MOST_BYTES, settings.UPLOAD_MAX_BYTES):
        raise RefusedError(
            _("「%(name)s」は大きすぎます。10MBまでのファイルを選んでください。")
            % {"name": files.safe_name(file.name)}
        )


@require_safe
def attachment_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for whoever may read its record; always saved, never shown in the page's own name."""
    attachment, _record = _visible(request, pk)
    if attachment.removed_at is not None:
        raise Http404
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("ファイルが見つかりません。")) from error
    answer = FileResponse(
        content, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@signed_in
@require_POST
def attachment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    attachment, record = _visible(request, pk)
    require(request, "attach", record)
    services.remove_attachment(attachment_id=attachment.pk, actor=person_of(request), at=now())
    messages.success(request, _("添付を外しました。30日のあいだは元に戻せます。"))
    return redirect(_files_url(record))


@signed_in
@require_POST
def attachment_restore(request: HttpRequest, pk: int) -> HttpResponse:
    attachment, record = _visible(request, pk)
    require(request, "attach", record)
    try:
        services.restore_attachment(attachment_id=attachment.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("添付を元に戻しました。"))
    return redirect(_files_url(record))


def _visible(request: HttpRequest, pk: int) -> tuple[Attachment, Any]:
    attachment = get_object_or_404(Attachment.objects.select_related("challenge", "resource"), pk=pk)
    record: Any = attachment.challenge or attachment.resource
    if not access_of(record).allows(request.user, "view", record):
        raise Http404
    return attachment, record


def _files_url(record: Any) -> str:
    return KINDS[record._meta.model_name].url("files", record.pk)
