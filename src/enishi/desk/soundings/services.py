"""Everything that writes soundings, and what the participants do in them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.desk.office.access import staff_of
from enishi.desk.office.writing import Announcing, write_down
from enishi.desk.soundings.access import application_access, sounding_access
from enishi.desk.soundings.enums import ApplicationStatus, Consent, SoundingStatus
from enishi.desk.soundings.letters import (
    SALT,
    link_token,
    proof_of,
    send_link,
    tell_applicant,
    tell_office,
)
from enishi.desk.soundings.models import (
    Sounding,
    SoundingApplication,
    SoundingMinutes,
    SoundingSlot,
    SummaryBasis,
)
from enishi.exchange.errors import (
    LinkExpiredError,
    ReasonNeededError,
    RefusedError,
)
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import require_version
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.models import Organization

LINK_VALID = dt.timedelta(days=365)
MOST_SLOTS = 60
SOUNDINGS = Announcing[Sounding](
    sounding_access,
    written="title purpose topics eligibility place contact_name apply_until section visibility summary".split(),
    steps={
        SoundingStatus.DRAFT: (SoundingStatus.OPEN,),
        SoundingStatus.OPEN: (SoundingStatus.TALKING, SoundingStatus.CANCELLED),
        SoundingStatus.TALKING: (SoundingStatus.CONFIRMING, SoundingStatus.CANCELLED),
        SoundingStatus.CONFIRMING: (SoundingStatus.TALKING, SoundingStatus.PUBLISHED),
        SoundingStatus.PUBLISHED: (),
        SoundingStatus.CANCELLED: (),
    },
)


__all__ = [
    "SlotTakenError",
    "add_slots",
    "answer_consent",
    "application_of",
    "apply",
    "book",
    "change_status",
    "create_sounding",
    "decline",
    "edit_sounding",
    "link_token",
    "remove_slot",
    "verify",
    "withdraw",
    "write_minutes",
]


class SlotTakenError(RefusedError):
    def __init__(self) -> None:
        super().__init__(_("その日時は、いまほかの申込で埋まりました。別の日時を選んでください。"))


@transaction.atomic
def create_sounding(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> Sounding:
    return SOUNDINGS.create(organization=organization, values=values, actor=actor, at=at, is_demo=is_demo)


@transaction.atomic
def edit_sounding(
    *, sounding_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Sounding:
    return SOUNDINGS.edit(pk=sounding_id, values=values, version=version, actor=actor, at=at)


@transaction.atomic
def change_status(
    *, sounding_id: int, status: SoundingStatus, actor: Person, at: dt.datetime, reason: str = ""
) -> Sounding:
    """The next step of a sounding. The summary goes its own way: ``ask_consents``, then ``publish_summary``."""
    sounding = SOUNDINGS.held(sounding_id, "change_status", actor)
    if status in {SoundingStatus.CONFIRMING, SoundingStatus.PUBLISHED}:
        raise RefusedError(_("確認のお願いと公表は、「結果の概要」のページから進めてください。"))
    status = SoundingStatus(status)
    SOUNDINGS.require_step(sounding, status)
    reason = clean_text(reason).strip()[:500]
    if status == SoundingStatus.CANCELLED and not reason:
        raise ReasonNeededError
    if status == SoundingStatus.OPEN and sounding.apply_until <= at:
        raise RefusedError(_("申込の締切がもう過ぎています。先の日時にしてください。"))
    SOUNDINGS.move(sounding, status, actor, at, reason=reason)
    if status == SoundingStatus.CANCELLED:
        for each in sounding.applications.filter(status=ApplicationStatus.APPLIED):
            tell_applicant(each, _("「%(title)s」は中止になりました") % {"title": sounding.title}, reason, at)
    return sounding


# --- Times ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_slots(
    *,
    sounding_id: int,
    day: dt.date,
    first: dt.time,
    last: dt.time,
    minutes: int,
    place: str,
    actor: Person,
    at: dt.datetime,
) -> int:
    """Offer times of ``minutes`` each between two hours of a day. Times already offered stay as they are."""
    sounding = SOUNDINGS.held(sounding_id, "edit", actor)
    step = dt.timedelta(minutes=minutes)
    start = timezone.make_aware(dt.datetime.combine(day, first))
    end = timezone.make_aware(dt.datetime.combine(day, last))
    if start <= at:
        raise RefusedError(_("過ぎた日時は選べません。先の日にしてください。"))
    if start + step > end:
        raise RefusedError(
            _("その時間帯には一回分も入りません。終わりの時刻か一回の長さを見直してください。")
        )
    wanted: list[SoundingSlot] = []
    while start + step <= end and len(wanted) < MOST_SLOTS:
        wanted.append(SoundingSlot(sounding=sounding, starts_at=start, ends_at=start + step, place=place))
        start += step
    known = set(sounding.slots.filter(place=place).values_list("starts_at", flat=True))
    made = SoundingSlot.objects.bulk_create(slot for slot in wanted if slot.starts_at not in known)
    write_down(sounding, "add_slots", actor, at, note=str(len(made)))
    return len(made)


@transaction.atomic
def remove_slot(*, slot_id: int, actor: Person, at: dt.datetime) -> Sounding:
    slot = SoundingSlot.objects.select_for_update(of=("self",)).select_related("sounding").get(pk=slot_id)
    sounding_access.require(actor, "edit", slot.sounding)
    if SoundingApplication.objects.filter(slot=slot).exists():
        raise RefusedError(_("この日時は予約されています。先に参加する方と別の日時を決めてください。"))
    sounding = slot.sounding
    slot.delete()
    write_down(sounding, "remove_slot", actor, at)
    return sounding


@transaction.atomic
def book(
    *, application_id: int, slot_id: int, at: dt.datetime, actor: Person | None = None
) -> SoundingApplication:
    """Take a time. Of two who take the same one at once, the database lets one through and the other is told.

    The caller has shown that it may speak for the applicant: by its account, by its link, or as the office.
    """
    application = SoundingApplication.objects.select_for_update().get(pk=application_id)
    if application.status != ApplicationStatus.APPLIED:
        raise RefusedError(_("申込が確認できてから、日時を選べます。届いたメールのリンクを開いてください。"))
    slot = (
        SoundingSlot.objects.select_for_update().filter(pk=slot_id, sounding=application.sounding_id).first()
    )
    if slot is None:
        raise RefusedError(_("その日時はもうありません。画面を読み直して、別の日時を選んでください。"))
    if slot.starts_at <= at:
        raise RefusedError(_("その日時は過ぎています。別の日時を選んでください。"))
    if SoundingApplication.objects.filter(slot=slot).exclude(pk=application.pk).exists():
        raise SlotTakenError
    application.slot = slot
    try:
        with transaction.atomic():
            application.save(update_fields=["slot"])
    except IntegrityError as error:
        raise SlotTakenError from error
    write_down(application.sounding, "book", actor, at)
    starts = timezone.localtime(slot.starts_at)
    place = slot.place or application.sounding.place
    tell_applicant(
        application,
        _("「%(title)s」の対話の日時が決まりました") % {"title": application.sounding.title},
        f"{day_in_words(starts.date())} {starts:%H:%M} {place}".rstrip(),
        at,
    )
    return application


# --- Applicants ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(
    *,
    sounding_id: int,
    values: Mapping[str, Any],
    person: Person | None,
    organization: Organization | None,
    at: dt.datetime,
) -> SoundingApplication:
    """Apply to be heard. Without an account the mail address is verified first.

    An address that applied before gets its link again: the page says the same words, so that nobody can find out who applied.
    """
    sounding = Sounding.objects.select_for_update().get(pk=sounding_id)
    if not sounding.accepts(at):
        raise RefusedError(
            _("申込の受付は終わりました。%(who)sにお問い合わせください。")
            % {"who": sounding.contact_name or sounding.organization.name}
        )
    email = (person.email if person else str(values["email"])).strip().lower()
    known = SoundingApplication.objects.select_for_update().filter(sounding=sounding, email=email).first()
    if known is None:
        known = SoundingApplication.objects.create(
            sounding=sounding,
            organization=organization,
            person=person,
            email=email,
            status=ApplicationStatus.APPLIED if person else ApplicationStatus.UNVERIFIED,
            applied_at=at,
            verified_at=at if person else None,
            **{
                name: values.get(name, "")
                for name in ("company", "contact_name", "phone", "attendees", "message")
            },
        )
        write_down(sounding, "apply", person, at)
    _take_up_again(known, person, organization, at)
    if person is None:
        send_link(known, at)
    else:
        transaction.on_commit(lambda: tell_office(sounding, at), robust=True)
    return known


def _take_up_again(
    known: SoundingApplication, person: Person | None, organization: Organization | None, at: dt.datetime
) -> None:
    """Who withdrew may come back: by mail once more, or with the account of the same address."""
    if person is not None and known.person_id in {None, person.pk}:
        known.person, known.organization = person, organization or known.organization
        if known.status != ApplicationStatus.DECLINED:
            known.status, known.verified_at = ApplicationStatus.APPLIED, known.verified_at or at
    elif known.status == ApplicationStatus.WITHDRAWN:
        known.status = ApplicationStatus.UNVERIFIED
    known.save()


def application_of(token: str) -> SoundingApplication:
    """The application behind a link. Raises ``LinkExpiredError``."""
    try:
        pk, proof = signing.loads(token, salt=SALT, max_age=LINK_VALID)
        found = SoundingApplication.objects.select_related("sounding__organization").get(pk=pk)
        if proof not in {proof_of(found), found.email}:
            raise LinkExpiredError
        return found
    except (signing.BadSignature, ValueError, TypeError, SoundingApplication.DoesNotExist) as error:
        raise LinkExpiredError from error


@transaction.atomic
def verify(*, application_id: int, at: dt.datetime) -> SoundingApplication:
    """The mail arrived: the application counts from now on."""
    application = SoundingApplication.objects.select_for_update().get(pk=application_id)
    if application.status == ApplicationStatus.UNVERIFIED:
        application.status, application.verified_at = ApplicationStatus.APPLIED, at
        application.save(update_fields=["status", "verified_at"])
        sounding = application.sounding
        write_down(sounding, "verify", None, at)
        transaction.on_commit(lambda: tell_office(sounding, at), robust=True)
    return application


@transaction.atomic
def withdraw(*, application_id: int, at: dt.datetime, actor: Person | None = None) -> SoundingApplication:
    """The applicant leaves; the time is free again. What was already said and agreed stays."""
    application = SoundingApplication.objects.select_for_update().get(pk=application_id)
    if application.status not in {ApplicationStatus.APPLIED, ApplicationStatus.UNVERIFIED}:
        raise RefusedError(
            _("この申込は「%(now)s」です。取り下げるものはありません。")
            % {"now": application.get_status_display()}
        )
    application.status, application.slot = ApplicationStatus.WITHDRAWN, None
    application.save(update_fields=["status", "slot"])
    write_down(application.sounding, "withdraw_application", actor, at)
    return application


@transaction.atomic
def decline(*, application_id: int, reason: str, actor: Person, at: dt.datetime) -> SoundingApplication:
    application = _heard(application_id, actor)
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    application.status, application.slot = ApplicationStatus.DECLINED, None
    application.save(update_fields=["status", "slot"])
    write_down(application.sounding, "decline_application", actor, at)
    title = _("「%(title)s」への申込について") % {"title": application.sounding.title}
    tell_applicant(application, title, reason, at)
    return application


@transaction.atomic
def write_minutes(
    *,
    application_id: int,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> SoundingMinutes:
    """Keep what was said. The trail notes that it was written, never a word of it."""
    application = _heard(application_id, actor)
    known = SoundingMinutes.objects.select_for_update().filter(application=application).first()
    minutes = known or SoundingMinutes(application=application)
    require_version(minutes, version)
    for name in ("held_on", "attendees", "text", "know_how"):
        setattr(minutes, name, values[name])
    minutes.version += known is not None
    minutes.written_by, minutes.written_at = actor, at
    minutes.save()
    write_down(application.sounding, "write_minutes", actor, at)
    return minutes


# --- Consent -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_consent(
    *,
    basis_id: int,
    application_id: int,
    consent: Consent,
    comment: str,
    at: dt.datetime,
    actor: Person | None = None,
) -> SummaryBasis:
    """A participant's word on one paragraph that rests on its own dialogue."""
    basis = (
        SummaryBasis.objects.select_for_update(of=("self",))
        .select_related("application__sounding")
        .get(pk=basis_id, application_id=application_id)
    )
    sounding = basis.application.sounding
    if sounding.status != SoundingStatus.CONFIRMING:
        raise RefusedError(_("いまは確認を受け付けていません。窓口にお知らせください。"))
    comment = clean_text(comment, lines=True).strip()[:2_000]
    if consent == Consent.OBJECTED and not comment:
        raise RefusedError(
            _("直してほしい点を書いてください。窓口が文を直して、もう一度確認をお願いします。")
        )
    basis.consent, basis.comment, basis.answered_at = consent, comment, at
    basis.save()
    write_down(sounding, "answer_consent", actor, at)
    transaction.on_commit(
        lambda: notify(
            kind="desk_sounding",
            persons=staff_of(sounding.organization_id, sounding.section_id, timezone.localdate(at)),
            title=_("「%(title)s」の概要に確認の返事がありました") % {"title": sounding.title},
            url=reverse("desk:sounding_summary", args=[sounding.pk]),
            at=at,
        ),
        robust=True,
    )
    return basis


def _heard(application_id: int, actor: Person) -> SoundingApplication:
    application = SoundingApplication.objects.select_for_update().get(pk=application_id)
    application_access.require(actor, "hear", application)
    return application
