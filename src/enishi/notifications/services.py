"""Telling people, on the page and by e-mail."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from enishi.accounts.models import Person
from enishi.foundation import sentences
from enishi.foundation.forms import clean_text
from enishi.notifications import mailing
from enishi.notifications.enums import MailMode, MailState
from enishi.notifications.kinds import all_kinds, kind_of
from enishi.notifications.models import Notice, Preference

MORNING = dt.time(7, 30)
DIGEST_MAX = 100


def notify(
    *, kind: str, persons: Iterable[Person], title: str, url: str, at: dt.datetime, body: str = ""
) -> list[Notice]:
    """Tell each person once, the way they chose. Inactive people are left in peace.

    A ``Sentence`` is kept in every language: on the page it is read in the page's, in a letter in the person's own.
    """
    chosen = {person.pk: person for person in persons if person.is_active}
    wishes = {wish.person_id: wish for wish in Preference.objects.filter(person__in=chosen, kind=kind)}
    usual = kind_of(kind).mail
    said = sentences.in_other_languages(title=title, body=body)
    title, body = sentences.in_source(title), sentences.in_source(body)
    notices = [
        Notice(
            person=person,
            kind=kind,
            title=_title(title),
            body=_body(body),
            said={language: _kept(words) for language, words in said.items()},
            url=url,
            at=at,
            on_page=wish.on_page if (wish := wishes.get(key)) else True,
            mail=_mail_state(wish.mail if wish else usual),
        )
        for key, person in chosen.items()
    ]
    return Notice.objects.bulk_create(
        [each for each in notices if each.on_page or each.mail != MailState.NONE]
    )


def _kept(words: Mapping[str, str]) -> dict[str, str]:
    return {name: _title(text) if name == "title" else _body(text) for name, text in words.items()}


def _title(text: str) -> str:
    return clean_text(text)[:200]


def _body(text: str) -> str:
    return clean_text(text, lines=True)


def _mail_state(mode: str) -> MailState:
    return {MailMode.AT_ONCE: MailState.AT_ONCE, MailMode.DAILY: MailState.DAILY}.get(
        MailMode(mode), MailState.NONE
    )


def mark_read(*, notice_id: int, actor: Person, at: dt.datetime) -> Notice:
    """Note that the person has seen it. Raises ``Notice.DoesNotExist`` for somebody else's."""
    notice = Notice.objects.of(actor).get(pk=notice_id)
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(*, actor: Person, at: dt.datetime) -> int:
    return Notice.objects.of(actor).unread().update(read_at=at)


@transaction.atomic
def choose(*, actor: Person, choices: Mapping[str, tuple[bool, MailMode]]) -> None:
    """Keep how the person wants each kind."""
    known = {kind.key for kind in all_kinds()}
    for key, (on_page, mail) in choices.items():
        if key in known:
            Preference.objects.update_or_create(
                person=actor, kind=key, defaults={"on_page": on_page, "mail": mail}
            )


def send_waiting(at: dt.datetime) -> int:
    """Mail what is to be sent at once. Returns how many letters went out."""
    waiting = _due(MailState.AT_ONCE, at).order_by("at", "pk")
    return _send_all(((notice.person, [notice]) for notice in waiting[:200]), at)


def send_digests(at: dt.datetime) -> int:
    """Mail each person one letter with what had gathered by the last morning.

    Asked every few minutes: whom the server would not take in the morning gets it as soon as it does.
    """
    waiting = _due(MailState.DAILY, at).filter(at__lt=last_morning(at)).order_by("person_id", "at", "pk")
    letters = groupby(waiting.iterator(chunk_size=500), key=lambda notice: notice.person)
    return _send_all(((person, list(notices)) for person, notices in letters), at)


def last_morning(at: dt.datetime) -> dt.datetime:
    """The latest half past seven there was."""
    local = timezone.localtime(at)
    morning = local.replace(hour=MORNING.hour, minute=MORNING.minute, second=0, microsecond=0)
    return morning if morning <= local else morning - dt.timedelta(days=1)


def _due(state: MailState, at: dt.datetime) -> models.QuerySet[Notice]:
    ripe = models.Q(mail_again_at__isnull=True) | models.Q(mail_again_at__lte=at)
    return Notice.objects.filter(ripe, mail=state).select_related("person")


def _send_all(letters: Iterable[tuple[Person, Sequence[Notice]]], at: dt.datetime) -> int:
    def rows(notices: Sequence[Notice]) -> models.QuerySet[Notice]:
        return Notice.objects.filter(pk__in=[notice.pk for notice in notices])

    def to_people() -> Iterator[tuple[Person, Sequence[Notice]]]:
        for person, notices in letters:
            if person.is_active:
                yield person, notices
            else:
                rows(notices).update(mail=MailState.NONE)

    return mailing.deliver(
        to_people(),
        letter_of=lambda one: _letter(*one),
        sent=lambda one: rows(one[1]).update(mail=MailState.SENT, mail_error="", mail_again_at=None),
        refused=lambda one, error: _note_failure(rows(one[1]), one[1][0].mail_attempts + 1, error, at),
    ).sent


def _note_failure(rows: models.QuerySet[Notice], attempts: int, error: Exception, at: dt.datetime) -> None:
    """Wait longer after each refusal; give up after the last."""
    rows.update(
        mail_attempts=attempts, mail_error=str(error)[:300], mail_again_at=mailing.again_at(attempts, at)
    )
    if attempts >= mailing.MAX_ATTEMPTS:
        rows.update(mail=MailState.FAILED)


def _letter(person: Person, notices: Sequence[Notice]) -> EmailMessage:
    with override(person.language):
        if len(notices) == 1:
            subject = notices[0].title_in_words
        else:
            subject = _("縁からのお知らせ %(count)d件") % {"count": len(notices)}
        parts = [_paragraph(notice) for notice in notices[:DIGEST_MAX]]
        if len(notices) > DIGEST_MAX:
            parts.append(_("ほか %(count)d件は画面でご覧ください。") % {"count": len(notices) - DIGEST_MAX})
        parts.append(
            _("このメールの受け取り方は %(url)s で変えられます。")
            % {"url": f"{settings.SITE_ADDRESS}/notices/settings/"}
        )
        return mailing.letter(to=person.email, subject=subject, body="\n\n".join(parts))


def _paragraph(notice: Notice) -> str:
    lines = [
        notice.title_in_words,
        notice.body_in_words,
        f"{settings.SITE_ADDRESS}{notice.url}" if notice.url else "",
    ]
    return "\n".join(line for line in lines if line)
