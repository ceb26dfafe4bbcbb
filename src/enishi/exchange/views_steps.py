"""Making and editing a record, one named step after another, each saved as it is left."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.models import Person
from enishi.accounts.signed_in import person_of
from enishi.audit import selectors
from enishi.exchange.asking import (
    now,
    signed_in,
    today,
    writable_record,
)
from enishi.exchange.completeness import missing_for_publication
from enishi.exchange.errors import StaleVersionError
from enishi.exchange.forms import OwnerForm, StepForm, stored
from enishi.exchange.history import in_words
from enishi.exchange.kinds import CHALLENGE, Kind, StepOf
from enishi.exchange.places import in_words as places_in_words
from enishi.foundation import drafts
from enishi.foundation.submissions import new_token, once
from enishi.foundation.ui import CompareRow, Step
from enishi.organizations.models import Membership, Organization


@signed_in
@require_safe
def record_new(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Where a new record begins: a challenge may begin with one sentence."""
    if kind is CHALLENGE:
        return redirect("exchange:challenge_start")
    return redirect(kind.url("create"))


@signed_in
def record_create(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The first step; a double click makes one record."""
    person = person_of(request)
    owner, owners = chosen_owner(request, kind)
    step = kind.steps[0]
    record = kind.model(organization=owner)
    owner_form = owner_question(request, owner, owners)
    draft_key = f"{kind.name}:new"
    form = _first_form(request, record, step, draft_key)
    if request.method == "POST" and form.is_valid() and (owner_form is None or owner_form.is_valid()):
        try:
            pk = once(
                token=form.cleaned_data["token"],
                person=person,
                at=now(),
                make=lambda: str(
                    kind.create(
                        organization=owner,
                        values={"section_id": own_section(person, owner), **form.values()},
                        actor=person,
                        at=now(),
                    ).pk
                ),
            )
        except ValidationError as refused:
            form.add_refusal(refused)
        else:
            drafts.discard(person_id=person.pk, forms=[draft_key])
            return redirect(kind.url("step", pk, kind.steps[1].slug))
    if request.method == "POST":
        drafts.keep(person_id=person.pk, form=draft_key, typed=request.POST, at=now())
    context = {
        "kind": kind,
        "step": step,
        "form": form,
        "owner_form": owner_form,
        "owner": owner,
        "steps": [Step(one.label, state="here" if one is step else "ahead") for one in kind.steps],
        "list_url": kind.url("list"),
        "keep_url": kind.url("draft_new"),
    }
    return render(request, "exchange/record_create.html", context)


def chosen_owner(request: HttpRequest, kind: Kind) -> tuple[Organization, list[Organization]]:
    """The organisation the record will belong to, and those it might."""
    found = list(kind.access.owners(request.user)[:50])
    if not found:
        raise PermissionDenied(
            _("%(kind)sを登録できるのは、団体の担当の人です。団体の管理者に招待を頼んでください。")
            % {"kind": kind.record.label}
        )
    wanted = request.POST.get("organization", "")
    return next((one for one in found if str(one.pk) == wanted), found[0]), found


def own_section(person: Person, owner: Organization) -> int | None:
    """Where the person works in the organisation: a new record is that section's until somebody says otherwise."""
    places = Membership.objects.current(today()).filter(person=person, organization=owner)
    return places.filter(section__isnull=False).order_by("pk").values_list("section_id", flat=True).first()


def owner_question(request: HttpRequest, owner: Organization, owners: list[Organization]) -> OwnerForm | None:
    """Asked only of people who work for several."""
    if len(owners) == 1:
        return None
    return OwnerForm(request.POST or None, owners=owners, initial={"organization": str(owner.pk)})


def _first_form(request: HttpRequest, record: Any, step: StepOf, draft_key: str) -> StepForm:
    if request.method == "POST":
        return StepForm(request.POST, record=record, names=step.names)
    draft = drafts.kept(person_id=person_of(request).pk, form=draft_key)
    if draft is not None:
        return StepForm(drafts.as_typed(draft, {"token": new_token()}), record=record, names=step.names)
    return StepForm(record=record, names=step.names, initial={"token": new_token()})


@signed_in
@require_safe
def record_edit(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    writable_record(request, kind, pk)
    return redirect(kind.url("step", pk, kind.steps[0].slug))


@signed_in
def record_step(request: HttpRequest, kind: Kind, pk: int, slug: str) -> HttpResponse:
    record = writable_record(request, kind, pk)
    step = step_of(kind.steps, slug)
    if request.method == "POST":
        answer = save_step(request, kind, record, step, after=lambda: _after(request, kind, record, step))
        if isinstance(answer, HttpResponse):
            return answer
        form, draft = answer, None
    else:
        form, draft = open_form(request, kind, record, step)
    context = {
        "kind": kind,
        "record": record,
        "step": step,
        "form": form,
        "draft": draft,
        "steps": shown_steps(kind, record, step),
        "is_last": step is kind.steps[-1],
        "list_url": kind.url("list"),
        "discard_url": kind.url("draft_discard", record.pk, step.slug),
        "keep_url": kind.url("draft_keep", record.pk, step.slug),
    }
    return render(request, "exchange/record_step.html", context)


def step_of(steps: tuple[StepOf, ...], slug: str) -> StepOf:
    found = next((step for step in steps if step.slug == slug), None)
    if found is None:
        raise Http404
    return found


def draft_key(kind: Kind, record: Any, step: StepOf) -> str:
    return f"{kind.name}:{record.pk}:{step.slug}"


def open_form(request: HttpRequest, kind: Kind, record: Any, step: StepOf) -> tuple[StepForm, Any]:
    """The step's form, with what was typed and not saved last time when there is any."""
    draft = drafts.kept(person_id=person_of(request).pk, form=draft_key(kind, record, step))
    if draft is None:
        return StepForm(record=record, names=step.names), None
    # Version 0 is nobody's: what others wrote since is shown beside before anything is written over it.
    version = 0 if _was_written_since(record, step, draft.saved_at) else record.version
    typed = drafts.as_typed(draft, {"version": str(version)})
    return StepForm(typed, record=record, names=step.names), draft


def _was_written_since(record: Any, step: StepOf, moment: dt.datetime) -> bool:
    """Whether somebody saved any of the step's values after ``moment``."""
    names = {"section_id" if name == "section" else name for name in step.names}
    since = selectors.history(record).filter(at__gt=moment).values_list("changes", flat=True)
    return any(names & set(changes) for changes in since)


def save_step(
    request: HttpRequest, kind: Kind, record: Any, step: StepOf, *, after: Any
) -> HttpResponse | StepForm:
    """Save what was typed and go on, or give back the form with its faults; typed text is kept in both cases."""
    person = person_of(request)
    key = draft_key(kind, record, step)
    form = StepForm(request.POST, record=record, names=step.names)
    if form.is_valid():
        try:
            kind.edit(
                pk=record.pk,
                values=form.values(),
                version=form.cleaned_data["version"] or 0,
                actor=person,
                at=now(),
            )
        except ValidationError as refused:
            form.add_refusal(refused)
        except StaleVersionError as refused:
            drafts.keep(person_id=person.pk, form=key, typed=request.POST, at=now())
            return conflict(request, kind, record, step, form, refused)
        else:
            drafts.discard(person_id=person.pk, forms=[key])
            answer: HttpResponse = after()
            return answer
    drafts.keep(person_id=person.pk, form=key, typed=request.POST, at=now())
    return form


def conflict(
    request: HttpRequest, kind: Kind, record: Any, step: StepOf, form: StepForm, refused: StaleVersionError
) -> HttpResponse:
    """Both versions side by side; the form below starts from what this person typed."""
    theirs = stored(record, form.names)
    rows = [
        CompareRow(
            form.fields[name].label or name,
            _shown(record, name, form.cleaned_data[name]),
            _shown(record, name, theirs[name]),
            "same"
            if _shown(record, name, form.cleaned_data[name]) == _shown(record, name, theirs[name])
            else "differs",
        )
        for name in form.names
    ]
    typed = request.POST.copy()
    typed["version"] = str(record.version)
    context = {
        "kind": kind,
        "record": record,
        "step": step,
        "rows": rows,
        "sentence": refused.sentence,
        "form": StepForm(typed, record=record, names=step.names),
        "address": request.path,
        "discard_url": kind.url("draft_discard", record.pk, step.slug),
    }
    return render(request, "exchange/record_conflict.html", context, status=409)


def _shown(record: Any, name: str, value: Any) -> str:
    if name in {"areas", "parties"}:
        return places_in_words(value or [])
    column = record._meta.get_field(name)
    if name == "fields":
        names = column.related_model.objects.filter(pk__in=value or []).order_by("order", "pk")
        return "・".join(one.name for one in names)
    if name == "section":
        return str(column.related_model.objects.filter(pk=value).first() or "")
    return in_words(column, value)


def _after(request: HttpRequest, kind: Kind, record: Any, step: StepOf) -> HttpResponse:
    if request.POST.get("then") == "close":
        messages.success(request, _("保存しました。"))
        return redirect(record)
    place = kind.steps.index(step) + 1
    if place < len(kind.steps):
        return redirect(kind.url("step", record.pk, kind.steps[place].slug))
    return redirect(kind.url("check", record.pk))


def shown_steps(kind: Kind, record: Any, here: StepOf | None) -> list[Step]:
    """All steps as links: each was saved, so one may jump; the last is the check before publishing."""
    missing = {one.step for one in missing_for_publication(record)}
    steps = [
        Step(
            one.label,
            kind.url("step", record.pk, one.slug),
            "here" if one is here else "ahead" if one.slug in missing else "done",
        )
        for one in kind.steps
    ]
    return [*steps, Step(_("確かめる"), kind.url("check", record.pk), "here" if here is None else "ahead")]
