"""An agreement in force: obligations fulfilled, activity noted, prolonged, asleep, ended."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.agreements import calculations
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, AsleepReason, Outcome, Renewal, VersionState
from enishi.agreements.errors import ReasonNeededError, RefusedError
from enishi.agreements.models import Activity, Agreement, Fulfilment, Prolongation
from enishi.agreements.services.records import finish, in_force, locked, required, touch
from enishi.foundation import trail
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import joined
from enishi.notifications.services import notify

DEFAULT_MONTHS = 12


def _active(agreement_id: int, action: str, actor: Person) -> Agreement:
    agreement = required(agreement_id, action, actor)
    if agreement.status != AgreementStatus.ACTIVE:
        raise RefusedError(
            _("「%(state)s」の協定には記録できません。締結した協定だけです。")
            % {"state": agreement.get_status_display()}
        )
    return agreement


def _not_ahead(day: dt.date, at: dt.datetime) -> None:
    if day > timezone.localdate(at):
        raise RefusedError(
            _("「%(day)s」は先の日付です。行った日を書いてください。") % {"day": day_in_words(day)}
        )


@transaction.atomic
def fulfil(
    *,
    agreement_id: int,
    key: uuid.UUID,
    due_on: dt.date | None,
    outcome: Outcome,
    done_on: dt.date,
    actor: Person,
    at: dt.datetime,
    note: str = "",
) -> Fulfilment:
    """Write down what became of an obligation on one of its days; a second time corrects the first."""
    agreement = _active(agreement_id, "fulfil", actor)
    _not_ahead(done_on, at)
    version = in_force(agreement)
    obligation = version.obligations.filter(key=key).first() if version else None
    if version is None or obligation is None:
        raise RefusedError(_("この義務は、いまの版にありません。ページを読み直してください。"))
    if not agreement_access.bears(actor, agreement, version)(obligation):
        raise RefusedError(
            _("「%(bearer)s」の義務の結果は、その当事者か%(keeper)sの担当の人が記録します。")
            % {"bearer": obligation.bearer, "keeper": agreement.organization.name}
        )
    last = due_on or timezone.localdate(at)
    days: set[dt.date | None] = set(calculations.due_days(obligation, last))
    if due_on not in (days or {None}):
        raise RefusedError(_("この義務に、その期限はありません。ページを読み直してください。"))
    note = clean_text(note).strip()[:500]
    if outcome != Outcome.DONE and not note:
        raise ReasonNeededError
    fulfilment, _made = Fulfilment.objects.update_or_create(
        agreement=agreement,
        key=key,
        due_on=due_on,
        defaults={"outcome": outcome, "done_on": done_on, "note": note, "by": actor, "at": at},
    )
    touch(agreement, done_on)
    due = day_in_words(due_on, weekday=False) if due_on else _("期限なし")
    told = joined("", [obligation.text[:300], "(", due, "): ", outcome.label])
    finish(agreement, "fulfil", actor=actor, at=at, note=told)
    return fulfilment


@transaction.atomic
def record_activity(*, agreement_id: int, on: dt.date, text: str, actor: Person, at: dt.datetime) -> Activity:
    """Tell in a sentence what was done under the agreement."""
    agreement = _active(agreement_id, "work", actor)
    _not_ahead(on, at)
    text = clean_text(text).strip()[:500]
    if not text:
        raise RefusedError(_("したことを一文で書いてください。"))
    activity = Activity.objects.create(agreement=agreement, on=on, text=text, by=actor, at=at)
    touch(agreement, on)
    finish(agreement, "record_activity", actor=actor, at=at, note=text)
    return activity


@transaction.atomic
def explain_sleep(
    *, agreement_id: int, reason: AsleepReason, note: str = "", actor: Person, at: dt.datetime
) -> Agreement:
    """Why nothing has been done under it for a year."""
    agreement = _active(agreement_id, "work", actor)
    if not calculations.is_asleep(agreement, timezone.localdate(at)):
        raise RefusedError(
            _("この協定は、この一年に活動があります。理由を書くのは、動いていないときだけです。")
        )
    note = clean_text(note).strip()[:500]
    if reason == AsleepReason.OTHER and not note:
        raise ReasonNeededError
    before = trail.values(agreement)
    agreement.asleep_reason, agreement.asleep_note = reason, note
    finish(agreement, "explain_sleep", actor=actor, at=at, before=before)
    return agreement


@transaction.atomic
def prolong(
    *, agreement_id: int, new_end: dt.date | None, note: str = "", actor: Person, at: dt.datetime
) -> Agreement:
    """Decide about the end: prolong to ``new_end``, or (``None``) let it end on its day."""
    agreement = _active(agreement_id, "work", actor)
    version = in_force(agreement)
    if agreement.ends_on is None or version is None:
        raise RefusedError(_("終わりの日のない協定です。期間を変えるときは、変更を申し出てください。"))
    if version.renewal == Renewal.NONE and new_end is not None:
        raise RefusedError(
            _("この協定に更新の定めはありません。続けるときは、変更を申し出て新しい版にしてください。")
        )
    if new_end is not None and new_end <= agreement.ends_on:
        raise RefusedError(
            _("新しい終わりは、いまの終わり(%(day)s)より後の日にしてください。")
            % {"day": day_in_words(agreement.ends_on)}
        )
    if agreement.prolongations.filter(old_end=agreement.ends_on).exists():
        raise RefusedError(_("この期間については、もう決まっています。"))
    _prolong(agreement, new_end, note=note, actor=actor, at=at)
    return agreement


def _prolong(
    agreement: Agreement, new_end: dt.date | None, *, note: str, actor: Person | None, at: dt.datetime
) -> None:
    assert agreement.ends_on is not None
    before = trail.values(agreement)
    Prolongation.objects.create(
        agreement=agreement,
        old_end=agreement.ends_on,
        new_end=new_end,
        is_automatic=actor is None,
        note=clean_text(note)[:500],
        by=actor,
        at=at,
    )
    version = in_force(agreement)
    if new_end is not None and version is not None:
        agreement.ends_on = new_end
        agreement.notice_on = calculations.notice_day(new_end, version.renewal, version.notice_months)
    if actor is not None:
        touch(agreement, timezone.localdate(at))
    action = "prolong" if new_end is not None else "let_end"
    finish(agreement, action, actor=actor, at=at, before=before, note=note)


@transaction.atomic
def end(*, agreement_id: int, ended_on: dt.date, reason: str, actor: Person, at: dt.datetime) -> Agreement:
    """Note that the agreement is over."""
    agreement = _active(agreement_id, "end", actor)
    _not_ahead(ended_on, at)
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    before = trail.values(agreement)
    agreement.status, agreement.ended_on, agreement.end_reason = AgreementStatus.ENDED, ended_on, reason
    finish(agreement, "end", actor=actor, at=at, before=before, note=reason)
    return agreement


@transaction.atomic
def abandon(*, agreement_id: int, reason: str, actor: Person, at: dt.datetime) -> Agreement:
    """Give up before signing; the reason is what those who come later learn from."""
    agreement = required(agreement_id, "end", actor)
    if agreement.status not in {AgreementStatus.DRAFT, AgreementStatus.APPROVED, AgreementStatus.IN_APPROVAL}:
        raise RefusedError(_("取りやめるのは締結の前だけです。締結した協定は「終了」にしてください。"))
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    for version in agreement.versions.filter(state__in=["draft", "in_approval", "approved"]):
        version.approvals.filter(state="waiting").update(state="cancelled")
        version.state = VersionState.DROPPED
        version.save(update_fields=["state"])
    before = trail.values(agreement)
    agreement.status, agreement.end_reason = AgreementStatus.ABANDONED, reason
    finish(agreement, "abandon", actor=actor, at=at, before=before, note=reason)
    return agreement


def come_to_ends(at: dt.datetime) -> int:
    """Each morning: what ended yesterday goes on by its own clause, or is over."""
    today = timezone.localdate(at)
    over = Agreement.objects.filter(
        status=AgreementStatus.ACTIVE, ends_on__lt=today, deleted_at__isnull=True
    ).values_list("pk", flat=True)
    return sum(_come_to_end(pk, today, at) for pk in list(over))


@transaction.atomic
def _come_to_end(agreement_id: int, today: dt.date, at: dt.datetime) -> int:
    agreement = locked(agreement_id)
    version = in_force(agreement)
    if agreement.status != AgreementStatus.ACTIVE or agreement.ends_on is None or version is None:
        return 0
    declined = agreement.prolongations.filter(old_end=agreement.ends_on, new_end__isnull=True).exists()
    if version.renewal == Renewal.AUTOMATIC and not declined:
        months = version.renewal_months or DEFAULT_MONTHS
        new_end = calculations.add_months(agreement.ends_on, months)
        while new_end < today:
            new_end = calculations.add_months(new_end, months)
        _prolong(agreement, new_end, note=_("申し出がなかったため、協定の定めにより更新"), actor=None, at=at)
        return 1
    before = trail.values(agreement)
    agreement.status, agreement.ended_on = AgreementStatus.ENDED, agreement.ends_on
    agreement.end_reason = _("期間の満了")
    finish(agreement, "end", actor=None, at=at, before=before, note=agreement.end_reason)
    if agreement.officer is not None:
        notify(
            kind="agreement_due",
            persons=[agreement.officer],
            title=_("「%(title)s」は期間の満了で終わりました") % {"title": agreement.title},
            url=agreement.get_absolute_url(),
            at=at,
        )
    return 1
