"""Everything that writes calls, their questions and what was added to them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk import post
from enishi.desk.calls.access import call_access
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import Call, CallAddendum, CallCriterion, CallQuestion
from enishi.desk.office.access import staff_of
from enishi.desk.office.writing import Announcing, write_down
from enishi.exchange.errors import ReasonNeededError, RefusedError
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.ui import address_or_nothing
from enishi.notifications.services import notify
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

CALLS = Announcing[Call](
    call_access,
    written=(
        "title purpose asks conditions flow budget_yen deadline questions_until answers_by result_by contact_name "
        "section visibility"
    ).split(),
    steps={
        CallStatus.DRAFT: (CallStatus.OPEN,),
        CallStatus.OPEN: (CallStatus.CLOSED, CallStatus.CANCELLED),
        CallStatus.CLOSED: (CallStatus.DECIDED, CallStatus.CANCELLED),
        CallStatus.DECIDED: (),
        CallStatus.CANCELLED: (),
    },
)


class CallClosedError(RefusedError):
    """The deadline is past, or the call is not open."""

    def __init__(self, call: Call) -> None:
        when = timezone.localtime(call.deadline)
        super().__init__(
            _(
                "「%(title)s」の募集は%(when)sに締め切られました。書いたものは下書きに残っています。"
                "自由提案として出すか、%(who)sに相談してください。"
            )
            % {
                "title": call.title,
                "when": f"{when.month}月{when.day}日 {when:%H:%M}",
                "who": call.contact_name or call.organization.name,
            }
        )


def require_open(call: Call, *, at: dt.datetime) -> None:
    """Raise ``CallClosedError`` when nothing can be handed in any more. The row is locked, so that closing waits."""
    current = Call.objects.select_for_update().get(pk=call.pk)
    if not current.accepts(at):
        raise CallClosedError(current)


@transaction.atomic
def create_call(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> Call:
    return CALLS.create(organization=organization, values=values, actor=actor, at=at, is_demo=is_demo)


@transaction.atomic
def edit_call(
    *, call_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Call:
    """Change a call. Once it is open, what was asked stays: what is new goes into an addendum, the deadline only moves back."""
    return CALLS.edit(
        pk=call_id, values=values, version=version, actor=actor, at=at, refuse=_require_fair_change
    )


def _require_fair_change(call: Call, values: Mapping[str, Any]) -> None:
    if call.status == CallStatus.DRAFT:
        return
    changed = [
        name
        for name in ("purpose", "asks", "conditions", "budget_yen")
        if name in values and values[name] != getattr(call, name)
    ]
    if changed:
        raise RefusedError(
            _("公開したあとは、募集の中身を書き直せません。「追加・訂正」として知らせてください。")
        )
    if values.get("deadline") and values["deadline"] < call.deadline:
        raise RefusedError(_("公開したあとは、締切を早められません。延ばすことはできます。"))


@transaction.atomic
def set_criteria(
    *, call_id: int, rows: Sequence[tuple[str, str, int]], actor: Person, at: dt.datetime
) -> Call:
    """Keep the criteria as given: name, what is looked at, weight. Fixed once the call is open."""
    call = CALLS.held(call_id, "edit", actor)
    if call.status != CallStatus.DRAFT:
        raise RefusedError(
            _("公開したあとは、審査の観点と重みを変えられません。応募する人が見て準備しています。")
        )
    names = [name for name, _description, _weight in rows]
    if len(set(names)) != len(names):
        raise RefusedError(_("同じ名前の観点が二つあります。名前を変えるか、一つにまとめてください。"))
    call.criteria.all().delete()
    CallCriterion.objects.bulk_create(
        CallCriterion(call=call, name=name, description=description, weight=weight, order=place)
        for place, (name, description, weight) in enumerate(rows)
    )
    told = _("、").join(f"{name} {weight}" for name, _description, weight in rows)
    write_down(call, "set_criteria", actor, at, note=told[:500])
    return call


def missing(call: Call, at: dt.datetime) -> list[str]:
    """What a call still needs before it can be opened, in sentences."""
    sentences: list[str] = []
    if call.deadline <= at:
        sentences.append(_("締切がもう過ぎています。先の日時にしてください。"))
    if not call.challenges.exists():
        sentences.append(_("課題を一つ以上選んでください。"))
    if not call.criteria.exists():
        sentences.append(_("審査の観点と重みを決めてください。"))
    if not call.contact_name:
        sentences.append(_("問い合わせ先を書いてください。"))
    hidden = (
        call.challenges.exclude(visibility=Visibility.PUBLIC)
        if call.visibility == Visibility.PUBLIC
        else None
    )
    if hidden is not None and hidden.exists():
        sentences.append(_("公開していない課題が含まれています。課題を先に公開してください。"))
    return sentences


@transaction.atomic
def open_call(*, call_id: int, actor: Person, at: dt.datetime) -> Call:
    """Show the call to everybody in its circle and take proposals."""
    call = CALLS.held(call_id, "publish", actor)
    CALLS.require_step(call, CallStatus.OPEN)
    wanting = missing(call, at)
    if wanting:
        raise RefusedError(" ".join(wanting))
    return CALLS.move(call, CallStatus.OPEN, actor, at)


@transaction.atomic
def change_status(*, call_id: int, status: CallStatus, reason: str, actor: Person, at: dt.datetime) -> Call:
    """Close, decide or cancel. Whoever cancels says why."""
    call = CALLS.held(call_id, "change_status", actor)
    status = CallStatus(status)
    CALLS.require_step(call, status)
    reason = clean_text(reason).strip()[:500]
    if status == CallStatus.CANCELLED and not reason:
        raise ReasonNeededError
    if status == CallStatus.CLOSED and at < call.deadline and not reason:
        raise RefusedError(
            _("締切の前に終えるときは、理由を書いてください。応募を準備している人に伝わります。")
        )
    return CALLS.move(call, status, actor, at, reason=reason)


@transaction.atomic
def ask(
    *, call_id: int, text: str, name: str, email: str, person: Person | None, at: dt.datetime
) -> CallQuestion:
    """Somebody's question. The office sees who asks; the public page never shows it."""
    call = Call.objects.select_for_update().get(pk=call_id)
    text = clean_text(text, lines=True).strip()[:2_000]
    if not text:
        raise RefusedError(_("質問が空です。知りたいことを書いてください。"))
    if not call.takes_questions(timezone.localdate(at), at):
        raise RefusedError(_("質問の受付は終わりました。すでに公開されている回答をご覧ください。"))
    question = CallQuestion.objects.create(
        call=call,
        asker=person,
        asker_name=clean_text(name).strip()[:150] or (person.name if person else ""),
        asker_email=email or (person.email if person else ""),
        text=text,
        asked_at=at,
    )
    # The note carries no name: the trail is read by more people than the question.
    write_down(call, "ask", person, at)
    transaction.on_commit(lambda: _tell_office(call, _("「%(title)s」に質問が届きました"), at), robust=True)
    return question


@transaction.atomic
def answer(*, question_id: int, text: str, public_text: str, actor: Person, at: dt.datetime) -> CallQuestion:
    """Answer for everybody to read, under a wording of the question that tells nobody's name."""
    question = (
        CallQuestion.objects.select_for_update(of=("self",))
        .select_related("call__organization")
        .get(pk=question_id)
    )
    call_access.require(actor, "answer", question.call)
    text = clean_text(text, lines=True).strip()[:4_000]
    public_text = clean_text(public_text, lines=True).strip()[:2_000] or question.text
    if not text:
        raise RefusedError(_("回答が空です。質問した人だけでなく、みなさんが読みます。"))
    if question.asker_name and question.asker_name in public_text:
        raise RefusedError(
            _("公開する質問文に、質問した人の名前が入っています。消してから公開してください。")
        )
    is_first = question.answered_at is None
    question.answer, question.public_text = text, public_text
    question.answered_at, question.answered_by = at, actor
    question.save()
    write_down(question.call, "answer", actor, at)
    if is_first:
        _tell_asker(question, at)
    return question


@transaction.atomic
def add(*, call_id: int, text: str, actor: Person, at: dt.datetime) -> CallAddendum:
    """Add or correct something after the opening; those who asked or are writing hear of it."""
    call = CALLS.held(call_id, "add", actor)
    text = clean_text(text, lines=True).strip()[:4_000]
    if not text:
        raise RefusedError(_("追加・訂正の内容が空です。"))
    if call.status != CallStatus.OPEN:
        raise RefusedError(_("募集中のときだけ、追加・訂正を知らせられます。"))
    number = (call.addenda.aggregate(Max("number"))["number__max"] or 0) + 1
    addendum = CallAddendum.objects.create(
        call=call, number=number, text=text, published_at=at, published_by=actor
    )
    write_down(call, "add", actor, at, note=text[:200])
    transaction.on_commit(lambda: _tell_interested(call, at), robust=True)
    return addendum


def close_due(at: dt.datetime) -> int:
    """A round: calls whose deadline has passed stop by themselves, and their office hears how many came in."""
    due = list(Call.objects.filter(status=CallStatus.OPEN, deadline__lte=at).values_list("pk", flat=True))
    for key in due:
        with transaction.atomic():
            call = Call.objects.select_for_update().get(pk=key)
            if call.status == CallStatus.OPEN:
                CALLS.move(call, CallStatus.CLOSED, None, at)
                _tell_office(call, _("「%(title)s」の募集を締め切りました"), at)
    return len(due)


def _tell_office(call: Call, sentence: str, at: dt.datetime) -> None:
    notify(
        kind="desk_call",
        persons=staff_of(call.organization_id, call.section_id, timezone.localdate(at)),
        title=sentence % {"title": call.title},
        url=call.get_absolute_url(),
        at=at,
    )


def _tell_asker(question: CallQuestion, at: dt.datetime) -> None:
    call = question.call
    title = _("「%(title)s」への質問に回答しました") % {"title": call.title}
    if question.asker is not None:
        notify(kind="desk_call", persons=[question.asker], title=title, url=call.get_absolute_url(), at=at)
        return
    post.write(
        organization=call.organization,
        to=question.asker_email,
        subject=title,
        body=_(
            "%(title)s\n\n質問と回答は、募集のページでどなたでもご覧になれます。\n\n%(answer)s\n\n%(office)s"
        )
        % {"title": title, "answer": question.answer, "office": call.organization.name},
        at=at,
    )


def _tell_interested(call: Call, at: dt.datetime) -> None:
    title = _("「%(title)s」に追加・訂正があります") % {"title": call.title}
    askers = [row.asker for row in call.questions.select_related("asker") if row.asker is not None]
    writing = Person.objects.filter(pk__in=call.proposals.values("submitted_by_id"))
    notify(kind="desk_call", persons=[*askers, *writing], title=title, url=call.get_absolute_url(), at=at)
    for email in {
        row.asker_email for row in call.questions.all() if row.asker_id is None and row.asker_email
    }:
        post.write(
            organization=call.organization,
            to=email,
            subject=title,
            body=_("%(title)s\n\n募集のページでご確認ください。\n\n%(office)s")
            % {"title": title, "office": call.organization.name},
            at=at,
        )


def proposal_address(call: Call) -> str:
    """Where a proposal for this call is written."""
    return f"{address_or_nothing('desk:proposal_new')}?call={call.pk}"
