"""決裁: sending round, answering, taking back, signing, and the signed copy."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import services, tellings
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import VersionState
from enishi.agreements.errors import RefusedError
from enishi.agreements.forms import AnswerForm, FileForm, ReasonForm, SignForm, TurnsForm
from enishi.agreements.models import Agreement, Approval, SignedCopy
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
    post,
    today,
    visible,
    who_can,
)
from enishi.exchange import files


@login_required
def agreement_submit(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "submit")
    draft = agreement.versions.filter(state=VersionState.DRAFT).first()
    form = TurnsForm(request.POST or None, agreement=agreement, today=today())
    return form_page(
        request,
        agreement,
        form,
        lambda cleaned: services.submit(
            agreement_id=pk,
            turns=form.turns(),
            comment=cleaned["comment"] or "",
            actor=person_of(request),
            at=now(),
        ),
        title=_("決裁に回す"),
        submit=_("この順に回す"),
        done=_("決裁に回しました。最初の人に知らせが届きます。"),
        lead=_(
            "合議する人を順に選び、最後に決裁する人を選びます。自分で起案したものを自分で決裁することはできません。"
        ),
        template="agreements/agreement_submit.html",
        also={
            "draft": draft,
            "missing": services.missing_for_approval(draft) if draft else [],
            "steps": tellings.steps(agreement, "submit"),
        },
    )


@login_required
@require_POST
def agreement_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "submit")
    return post(
        request,
        agreement,
        lambda: services.take_back(agreement_id=pk, actor=person_of(request), at=now()),
        _("決裁から取り戻しました。書き直して、もう一度回せます。"),
    )


def _approval(request: HttpRequest, pk: int) -> tuple[Approval, Agreement]:
    """A turn, for people of the house; nobody else knows there is one."""
    approval = get_object_or_404(Approval.objects.select_related("version__agreement", "person"), pk=pk)
    agreement = visible_or_404(request, approval.version.agreement_id)
    if not agreement_access.allows(request.user, "read_approval", agreement):
        raise Http404
    return approval, agreement


def visible_or_404(request: HttpRequest, pk: int) -> Agreement:
    return visible(request, pk)


@login_required
def approval_answer(request: HttpRequest, pk: int) -> HttpResponse:
    approval, agreement = _approval(request, pk)
    in_place = approval.person_id != request.user.pk
    if in_place and not agreement_access.allows(request.user, "approve_in_place", agreement):
        raise PermissionDenied(
            _("いまは%(who)sの番です。不在のときは、管理職が理由を書いて代決できます。")
            % {"who": approval.person.name}
        )
    return form_page(
        request,
        agreement,
        AnswerForm(request.POST or None),
        lambda cleaned: services.answer(
            approval_id=pk,
            approve=cleaned["verdict"] == "approve",
            comment=cleaned["comment"] or "",
            in_place=in_place,
            actor=person_of(request),
            at=now(),
        ),
        title=_("%(who)sに代わって処理する(代決)") % {"who": approval.person.name}
        if in_place
        else _("%(kind)sする") % {"kind": approval.get_kind_display()},
        submit=_("決める"),
        done=_("記録しました。"),
        lead=_("第%(number)d版「%(title)s」")
        % {"number": approval.version.number, "title": approval.version.title},
    )


@login_required
@require_POST
def approval_seen(request: HttpRequest, pk: int) -> HttpResponse:
    _row, agreement = _approval(request, pk)
    return post(
        request,
        agreement,
        lambda: services.look_afterwards(approval_id=pk, actor=person_of(request), at=now()),
        _("後閲を記録しました。"),
    )


@login_required
def agreement_sign(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "sign")
    return form_page(
        request,
        agreement,
        SignForm(request.POST or None, initial={"signed_on": today()}),
        lambda cleaned: services.sign(
            agreement_id=pk,
            signed_on=cleaned["signed_on"],
            in_force_from=cleaned["in_force_from"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("締結を記録する"),
        submit=_("締結を記録する"),
        done=_("締結を記録しました。署名した協定書の写しも添えてください。"),
        lead=_("すべての当事者が署名又は記名押印した日を書きます。"),
    )


@login_required
def agreement_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    return form_page(
        request,
        agreement,
        ReasonForm(request.POST or None),
        lambda cleaned: services.reopen(
            agreement_id=pk, reason=cleaned["reason"], actor=person_of(request), at=now()
        ),
        title=_("締結の前に書き直す"),
        submit=_("新しい版で書き直す"),
        done=_("新しい版の案ができました。書き直して、もう一度決裁に回してください。"),
        lead=_("決裁された版はそのまま残り、新しい版を作ります。"),
    )


@login_required
def copy_add(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "attach")
    form = FileForm(request.POST or None, request.FILES or None)
    return form_page(
        request,
        agreement,
        form,
        lambda cleaned: services.attach_copy(
            agreement_id=pk,
            name=cleaned["file"].name,
            content=read_upload(cleaned["file"], files.MOST_BYTES),
            actor=person_of(request),
            at=now(),
        ),
        title=_("署名した協定書の写しを添える"),
        submit=_("添える"),
        done=_("写しを添えました。"),
        lead=_(
            "PDF・画像・Wordのファイル。10MBまで。中身の指紋(sha256)を記録し、あとから変わっていないことを確かめられます。"
        ),
    )


def read_upload(file: Any, most: int) -> bytes:
    """The upload's bytes; one too large is refused before it is read."""
    if file.size > min(most, settings.UPLOAD_MAX_BYTES):
        raise RefusedError(
            _("「%(name)s」は大きすぎます。%(limit)dMBまでのファイルを選んでください。")
            % {"name": files.safe_name(file.name), "limit": most // 1024 // 1024}
        )
    content: bytes = file.read()
    return content


def _copy(request: HttpRequest, pk: int) -> SignedCopy:
    copy = get_object_or_404(SignedCopy.objects.select_related("agreement"), pk=pk)
    agreement = visible(request, copy.agreement_id)
    if not agreement_access.allows(request.user, "read_inside", agreement):
        raise Http404
    return copy


@login_required
@require_safe
def copy_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The signed paper, for the keeper's people and the parties; always saved, never shown in the page's own name."""
    copy = _copy(request, pk)
    try:
        content = copy.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(
            _("ファイルが見つかりません。情報システムの担当に、控えから戻せるか聞いてください。")
        ) from error
    answer = FileResponse(content, as_attachment=True, filename=copy.name, content_type=copy.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_POST
def copy_verify(request: HttpRequest, pk: int) -> HttpResponse:
    copy = _copy(request, pk)
    if not agreement_access.allows(request.user, "read_inside", copy.agreement):
        raise PermissionDenied(who_can(copy.agreement))
    return post(
        request,
        copy.agreement,
        lambda: services.verify_copy(copy_id=pk, actor=person_of(request), at=now()),
        _("写しの中身を確かめました。結果は一覧に出ています。"),
    )


@login_required
@require_safe
def version_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version, and two of them side by side."""
    from enishi.agreements import selectors
    from enishi.foundation.ui import CompareRow

    agreement = permitted(request, pk, "read_inside")
    versions = list(agreement.versions.select_related("made_by").order_by("-number"))
    known = {str(version.number): version for version in versions}
    right = known.get(request.GET.get("right", "")) or (versions[0] if versions else None)
    left = known.get(request.GET.get("left", "")) or (versions[1] if len(versions) > 1 else None)
    rows = []
    if left is not None and right is not None:
        rows = [
            CompareRow(label(name), before, after, "same" if before == after else "differs")
            for name, before, after in selectors.changes_between(left, right)
        ]
    context = {
        "agreement": agreement,
        "versions": versions,
        "left": left,
        "right": right,
        "rows": rows,
        "different": sum(row.verdict == "differs" for row in rows),
    }
    return render(request, "agreements/version_list.html", context)


def label(name: str) -> str:
    """A subject of a version in words."""
    from enishi.agreements.models import Version

    kind, _space, number = name.partition(" ")
    named = {"parties": _("当事者と役割"), "obligation": _("義務"), "risk": _("リスク")}
    if kind in named:
        return f"{named[kind]} {number}".strip()
    return str(getattr(Version._meta.get_field(name), "verbose_name", name))
