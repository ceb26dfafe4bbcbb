"""Help in writing a challenge: one question a page, from one sentence to a draft that can be published."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.exchange import selectors, services
from enishi.exchange.asking import (
    now,
    signed_in,
    writable_record,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.forms import SentenceForm, StepForm
from enishi.exchange.kinds import CHALLENGE, QUESTIONS, StepOf
from enishi.exchange.models import Challenge, Field
from enishi.exchange.similarity import SimilarChallenge
from enishi.exchange.views_steps import (
    chosen_owner,
    open_form,
    own_section,
    owner_question,
    save_step,
    step_of,
)
from enishi.exchange.writing import solutions, vague_words
from enishi.foundation.submissions import new_token, once
from enishi.foundation.ui import Step
from enishi.language.sentences import sentences

WATCHED = ("present_state", "desired_state")
"""Texts in which a solution or a vague word is pointed out."""
_TITLE_LENGTH = 60


@signed_in
def challenge_start(request: HttpRequest) -> HttpResponse:
    """One sentence begins a draft; or the form step by step."""
    person = person_of(request)
    owner, owners = chosen_owner(request, CHALLENGE)
    form = SentenceForm(request.POST or None, initial={"token": new_token()})
    owner_form = owner_question(request, owner, owners)
    if request.method == "POST" and form.is_valid() and (owner_form is None or owner_form.is_valid()):
        values = _first_values(form.cleaned_data["sentence"]) | {"section_id": own_section(person, owner)}
        try:
            pk = once(
                token=form.cleaned_data["token"],
                person=person,
                at=now(),
                make=lambda: str(
                    services.create_challenge(organization=owner, values=values, actor=person, at=now()).pk
                ),
            )
        except ValidationError as refused:
            form.add_error("sentence", [str(one) for one in refused.messages])
        else:
            return redirect("exchange:challenge_write", pk, QUESTIONS[0].slug)
    context = {
        "form": form,
        "owner_form": owner_form,
        "owner": owner,
        "questions": QUESTIONS,
    }
    return render(request, "exchange/challenge_start.html", context)


def _first_values(sentence: str) -> Any:
    """The sentence as a title and as the beginning of the present state; a named solution goes where it belongs."""
    found = sentences(sentence)
    first = found[0].text if found else sentence
    title = first.rstrip("。.!?！？ ")
    if len(title) > _TITLE_LENGTH:
        title = f"{title[: _TITLE_LENGTH - 1]}…"
    return {"title": title, "present_state": sentence}


@signed_in
def challenge_write(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One question. After saving, what could mislead is pointed out once before going on."""
    challenge = writable_record(request, CHALLENGE, pk)
    step = step_of(QUESTIONS, slug)
    draft = None
    if not step.names:
        form = None
        if request.method == "POST":
            return _onwards(challenge, step)
    elif request.method == "POST":
        answer = save_step(
            request, CHALLENGE, challenge, step, after=lambda: _after(request, challenge, step)
        )
        if isinstance(answer, HttpResponse):
            return answer
        form = answer
    else:
        form, draft = open_form(request, CHALLENGE, challenge, step)
    return render(request, "exchange/challenge_write.html", _context(request, challenge, step, form, draft))


def _context(
    request: HttpRequest, challenge: Challenge, step: StepOf, form: StepForm | None, draft: Any
) -> dict[str, Any]:
    place = QUESTIONS.index(step)
    watched = [name for name in WATCHED if name in step.names]
    context: dict[str, Any] = {
        "challenge": challenge,
        "record": challenge,
        "kind": CHALLENGE,
        "step": step,
        "form": form,
        "draft": draft,
        "number": place + 1,
        "total": len(QUESTIONS),
        "steps": _steps(challenge, step),
        "pointed": [(name, found) for name in watched for found in solutions(getattr(challenge, name))],
        "vague": [found for name in watched for found in vague_words(getattr(challenge, name))],
        "is_second_look": "look" in request.GET,
        "keep_url": CHALLENGE.url("draft_keep", challenge.pk, step.slug),
        "discard_url": CHALLENGE.url("draft_discard", challenge.pk, step.slug),
        "next_url": _next_url(challenge, step),
        "previous_url": CHALLENGE.url("write", challenge.pk, QUESTIONS[place - 1].slug) if place else "",
    }
    if step.slug in {"similar", "finish"}:
        similar = selectors.similar_challenges(
            request.user, f"{challenge.title}\n{challenge.present_state}", but=challenge
        )
        context["similar"] = similar if step.slug == "similar" else []
        context["usual_fields"] = _usual_fields(similar) if step.slug == "finish" else []
    return context


def _usual_fields(similar: list[SimilarChallenge]) -> list[str]:
    """The fields other towns gave to the same trouble."""
    keys = [one.challenge.pk for one in similar[:3]]
    names = Field.objects.filter(challenges__in=keys, is_active=True).order_by("order", "pk")
    return list(dict.fromkeys(names.values_list("name", flat=True)))[:6]


def _steps(challenge: Challenge, here: StepOf) -> list[Step]:
    place = QUESTIONS.index(here)
    return [
        Step(
            one.label,
            CHALLENGE.url("write", challenge.pk, one.slug),
            "here" if one is here else "done" if index < place else "ahead",
        )
        for index, one in enumerate(QUESTIONS)
    ]


def _after(request: HttpRequest, challenge: Challenge, step: StepOf) -> HttpResponse:
    if request.POST.get("then") == "close":
        messages.success(request, _("保存しました。続きはいつでも書けます。"))
        return redirect(challenge)
    challenge.refresh_from_db()
    watched = [name for name in WATCHED if name in step.names]
    is_first_look = "look" not in request.GET
    if is_first_look and any(
        solutions(getattr(challenge, name)) or vague_words(getattr(challenge, name)) for name in watched
    ):
        return redirect(f"{CHALLENGE.url('write', challenge.pk, step.slug)}?look=1#pointed")
    return _onwards(challenge, step)


def _onwards(challenge: Challenge, step: StepOf) -> HttpResponse:
    return redirect(_next_url(challenge, step))


def _next_url(challenge: Challenge, step: StepOf) -> str:
    place = QUESTIONS.index(step) + 1
    if place < len(QUESTIONS):
        return CHALLENGE.url("write", challenge.pk, QUESTIONS[place].slug)
    return CHALLENGE.url("check", challenge.pk)


@signed_in
@require_POST
def challenge_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a sentence that names a solution to 「考えられる手立て」."""
    challenge = writable_record(request, CHALLENGE, pk)
    try:
        services.move_to_means(
            challenge_id=challenge.pk,
            name=request.POST.get("name", ""),
            sentence=request.POST.get("sentence", ""),
            actor=person_of(request),
            at=now(),
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("「考えられる手立て」に移しました。"))
    slug = request.POST.get("slug", "")
    if slug in {step.slug for step in QUESTIONS}:
        return redirect(f"{CHALLENGE.url('write', pk, slug)}?look=1#pointed")
    return redirect(CHALLENGE.url("check", pk))
