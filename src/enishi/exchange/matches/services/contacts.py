"""From a match to a conversation, and to what came of it."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from enishi.accounts.models import Person
from enishi.exchange.enums import ChallengeStatus, RecordKind
from enishi.exchange.errors import RefusedError
from enishi.exchange.matches.access import contact_access, people_of_side
from enishi.exchange.matches.calculations import compare, parts_as_json
from enishi.exchange.matches.enums import ContactState, DeclineReason, NoteKind, Outcome, Side
from enishi.exchange.matches.errors import (
    ContactMovedError,
    EmptyNoteError,
    NotMatchableError,
    ReasonMissingError,
)
from enishi.exchange.matches.models import Contact, ContactNote, MatchFeedback
from enishi.exchange.matches.services.indexing import is_matchable, touch
from enishi.exchange.matches.wording import reasons_as_json
from enishi.exchange.models import Challenge, Resource
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import in_source, joined
from enishi.notifications.services import notify
from enishi.organizations.enums import Visibility

SILENT = dt.timedelta(days=14)
ASLEEP = dt.timedelta(days=28)
MOST_REASONS = 8
NEXT: dict[ContactState, tuple[ContactState, ...]] = {
    ContactState.SUGGESTED: (ContactState.CONTACTED,),
    ContactState.CONTACTED: (ContactState.IN_DIALOGUE, ContactState.DECLINED, ContactState.DORMANT),
    ContactState.IN_DIALOGUE: (
        ContactState.PROPOSED,
        ContactState.ADOPTED,
        ContactState.DECLINED,
        ContactState.DORMANT,
    ),
    ContactState.PROPOSED: (
        ContactState.ADOPTED,
        ContactState.IN_DIALOGUE,
        ContactState.DECLINED,
        ContactState.DORMANT,
    ),
    ContactState.DORMANT: (ContactState.IN_DIALOGUE, ContactState.DECLINED),
    ContactState.ADOPTED: (ContactState.IN_DIALOGUE,),
    ContactState.DECLINED: (ContactState.IN_DIALOGUE,),
}


@transaction.atomic
def note_candidate(
    *, challenge: Challenge, resource: Resource, side: Side, actor: Person, at: dt.datetime
) -> Contact:
    """Keep a match in mind (候補に残す); the other side learns nothing. What is there already stays as it is."""
    return _begun(challenge, resource, side, actor, at)[0]


@transaction.atomic
def contact(
    *, challenge: Challenge, resource: Resource, side: Side, message: str, actor: Person, at: dt.datetime
) -> Contact:
    """Send the other side an inquiry with the reasons of the match. Pressed twice, or from both sides at once, it makes one."""
    _require_both_may_read(challenge, resource)
    begun, _is_new = _begun(challenge, resource, side, actor, at)
    if begun.state != ContactState.SUGGESTED:
        return begun
    if not is_matchable(challenge) or not is_matchable(resource):
        raise NotMatchableError
    before = trail.values(begun)
    begun.state, begun.opened_side, begun.turn = ContactState.CONTACTED, side, side.other
    begun.opened_by, begun.opened_at = actor, at
    begun.moved_at = begun.last_word_at = at
    begun.save()
    body = clean_text(message, lines=True).strip()[:4_000] or first_words(begun)
    _write(begun, NoteKind.INQUIRY, side, body, actor, at)
    _write_down(begun, "contact", before, actor, at)
    _tell(
        begun,
        side.other,
        "match_contact",
        _("「%(title)s」について話してみたいという声が届きました") % {"title": _title_of(begun, side.other)},
        body,
        at,
        but=actor,
    )
    return begun


def _begun(
    challenge: Challenge, resource: Resource, side: Side, actor: Person, at: dt.datetime
) -> tuple[Contact, bool]:
    if side not in contact_access.may_open(actor, challenge, resource):
        raise PermissionDenied
    known = Contact.objects.select_for_update().filter(challenge=challenge, resource=resource).first()
    if known is not None:
        if not contact_access.allows(actor, "view", known):
            # The other side keeps it in mind; that is theirs to know.
            return _taken_over(known, side, actor, at), False
        return known, False
    if not is_matchable(challenge) or not is_matchable(resource):
        raise NotMatchableError
    pair = compare(challenge, resource, at=at)
    return Contact.objects.get_or_create(
        challenge=challenge,
        resource=resource,
        defaults={
            "wanting_id": challenge.organization_id,
            "offering_id": resource.organization_id,
            "state": ContactState.SUGGESTED,
            "opened_side": side,
            "turn": side,
            "score": pair.match.score,
            "parts": parts_as_json(pair.match),
            "reasons": reasons_as_json(pair.match.reasons[:MOST_REASONS]),
            "opened_by": actor,
            "opened_at": at,
            "moved_at": at,
            "last_word_at": at,
        },
    )


def _taken_over(known: Contact, side: Side, actor: Person, at: dt.datetime) -> Contact:
    known.opened_side, known.opened_by, known.opened_at = side, actor, at
    known.save(update_fields=["opened_side", "opened_by", "opened_at"])
    return known


def hidden_side(challenge: Challenge, resource: Resource) -> Challenge | Resource | None:
    """The record that the other side may not read: nobody talks about it before that changes."""
    for record, reader in ((challenge, resource.organization_id), (resource, challenge.organization_id)):
        if not is_open_to(record, reader):
            return record
    return None


def _require_both_may_read(challenge: Challenge, resource: Resource) -> None:
    hidden = hidden_side(challenge, resource)
    if hidden is not None:
        raise RefusedError(
            _(
                "「%(title)s」は相手の団体から見えません。先に公開範囲を広げるか、"
                "「当事者」にして相手を招いてから声をかけてください。"
            )
            % {"title": hidden.title}
        )


def is_open_to(record: Challenge | Resource, organization_id: int) -> bool:
    """Whether the staff of an organisation may read a record that is shared."""
    if record.organization_id == organization_id:
        return True
    if record.visibility in {Visibility.PUBLIC, Visibility.MEMBERS}:
        return True
    return record.visibility == Visibility.PARTIES and record.parties.filter(pk=organization_id).exists()


def first_words(contact: Contact) -> str:
    """What is sent when nothing was written: the reasons, in a letter's words."""
    lines: list[str] = [
        _("「%(challenge)s」について、「%(resource)s」が合うのではないかと考え、ご連絡しました。")
        % {"challenge": contact.challenge.title, "resource": contact.resource.title}
    ]
    if contact.reasons:
        lines += [_("そう考えた理由:"), *(f"・{reason}" for reason in contact.told_reasons[:4])]
    return "\n".join([*lines, _("よろしければ、一度お話をうかがえますか。")])


@transaction.atomic
def write_note(*, contact_id: int, body: str, side: Side, actor: Person, at: dt.datetime) -> ContactNote:
    """Say something to the other side; an answer to an inquiry begins the dialogue."""
    contact = _locked(contact_id, side, actor)
    body = clean_text(body, lines=True).strip()[:4_000]
    if not body:
        raise EmptyNoteError
    if contact.state == ContactState.SUGGESTED:
        raise ContactMovedError(ContactState.SUGGESTED, ContactState.IN_DIALOGUE)
    before = trail.values(contact)
    answers = contact.state == ContactState.DORMANT or (
        contact.state == ContactState.CONTACTED and side == contact.turn
    )
    if answers:
        contact.state, contact.moved_at = ContactState.IN_DIALOGUE, at
    note = _write(contact, NoteKind.NOTE, side, body, actor, at)
    contact.turn, contact.last_word_at, contact.reminded_at = side.other, at, None
    contact.save()
    if answers:
        _challenge_in_dialogue(contact, actor, at)
    _write_down(contact, "note", before, actor, at)
    title = _("「%(title)s」の対話に返事が届きました") % {"title": _title_of(contact, side.other)}
    _tell(contact, side.other, "match_note", title, body, at, but=actor)
    return note


@transaction.atomic
def move(
    *,
    contact_id: int,
    state: ContactState,
    side: Side,
    actor: Person,
    at: dt.datetime,
    reason: str = "",
    note: str = "",
    outcome: str = "",
) -> Contact:
    """Say how far the conversation has come. A refusal needs a reason from the list and a sentence."""
    contact = _locked(contact_id, side, actor)
    now = ContactState(contact.state)
    if state not in NEXT[now] or state == ContactState.CONTACTED:
        raise ContactMovedError(now, state)
    note = clean_text(note, lines=True).strip()[:500]
    if state == ContactState.DECLINED and (reason not in DeclineReason.values or not note):
        raise ReasonMissingError
    before = trail.values(contact)
    contact.state, contact.moved_at, contact.last_word_at = state, at, at
    contact.turn, contact.reminded_at = side.other, None
    contact.decline_reason = reason if state == ContactState.DECLINED else ""
    contact.decline_note = note if state == ContactState.DECLINED else ""
    contact.outcome = outcome if state == ContactState.ADOPTED and outcome in Outcome.values else ""
    contact.save()
    _write(contact, NoteKind.STEP, side, step_in_words(contact, note), actor, at)
    _write_down(contact, "move", before, actor, at)
    learn_from(contact, at)
    if state == ContactState.IN_DIALOGUE:
        _challenge_in_dialogue(contact, actor, at)
    title = _("「%(title)s」の対話が「%(state)s」になりました") % {
        "title": _title_of(contact, side.other),
        "state": state.label,
    }
    _tell(contact, side.other, "match_note", title, note, at, but=actor)
    return contact


@transaction.atomic
def note_outcome(*, contact_id: int, outcome: Outcome, side: Side, actor: Person, at: dt.datetime) -> Contact:
    """What came of an adopted contact, perhaps a year later."""
    contact = _locked(contact_id, side, actor)
    if contact.state != ContactState.ADOPTED:
        raise ContactMovedError(ContactState(contact.state), ContactState.ADOPTED)
    before = trail.values(contact)
    contact.outcome = outcome
    contact.save(update_fields=["outcome"])
    _write(contact, NoteKind.STEP, side, step_in_words(contact, ""), actor, at)
    _write_down(contact, "outcome", before, actor, at)
    learn_from(contact, at)
    return contact


def step_in_words(contact: Contact, note: str) -> str:
    """Kept in the shared thread, which both sides read: in the language of the interface's source."""
    state = ContactState(contact.state)
    words = [_("「%(state)s」にしました。") % {"state": state.label}]
    if contact.decline_reason:
        words.append(_("理由: %(reason)s") % {"reason": DeclineReason(contact.decline_reason).label})
    if contact.outcome:
        words.append(_("結果: %(outcome)s") % {"outcome": Outcome(contact.outcome).label})
    return in_source(joined("\n", [*words, note] if note else words))


def _challenge_in_dialogue(contact: Contact, actor: Person, at: dt.datetime) -> None:
    """An open challenge with somebody to talk to is in dialogue, when the one who answers may say so."""
    from enishi.exchange import services
    from enishi.exchange.access import challenge_access

    challenge = contact.challenge
    if challenge.status == ChallengeStatus.OPEN and challenge_access.allows(
        actor, "change_status", challenge
    ):
        services.change_status(
            challenge_id=challenge.pk, status=ChallengeStatus.IN_DIALOGUE, actor=actor, at=at
        )


def _locked(contact_id: int, side: Side, actor: Person) -> Contact:
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    contact_access.require(actor, "write", contact)
    if side not in contact_access.sides(actor, contact):
        raise PermissionDenied
    return contact


def _write(
    contact: Contact, kind: NoteKind, side: Side, body: str, actor: Person | None, at: dt.datetime
) -> ContactNote:
    owner = contact.wanting if side is Side.CHALLENGE else contact.offering
    name = f"{owner.name} {actor.name}" if actor is not None else owner.name
    return ContactNote.objects.create(
        contact=contact,
        kind=kind,
        side=side,
        author=actor,
        author_name=name[:200],
        body=body,
        written_at=at,
    )


def _write_down(
    contact: Contact, action: str, before: dict[str, object], actor: Person, at: dt.datetime
) -> None:
    hidden = {"parts", "reasons", "last_word_at", "moved_at", "reminded_at"}
    changes = trail.differences(before, trail.values(contact))
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=contact,
            at=at,
            organization_id=contact.wanting_id,
            changes={name: pair for name, pair in changes.items() if name not in hidden},
        )
    )


def _title_of(contact: Contact, side: Side) -> str:
    return contact.challenge.title if side is Side.CHALLENGE else contact.resource.title


def _tell(
    contact: Contact,
    side: Side,
    kind: str,
    title: str,
    body: str,
    at: dt.datetime,
    *,
    but: Person | None = None,
) -> None:
    persons = [person for person in people_of_side(contact, side, at) if person != but]
    notify(kind=kind, persons=persons, title=title, body=body[:500], url=contact.get_absolute_url(), at=at)


def learn_from(contact: Contact, at: dt.datetime) -> None:
    """Keep what an ended contact teaches; take it back when the contact goes on."""
    if not ContactState(contact.state).is_over:
        MatchFeedback.objects.filter(contact=contact).delete()
    else:
        led_on = contact.state == ContactState.ADOPTED and contact.outcome != Outcome.NONE
        MatchFeedback.objects.update_or_create(
            contact=contact,
            defaults={
                "led_on": led_on,
                "reason": contact.decline_reason,
                "parts": contact.parts,
                "at": at,
            },
        )
    key = contact.resource_id
    transaction.on_commit(lambda: touch(RecordKind.RESOURCE, [key]), robust=True)


def remind_silent(at: dt.datetime) -> int:
    """Remind the side whose word is awaited after 14 silent days; let sleep what stays silent for 28; how many moved."""
    talking = Contact.objects.filter(
        state__in=[ContactState.CONTACTED, ContactState.IN_DIALOGUE, ContactState.PROPOSED]
    ).order_by("pk")
    silent = talking.filter(last_word_at__lte=at - SILENT, reminded_at__isnull=True)
    asleep = talking.filter(last_word_at__lte=at - ASLEEP, reminded_at__lte=at - SILENT)
    return sum(_remind(key, at) for key in list(silent.values_list("pk", flat=True))) + sum(
        _put_to_sleep(key, at) for key in list(asleep.values_list("pk", flat=True))
    )


@transaction.atomic
def _remind(key: int, at: dt.datetime) -> int:
    contact = _with_both(Contact.objects.select_for_update(of=("self",)).filter(pk=key)).get()
    if contact.reminded_at is not None or at - contact.last_word_at < SILENT:
        return 0
    side = Side(contact.turn)
    contact.reminded_at = at
    contact.save(update_fields=["reminded_at"])
    title = _("「%(title)s」の対話が14日間止まっています") % {"title": _title_of(contact, side)}
    body = _(
        "相手が返事を待っています。進められないときは、理由を添えて見送りにできます。"
        "このまま28日になると休止中になります。"
    )
    _tell(contact, side, "match_silent", title, body, at)
    return 1


@transaction.atomic
def _put_to_sleep(key: int, at: dt.datetime) -> int:
    contact = _with_both(Contact.objects.select_for_update(of=("self",)).filter(pk=key)).get()
    if ContactState.DORMANT not in NEXT[ContactState(contact.state)] or at - contact.last_word_at < ASLEEP:
        return 0
    contact.state, contact.moved_at = ContactState.DORMANT, at
    contact.save(update_fields=["state", "moved_at"])
    words = _("28日間やりとりがなかったため、休止中になりました。返事をすると再開します。")
    _write(contact, NoteKind.STEP, Side(contact.turn), words, None, at)
    return 1


def _with_both(rows: QuerySet[Contact]) -> QuerySet[Contact]:
    return rows.select_related("challenge", "resource", "wanting", "offering")


@transaction.atomic
def record_past_contact(
    *,
    challenge: Challenge,
    resource: Resource,
    state: str,
    outcome: str = "",
    reason: str = "",
    actor: Person | None,
    at: dt.datetime,
) -> Contact:
    """Bring in a contact that took place before (from a list, or with the demo region); nobody is told.

    ``reason`` is the sentence of a refusal; its kind is read from its words.
    """
    pair = compare(challenge, resource, at=at)
    ended = ContactState(state)
    contact, is_new = Contact.objects.get_or_create(
        challenge=challenge,
        resource=resource,
        defaults={
            "wanting_id": challenge.organization_id,
            "offering_id": resource.organization_id,
            "state": ended,
            "opened_side": Side.CHALLENGE,
            "turn": Side.RESOURCE if ended == ContactState.CONTACTED else Side.CHALLENGE,
            "decline_reason": reason_in_list(reason) if ended == ContactState.DECLINED else "",
            "decline_note": reason[:500] if ended == ContactState.DECLINED else "",
            "outcome": outcome if ended.is_over else "",
            "score": pair.match.score,
            "parts": parts_as_json(pair.match),
            "reasons": reasons_as_json(pair.match.reasons[:MOST_REASONS]),
            "opened_by": actor,
            "opened_at": at,
            "moved_at": at,
            "last_word_at": at,
            "reminded_at": at if ended == ContactState.DORMANT else None,
        },
    )
    if is_new:
        _write(contact, NoteKind.INQUIRY, Side.CHALLENGE, first_words(contact), actor, at)
        if ended != ContactState.CONTACTED:
            _write(
                contact, NoteKind.STEP, Side.RESOURCE, step_in_words(contact, contact.decline_note), None, at
            )
        if ended.is_over:
            learn_from(contact, at)
    return contact


_WORDS_OF_REASONS: tuple[tuple[DeclineReason, tuple[str, ...]], ...] = (
    (DeclineReason.BUDGET, ("予算", "費用", "値段", "金額", "万円", "高い", "負担")),
    (DeclineReason.WINDOW, ("締め切", "間に合わ", "時期", "来年度", "までに", "期間")),
    (DeclineReason.REGION, ("遠", "地域", "市は対象", "県外", "範囲の外")),
    (DeclineReason.CAPACITY, ("枠", "人手", "登録者が見つから", "手が回ら", "出せない", "足りない")),
    (DeclineReason.CONDITIONS, ("条件", "同意", "使えない", "届かない", "電波", "できない", "飛べない")),
    (DeclineReason.OTHER_PARTNER, ("ほかの", "別の会社", "すでに決ま")),
)


def reason_in_list(sentence: str) -> DeclineReason:
    """The listed reason a sentence speaks of, the first whose words stand in it."""
    for reason, words in _WORDS_OF_REASONS:
        if any(word in sentence for word in words):
            return reason
    return DeclineReason.CONTENT
