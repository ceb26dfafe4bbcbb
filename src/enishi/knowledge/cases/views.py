"""Pages of the case library."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as audit
from enishi.foundation.limits import limited
from enishi.foundation.lists import CursorPage, Facet, FacetChoice, Sort
from enishi.knowledge.cases import meaning, selectors, services, transfer
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.enums import CaseOutcome, Verification
from enishi.knowledge.cases.forms import CaseForm
from enishi.knowledge.cases.registry import Contribution, contributor_of
from enishi.knowledge.cases.search import tag_of_field
from enishi.knowledge.cases.selectors import Conditions
from enishi.knowledge.cases.values import prefecture_name
from enishi.knowledge.models import Case
from enishi.knowledge.selectors import Hits
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.access import is_staff
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    today,
    visible,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import form_page
from enishi.organizations.prefectures import PREFECTURES
from enishi.organizations.visibility import reach_of

MOST_EXPORTED = 5_000
LONGEST_QUESTION = 500


@require_safe
@limited("cases", times=240, seconds=60)
def case_list(request: HttpRequest) -> HttpResponseBase:
    conditions = Conditions.read(request.GET)
    if request.GET.get("format") in exporting.FORMATS:
        rows, _hits = selectors.cases(request.user, conditions, limit=MOST_EXPORTED)
        return exporting.table(
            _("事例"), "cases", transfer.headings(), transfer.rows_out(rows), request.GET["format"]
        )
    rows, hits = selectors.cases(
        request.user, conditions, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {
        "conditions": conditions,
        "page": CursorPage(_with_hits(rows, hits), hits.next_cursor, hits.previous_cursor),
        "facets": _facets(request, conditions, hits),
        "sorts": [Sort("relevance", _("合う順")), Sort("recent", _("新しい順"))],
        "summary": _summary(conditions, hits),
        "may_create": is_staff(request.user),
    }
    return render(request, "knowledge/cases/case_list.html", context)


def _with_hits(rows: list[Case], hits: Hits) -> list[Any]:
    by_key = {hit.object_id: hit for hit in hits.items}
    for row in rows:
        row.hit = by_key[row.pk]  # type: ignore[attr-defined]
    return rows


def _summary(conditions: Conditions, hits: Hits) -> str:
    words = ngettext("事例 %(count)s件", "事例 %(count)s件", hits.count) % {"count": f"{hits.count:,}"}
    return words if hits.count_is_exact else _("%(words)s以上") % {"words": words}


def _facets(request: HttpRequest, conditions: Conditions, hits: Hits) -> list[Facet]:
    fields = list(dict.fromkeys([*conditions.field, *selectors.known_fields(request.user)]))
    prefectures = [
        (code, name)
        for code, name in PREFECTURES.items()
        if code in conditions.pref or (hits.facet(f"pref:{code}") or 0) > 0
    ]
    shown = [
        Facet(
            "outcome", _("うまくいったか"), _choices("outcome", CaseOutcome.choices, conditions.outcome, hits)
        ),
        Facet(
            "field",
            _("分野"),
            [
                FacetChoice(name, name, hits.facet(tag_of_field(name)), name in conditions.field)
                for name in fields
            ],
        ),
        Facet("pref", _("場所"), _choices("pref", prefectures, conditions.pref, hits)),
        Facet(
            "verified", _("確認の状態"), _choices("verified", Verification.choices, conditions.verified, hits)
        ),
    ]
    if reach_of(request.user).is_member:
        shown.append(
            Facet("mine", _("持ち主"), [FacetChoice("1", _("自分の団体のもの"), None, conditions.mine)])
        )
    return shown


def _choices(name: str, choices: Any, chosen: tuple[str, ...], hits: Hits) -> list[FacetChoice]:
    return [
        FacetChoice(value, label, hits.facet(f"{name}:{value}"), value in chosen) for value, label in choices
    ]


@require_safe
def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = visible(request, case_access, pk)
    may_edit = case_access.allows(request.user, "edit", case)
    steps = list(case.steps.all())
    sources = list(case.sources.all())
    cited = [*(step.document_id for step in steps), *(source.document_id for source in sources)]
    inside = case.organization_id in reach_of(request.user).organization_ids
    context = {
        "case": case,
        "prefecture": prefecture_name(case.prefecture_code),
        "steps": steps,
        "files": selectors.files_of(case),
        "sources": sources,
        "documents": selectors.readable_documents(request.user, cited),
        "similar": selectors.similar(request.user, case),
        "by_words_only": not meaning.name(),
        "may_edit": may_edit,
        "inside": inside,
        "events": history.told(audit.history(case)[:20]) if inside else None,
        "verifications": Verification.choices,
    }
    return render(request, "knowledge/cases/case_detail.html", context)


@signed_in
def case_new(request: HttpRequest) -> HttpResponse:
    """A new case: from nothing, or from a record that came to an end."""
    person = staff_of(request)
    contribution = _contribution(request)
    return form_page(
        request,
        CaseForm(request.POST or None, person=person, contribution=contribution),
        lambda sent: _made(request, sent, contribution),
        title=_("事例を書く"),
        lead=_("うまくいかなかったことこそ、次の人の役に立ちます。"),
        submit=_("登録する"),
        done=_("事例を登録しました。続けて、手順や使った文書を加えられます。"),
        cancel=reverse("cases:case_list"),
        crumbs=[(_("事例"), reverse("cases:case_list"))],
    )


def _made(request: HttpRequest, form: CaseForm, contribution: Contribution | None) -> str:
    origin = (contribution.kind, contribution.key, contribution.url) if contribution else None
    case = services.create_case(
        organization=form.cleaned_data["organization"],
        values=form.values(),
        actor=person_of(request),
        at=now(),
        contributed=origin,
    )
    return case.get_absolute_url()


def _contribution(request: HttpRequest) -> Contribution | None:
    """``?from=exchange.contact:12``: the record that ended, if this person may read it."""
    kind, _colon, key = request.GET.get("from", "").partition(":")
    contributor = contributor_of(kind)
    if contributor is None or not (key.isascii() and key.isdigit()) or len(key) > 15:
        return None
    return contributor.one(request.user, int(key))


@signed_in
def case_edit(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    person = person_of(request)
    return form_page(
        request,
        CaseForm(request.POST or None, person=person, record=case),
        lambda sent: services.edit_case(
            case_id=case.pk,
            values=sent.values(),
            version=sent.cleaned_data["version"] or 0,
            actor=person,
            at=now(),
        ),
        title=_("事例を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=case.get_absolute_url(),
        crumbs=[(_("事例"), reverse("cases:case_list")), (case.title, case.get_absolute_url())],
    )


@signed_in
@require_POST
def case_verify(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    chosen = request.POST.get("verification", "")
    if chosen in Verification.values:
        try:
            services.verify_case(
                case_id=case.pk, verification=Verification(chosen), actor=person_of(request), at=now()
            )
        except RefusedError as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(
                request, _("確認の状態を「%(state)s」にしました。") % {"state": Verification(chosen).label}
            )
    return redirect(case)


@signed_in
def case_delete(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    if request.method == "POST":
        services.delete_case(case_id=case.pk, actor=person_of(request), at=now())
        messages.success(request, _("事例を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("cases:case_list")
    context = {
        "heading": _("事例を削除する"),
        "question": _("「%(title)s」を削除しますか。") % {"title": case.title},
        "explanation": _("一覧や検索、壁打ちに出なくなります。30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": case.get_absolute_url(),
        "crumbs": [(_("事例"), reverse("cases:case_list")), (case.title, case.get_absolute_url())],
    }
    return render(request, "knowledge/staff/confirm.html", context)


@signed_in
@require_safe
@limited("cases-ask", times=60, seconds=60)
def case_ask(request: HttpRequest) -> HttpResponseBase:
    """「どう対応したか」: the precedent, its steps, the letter."""
    question = request.GET.get("q", "").strip()
    is_cut = len(question) > LONGEST_QUESTION
    question = question[:LONGEST_QUESTION]
    found = selectors.precedents(request.user, question, on=today()) if question else None
    cited = [step.document_id for case, _r in found.cases for step in case.steps.all()] if found else []
    context = {
        "question": question,
        "is_cut": is_cut,
        "found": found,
        "documents": selectors.readable_documents(request.user, cited),
        "by_words_only": not meaning.name(),
        "examples": [
            _("相手の団体から、協定にない仕事を頼まれたときは"),
            _("実証実験を途中でやめたときの進め方"),
            _("提案を断るときに理由をどう伝えたか"),
        ],
    }
    return render(request, "knowledge/cases/case_ask.html", context)


@signed_in
@require_safe
def candidates(request: HttpRequest) -> HttpResponse:
    """What came to an end and could become a case."""
    groups = selectors.open_contributions(staff_of(request))
    return render(request, "knowledge/cases/candidates.html", {"groups": groups})
