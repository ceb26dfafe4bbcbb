"""Pages on which the office answers and decides."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk.access import proposal_access
from enishi.desk.behind_links import behind_link
from enishi.desk.decisions import letters, replying, services
from enishi.desk.decisions.enums import FirstVerdict, Verdict
from enishi.desk.decisions.forms import DecisionForm, FirstReplyForm, PackForm, PublishForm
from enishi.desk.decisions.models import Decision, FirstReply
from enishi.desk.decisions.packs import case_of, pack
from enishi.desk.decisions.procurement import Ground, grounds
from enishi.desk.dialogue.access import is_inside
from enishi.desk.dialogue.views import workable
from enishi.desk.enums import LinkPurpose
from enishi.desk.models import DeskSettings, Proposal, SecretLink
from enishi.desk.pages import case_page
from enishi.desk.review.access import review_access
from enishi.desk.review.calculations import ranking
from enishi.desk.tables import as_file
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.foundation.documents import DOCX
from enishi.foundation.errors import refusal
from enishi.foundation.form_pages import press
from enishi.foundation.printing import NoJapaneseFontError


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def first_reply(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = workable(request, pk, "reply")
    known = FirstReply.objects.filter(proposal=proposal).select_related("replied_by").first()
    if known is not None and request.method != "POST":
        messages.info(request, services.AlreadyRepliedError(known).sentence)
        return redirect(proposal)
    person = person_of(request)
    initial = {
        "text": replying.chosen(proposal, request.GET.get("use", ""), person),
        "version": proposal.version,
    }
    return case_page(
        request,
        proposal,
        FirstReplyForm(request.POST or None, initial=initial),
        lambda form: services.reply_first(
            proposal_id=pk,
            actor=person,
            at=now(),
            **{**form.cleaned_data, "verdict": FirstVerdict(form.cleaned_data["verdict"])},
        ),
        title=_("最初の返事をする"),
        submit=_("返事を届ける"),
        done=_("最初の返事を届けました。"),
        template="desk/decisions/first_reply.html",
        offers=replying.offers(proposal, person),
        due=services.reply_due(proposal),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = workable(request, pk, "decide")
    return case_page(
        request,
        proposal,
        DecisionForm(request.POST or None, initial={"version": proposal.version}),
        lambda form: services.decide(
            proposal_id=pk,
            actor=person_of(request),
            at=now(),
            **{**form.cleaned_data, "verdict": Verdict(form.cleaned_data["verdict"])},
        ),
        title=_("決定を記録する"),
        submit=_("決定を記録して知らせる"),
        done=_("決定を記録し、提案者に知らせました。通知の文書を受け取れます。"),
        template="desk/decisions/decide.html",
        place=_place(request, proposal),
    )


def _place(request: HttpRequest, proposal: Proposal) -> Any:
    """The place in the review, for those who may see its scores."""
    entry = proposal.review_entries.select_related("review").order_by("-pk").first()
    if entry is None or not review_access.allows(request.user, "see_scores", entry.review):
        return None
    return next((row for row in ranking(entry.review).rows if row.entry.pk == entry.pk), None)


@signed_in
@require_safe
def letter(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The letter of result, for the office and for whoever made the proposal."""
    decision = get_object_or_404(_decisions(), pk=pk)
    proposal = decision.proposal
    if not (is_inside(request.user, proposal) or proposal_access.is_proposers(request.user, proposal)):
        raise Http404
    return _letter(request, decision, form)


@require_safe
@behind_link(LinkPurpose.STATUS)
def letter_by_link(request: HttpRequest, link: SecretLink, _secret: str, form: str) -> HttpResponse:
    """The same for a visitor, whose secret link opens it."""
    return _letter(request, get_object_or_404(_decisions(), proposal_id=link.proposal_id), form)


def _letter(request: HttpRequest, decision: Decision, form: str) -> HttpResponse:
    name = f"審査結果の通知_{decision.proposal.number or decision.proposal_id}"
    if form == "docx":
        return as_file(letters.letter_docx(decision), f"{name}.docx", DOCX)
    if form != "pdf":
        raise Http404
    try:
        return as_file(letters.letter_pdf(decision), f"{name}.pdf", "application/pdf")
    except NoJapaneseFontError:
        return refusal(
            request,
            _(
                "日本語の文字が入っていないため、PDFを作れません。Wordの文書を使うか、管理者に「enishi doctor」で確かめてもらってください。"
            ),
            status=400,
        )


def _decisions() -> Any:
    return Decision.objects.select_related(
        "proposal__organization", "proposal__section", "proposal__proposer", "decided_by"
    ).filter(proposal__deleted_at__isnull=True)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(_decisions(), pk=pk)
    proposal = workable(request, decision.proposal_id, "decide")
    if request.method == "POST" and request.POST.get("act") == "take_back":
        return press(
            request,
            lambda: services.take_back_result(decision_id=pk, actor=person_of(request), at=now()),
            done=_("公表を取りやめました。"),
            to=proposal,
        )
    initial = {
        "public_text": decision.public_text or decision.sentence,
        "names_proposer": decision.names_proposer,
    }
    return case_page(
        request,
        proposal,
        PublishForm(request.POST or None, initial=initial),
        lambda form: services.publish_result(
            decision_id=pk, actor=person_of(request), at=now(), **form.cleaned_data
        ),
        title=_("結果を公表する"),
        submit=_("公表する"),
        done=_("結果を公表しました。"),
        to=reverse("desk:result_list"),
        template="desk/decisions/form.html",
        published=decision.published_at,
    )


@signed_in
@require_safe
def decision_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of a decision as one zip, once the ground of the procurement is chosen."""
    proposal = workable(request, pk, "decide")
    asked = "ground" in request.GET
    form = PackForm(request.GET if asked else None, initial={"price_yen": proposal.cost_yen})
    if asked and form.is_valid():
        data = form.cleaned_data
        settings = DeskSettings.objects.filter(organization_id=proposal.organization_id).first()
        found = grounds(
            Ground(data["ground"]),
            body=data["body"],
            kind=data["kind"],
            price_yen=data["price_yen"],
            own=settings.own_limits if settings else None,
            own_source=settings.own_limits_source if settings else "",
        )
        full = Proposal.objects.select_related(
            "organization", "section", "challenge", "call", "proposer"
        ).get(pk=pk)
        content = pack(case_of(full, grounds=found, price_yen=data["price_yen"]))
        return as_file(content, f"決裁の一式_{proposal.number or pk}.zip", "application/zip")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/decisions/pack.html", {"form": form, "proposal": proposal}, status=status)
