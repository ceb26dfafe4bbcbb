"""The desk for residents: a page, a frame for other sites, no sign-in, no cookie, no JavaScript."""

import json
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.days import speaks_japanese
from enishi.foundation.limits import caller, is_over
from enishi.knowledge.answers import asking
from enishi.knowledge.answers.access import may_run
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.calculations import language_of
from enishi.knowledge.answers.enums import Channel, Outcome, SpokenLanguage
from enishi.knowledge.answers.guards import MOST_KEPT
from enishi.knowledge.answers.sections import Help
from enishi.knowledge.concierge import services
from enishi.knowledge.concierge.elsewhere import elsewhere
from enishi.knowledge.concierge.forms import DeskForm
from enishi.knowledge.concierge.often import often_asked
from enishi.knowledge.concierge.words import chosen_language, hours_in, html_language, words_in
from enishi.knowledge.models import Concierge, HandOver, QuestionSet
from enishi.knowledge.staff.access import owners_of
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import form_page
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of

LONGEST = 10_000
SALT = "concierge.question"
_DAY = 86_400
A_MINUTE, A_DAY = 12, 300


@require_safe
def desk_index(request: HttpRequest) -> HttpResponse:
    """Every open desk."""
    desks = (
        Concierge.objects.filter(is_open=True).select_related("organization").order_by("organization__name")
    )
    context = {"desks": desks, "languages": languages()}
    return render(request, "knowledge/concierge/index.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str, frame: bool = False) -> HttpResponse:
    """Ask and read the answer. There is no session to forge: whoever posts here is nobody in particular."""
    desk = _desk(request, slug)
    context = desk_context(request, desk, frame=frame)
    if request.method == "POST":
        if _is_too_often(request, desk):
            context["typed"] = request.POST.get("question", "")[:LONGEST]
            return _too_often(request, desk, context)
        _answer(request, desk, context)
    else:
        context["often"] = often_asked(desk, context["language"], on=timezone.localdate(now()))
    return _shown(request, desk, context)


def languages() -> list[tuple[str, str, str]]:
    """Code, own name and code for browsers of each language the desk speaks."""
    return [(code, words_in(code)["name"], html_language(code)) for code in SpokenLanguage.values]


def desk_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the desk: days and numbers in its language, whatever the browser's is."""
    with translation.override("ja" if html_language(context["language"]) == "ja" else "en"):
        return render(request, template, context, status=status)


def _shown(
    request: HttpRequest, desk: Concierge, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = desk_page(request, "knowledge/concierge/ask.html", context, status=status)
    return _framed(response, desk) if context["frame"] else response


def _too_often(request: HttpRequest, desk: Concierge, context: dict[str, Any]) -> HttpResponse:
    """Nothing typed is lost, and nothing is said to be done that was not."""
    context |= {"refused": context["words"]["too_often"], "before": request.POST.get("before", "")[:4_000]}
    response = _shown(request, desk, context, status=429)
    response["Retry-After"] = "60"
    return response


def _answer(request: HttpRequest, desk: Concierge, context: dict[str, Any]) -> None:
    typed = request.POST.get("question", "")[:LONGEST]
    reply = asking.ask(
        Question(
            typed,
            AnonymousUser(),
            [desk.organization],
            language=context["language"],
            channel=Channel.CONCIERGE,
            before=_unsigned(request.POST.get("before", "")),
            uses_documents=desk.uses_documents,
            uses_generation=desk.uses_generation,
            default_section_id=desk.default_section_id,
        ),
        at=now(),
    )
    words, asked = context["words"], reply.masked.text
    context |= {
        "reply": reply,
        "reply_language": html_language(reply.language),
        "typed": "" if reply.is_answered or reply.dangers else typed,
        "asked": asked,
        "token": signing.dumps(str(reply.asked.pk), salt=SALT) if reply.asked is not None else "",
        "before": signing.dumps(asked[:MOST_KEPT], salt=SALT) if asked else "",
        "may_hand_over": bool(reply.asked and reply.asked.text and reply.leaves_open),
        "may_say_helpful": not reply.dangers and reply.outcome not in (Outcome.ABUSE, Outcome.PERSON),
        "note": words.get(reply.note, ""),
        "dangers": [words[key] for key in _telephones(reply.dangers)],
    }
    context |= _whom_to_ask(reply.help, context["language"])
    if not reply.is_answered and not reply.offers:
        context |= _elsewhere(asked, desk, words)


def _telephones(dangers: Sequence[str]) -> list[str]:
    """The words that name them; 119 and 110 with every one."""
    own = [f"danger_{kind}" for kind in dangers if kind != "life"]
    return [*own, "danger"] if dangers else []


def _whom_to_ask(helper: Help | None, language: str) -> dict[str, Any]:
    return {"helper": helper, "hours": hours_in(language, helper.opening_hours) if helper else ""}


def _elsewhere(asked: str, desk: Concierge, words: Mapping[str, str]) -> dict[str, Any]:
    """Whose question it is, where it is about another town."""
    other = elsewhere(asked, desk.organization)
    if other is None:
        return {}
    names = {"own": desk.organization.name, "other": other.name}
    return {
        "elsewhere": other,
        "elsewhere_said": words["elsewhere"] % names,
        "elsewhere_link": words["elsewhere_desk"] % names,
    }


def _unsigned(token: str) -> str:
    try:
        found = signing.loads(token[:4_000], salt=SALT, max_age=_DAY) if token else ""
    except signing.BadSignature:
        return ""
    return found if isinstance(found, str) else ""


def _is_too_often(request: HttpRequest, desk: Concierge) -> bool:
    key = f"{desk.pk}:{caller(request)}"
    in_a_minute = is_over("concierge", key, times=A_MINUTE, seconds=60, shared=True)
    return is_over("concierge-day", key, times=A_DAY, seconds=_DAY, shared=True) or in_a_minute


@csrf_exempt
@require_POST
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    desk = _desk(request, slug)
    context = desk_context(request, desk, frame=bool(request.POST.get("frame")))
    key = _question_of(request)
    if key is None:
        return redirect(f"{desk.get_absolute_url()}?lang={context['language']}")
    if _is_too_often(request, desk):
        return _too_often(request, desk, context)
    services.give_feedback(
        question_id=key,
        organization=desk.organization,
        helpful=request.POST.get("helpful", ""),
        comment=request.POST.get("comment", "")[:LONGEST],
    )
    context |= {"thanks": True, "before": request.POST.get("before", "")[:4_000]}
    return _shown(request, desk, context)


@csrf_exempt
@require_POST
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Pass the question on, and show the number."""
    desk = _desk(request, slug)
    context = desk_context(request, desk, frame=bool(request.POST.get("frame")))
    key = _question_of(request)
    if key is not None and _is_too_often(request, desk):
        return _too_often(request, desk, context)
    made = key and services.hand_over(question_id=key, organization=desk.organization, at=now())
    if not made:
        return redirect(f"{desk.get_absolute_url()}?lang={context['language']}")
    context |= {
        "handed": made,
        "handed_language": html_language(language_of(made.question.text)),
        "before": request.POST.get("before", "")[:4_000],
    }
    helper = Help(desk.organization, made.section, desk.opening_hours)
    return _shown(request, desk, context | _whom_to_ask(helper, context["language"]))


def _question_of(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(_unsigned(request.POST.get("token", "")))
    except ValueError:
        return None


def _desk(request: HttpRequest, slug: str) -> Concierge:
    """The open desk; its own people may look at a closed one."""
    desk = get_object_or_404(Concierge.objects.select_related("organization", "default_section"), slug=slug)
    if not desk.is_open and not may_run(request.user, desk.organization_id):
        raise Http404
    return desk


def desk_context(request: HttpRequest, desk: Concierge, *, frame: bool = False) -> dict[str, Any]:
    """What every page of the desk takes: its words in the language somebody chose or their browser accepts."""
    wish = request.POST.get("lang") or request.GET.get("lang") or _of_the_pages(request)
    language = chosen_language(wish, request.headers.get("Accept-Language", ""))
    published = QuestionSet.objects.filter(organization=desk.organization, is_published=True).exists()
    return {
        "desk": desk,
        "language": language,
        "html_language": html_language(language),
        "languages": languages(),
        "address": settings.SITE_ADDRESS.rstrip("/") + desk.get_absolute_url(),
        "today": timezone.localdate(now()),
        "words": words_in(language),
        "frame": frame,
        "publishes_accuracy": published,
        "typed": "",
    }


def _framed(response: HttpResponse, desk: Concierge) -> HttpResponse:
    """Let the sites that were named show this page in a frame, and no other."""
    sites = desk.origins
    response._csp_replace = {"frame-ancestors": ["'self'", *sites]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = True
    return response


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """The script other sites load: a button that opens the frame."""
    response = HttpResponse(_widget_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=1)
def _widget_script() -> str:
    return (files("enishi.knowledge.concierge") / "widget.js").read_text("utf-8")


# --- For staff --------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
def desks(request: HttpRequest) -> HttpResponse:
    """The desks of the houses one works for."""
    person = staff_of(request)
    houses = [
        (house, Concierge.objects.filter(organization=house).first(), may_run(person, house.pk))
        for house in owners_of(person)[:50]
    ]
    context = {
        "houses": houses,
        "address": settings.SITE_ADDRESS.rstrip("/"),
        "rules": _in_words(masking_rules()),
    }
    return render(request, "knowledge/concierge/desks.html", context)


def _of_the_pages(request: HttpRequest) -> str:
    """Who chose a language at the foot of a page is spoken to in it."""
    return request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")


@lru_cache(maxsize=1)
def masking_rules() -> list[dict[str, Any]]:
    """What is masked, by which rule, from which source, and how well that source is known, with the English beside it."""
    kept: list[dict[str, Any]] = json.loads(
        (files("enishi.knowledge.concierge") / "privacy_rules.json").read_text("utf-8")
    )
    return kept


def _in_words(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rules if speaks_japanese() else [{**rule, **rule.get("en", {})} for rule in rules]


@signed_in
@require_http_methods(["GET", "POST"])
def desk_edit(request: HttpRequest, organization_id: int) -> HttpResponse:
    person = staff_of(request)
    house = get_object_or_404(Organization, pk=organization_id)
    if not may_run(person, house.pk):
        raise PermissionDenied(_("住民の窓口を変えられるのは、団体の管理職・企画・管理者です。"))
    desk = Concierge.objects.filter(organization=house).first()
    return form_page(
        request,
        DeskForm(request.POST or None, organization=house, desk=desk),
        lambda sent: services.set_desk(
            organization=house,
            values=sent.values(),
            actor=person,
            at=now(),
            version=sent.cleaned_data["version"],
        ),
        title=_("住民の窓口を整える"),
        lead=house.name,
        submit=_("保存する"),
        done=_("住民の窓口を保存しました。"),
        to=reverse("concierge:desks"),
        cancel=reverse("concierge:desks"),
        crumbs=[(_("住民の窓口"), reverse("concierge:desks"))],
    )


@signed_in
@require_POST
def hand_over_done(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    get_object_or_404(HandOver, pk=pk, organization_id__in=reach_of(person).organization_ids)
    try:
        services.finish_hand_over(hand_over_id=pk, actor=person, at=now())
    except RefusedError as refused:
        raise PermissionDenied(refused.sentence) from refused
    messages.success(request, _("対応したと記録しました。"))
    return redirect("answers:todo_list")
