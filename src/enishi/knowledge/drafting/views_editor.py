"""The editor of a draft: sentence by sentence, without a script."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as audit
from enishi.foundation.form_pages import formset
from enishi.knowledge.drafting import documents, offers, selectors, services, writing
from enishi.knowledge.drafting.access import draft_access
from enishi.knowledge.drafting.enums import DraftStatus, SentenceState
from enishi.knowledge.drafting.forms import ItemFormSet
from enishi.knowledge.drafting.services import Edit
from enishi.knowledge.models import Draft
from enishi.knowledge.staff import exporting, typed
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    today,
    visible,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError, StaleVersionError
from enishi.knowledge.staff.pages import rows_page

LONGEST_QUERY = 200


@signed_in
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft; whoever may write it works on its sentences here."""
    draft: Draft = visible(request, draft_access, pk)
    may_edit = draft_access.allows(request.user, "edit", draft)
    works = may_edit and draft.status == DraftStatus.DRAFTING and not draft.is_being_filled
    sentence, rewritten = "", None
    if request.method == "POST":
        writable(request, draft_access, pk)
        try:
            _save(request, draft, request.POST)
        except StaleVersionError as stale:
            sentence, rewritten = stale.sentence, request.POST
            draft.refresh_from_db()
        except RefusedError as refused:
            sentence, rewritten = refused.sentence, request.POST
        else:
            typed.forget(request, f"draft-{draft.pk}")
            if request.POST.get("then") == "finish":
                return _finished(request, draft)
            messages.success(request, _("保存しました。"))
            return redirect(_after(draft, request.POST.get("use", "")))
    kept = typed.kept(request, f"draft-{draft.pk}") if works else None
    data = rewritten if rewritten is not None else typed.data_of(request, kept)
    context = {
        "draft": draft,
        "parts": _shown(selectors.parts_of(draft), data),
        "items": list(draft.minutes_items.all()),
        "addresses": selectors.addresses(request.user, draft),
        "may_edit": may_edit,
        "works": works,
        "unseen": selectors.unseen(draft),
        "refusal": sentence,
        "kept": kept,
        "form_key": f"draft-{draft.pk}",
        "may_write": works and writing.is_possible(draft.organization),
        "events": history.told(audit.history(draft)[:20]),
    }
    return render(request, "knowledge/drafting/draft_detail.html", context)


def _after(draft: Draft, number: str) -> str:
    """Whoever took a heading's sentences goes on where they were."""
    place = f"#part-{number}" if number.isascii() and number.isdigit() and len(number) < 4 else ""
    return draft.get_absolute_url() + place


def _finished(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What was typed is saved already: whoever presses once loses nothing, whether it can be finished or not."""
    try:
        services.finish(draft_id=draft.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, _("保存しました。%(why)s") % {"why": refused.sentence})
    else:
        messages.success(request, _("仕上げました。提示した文がどれだけ残ったかを下に示します。"))
    return redirect(draft)


def _shown(parts: Any, data: QueryDict | None) -> list[dict[str, Any]]:
    """The parts with what was typed and not saved in place of what is stored."""
    shown = []
    for part in parts:
        rows = []
        for row in part.sentences:
            text = data.get(f"text-{row.pk}", row.text) if data is not None else row.text
            choice = data.get(f"choice-{row.pk}", "") if data is not None else ""
            rows.append({"row": row, "text": text, "choice": choice or _choice_of(row)})
        added = data.get(f"add-{part.number}", "") if data is not None else ""
        is_told = any(each["row"].state != SentenceState.DELETED for each in rows)
        unseen = sum(each["row"].state == SentenceState.SUGGESTED and not each["choice"] for each in rows)
        shown.append(
            {
                "part": part,
                "rows": rows,
                "added": added,
                "is_told": is_told,
                "is_bare": part.is_unanswered,
                "unseen": unseen,
            }
        )
    return shown


def _choice_of(row: Any) -> str:
    return {"kept": "keep", "changed": "keep", "own": "keep", "deleted": "delete"}.get(row.state, "")


def _save(request: HttpRequest, draft: Draft, data: QueryDict) -> None:
    shown = selectors.parts_of(draft)
    taken = {row.pk for part in shown if str(part.number) == data.get("use") for row in part.sentences}
    edits = {
        (number := int(name.removeprefix("text-"))): Edit(
            text=str(value),
            choice=data.get(f"choice-{number}", "") or ("keep" if number in taken else ""),
        )
        for name, value in data.items()
        if name.startswith("text-")
        and name.removeprefix("text-").isascii()
        and name.removeprefix("text-").isdigit()
        and len(name) < 20
    }
    parts = {str(part.number): part.heading for part in shown}
    additions = {
        heading: str(data.get(f"add-{number}", ""))
        for number, heading in parts.items()
        if data.get(f"add-{number}", "").strip()
    }
    version = data.get("version", "")
    services.save_sentences(
        draft_id=draft.pk,
        edits=edits,
        additions=additions,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
        actor=person_of(request),
        at=now(),
    )


@signed_in
def draft_borrow(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for more sentences in the past, and take some over."""
    draft: Draft = writable(request, draft_access, pk)
    query = request.GET.get("q", request.POST.get("q", "")).strip()[:LONGEST_QUERY]
    found = offers.candidates(person_of(request), draft, query, on=today()) if query else []
    parts = selectors.parts_of(draft)
    if request.method == "POST":
        chosen = [found[at] for at in _numbers(request, len(found))]
        heading = next((part.heading for part in parts if str(part.number) == request.POST.get("part")), "")
        if not chosen:
            messages.error(request, _("使う文に印を付けてください。"))
        else:
            try:
                services.borrow(
                    draft_id=draft.pk, heading=heading, chosen=chosen, actor=person_of(request), at=now()
                )
            except RefusedError as refused:
                messages.error(request, refused.sentence)
            else:
                messages.success(request, _("%(count)d文を加えました。") % {"count": len(chosen)})
                return redirect(draft)
    context = {"draft": draft, "query": query, "found": list(enumerate(found)), "parts": parts}
    return render(request, "knowledge/drafting/draft_borrow.html", context)


def _numbers(request: HttpRequest, most: int) -> list[int]:
    typed_numbers = [
        each for each in request.POST.getlist("take") if each.isascii() and each.isdigit() and len(each) < 4
    ]
    return [int(each) for each in typed_numbers if int(each) < most]


@signed_in
@require_POST
def draft_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the organisation's model write for a heading; every sentence is checked against its source."""
    draft: Draft = writable(request, draft_access, pk)
    heading = next(
        (part.heading for part in selectors.parts_of(draft) if str(part.number) == request.POST.get("part")),
        "",
    )
    try:
        job = writing.start(draft=draft, heading=heading, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect(draft)
    return redirect("foundation:job", job.pk)


@signed_in
def draft_items(request: HttpRequest, pk: int) -> HttpResponse:
    """Decisions and homework, set right by hand."""
    draft: Draft = writable(request, draft_access, pk)
    names = ("id", "kind", "text", "owner", "due_on")
    initial = [{name: getattr(item, name) for name in names} for item in draft.minutes_items.all()]
    rows = formset(request, ItemFormSet, initial=initial, prefix="item")
    return rows_page(
        request,
        rows,
        lambda version: services.write_items(
            draft_id=draft.pk,
            items=[row.cleaned_data for row in rows if row.cleaned_data.get("text")],
            version=version,
            actor=person_of(request),
            at=now(),
        ),
        record=draft,
        heading=_("決まったことと宿題"),
        lead=_(
            "議事録から抜き出したものです。抜けや違いを直してください。段を増やすときは、保存してからもう一度開きます。"
        ),
        done=_("決まったことと宿題を保存しました。"),
        crumbs=[(_("起案支援"), reverse("drafting:draft_list"))],
    )


@signed_in
@require_POST
def draft_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    draft: Draft = writable(request, draft_access, pk)
    try:
        services.reopen(draft_id=draft.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("起案中に戻しました。"))
    return redirect(draft)


@signed_in
@require_safe
def draft_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a Word document; ``?marks=0`` leaves the origins out for the clean copy."""
    draft: Draft = visible(request, draft_access, pk)
    content = documents.as_docx(
        draft,
        selectors.parts_of(draft),
        selectors.addresses(request.user, draft),
        marked=request.GET.get("marks") != "0",
        address=request.build_absolute_uri,
    )
    return exporting.download(draft.title, "draft", content, "docx", exporting.DOCX)
