"""One vote for one proven address: asked for, sent by e-mail, cast by a link. No account, and no list of addresses."""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from enishi.foundation.days import day_in_words
from enishi.notifications import mailing
from enishi.projects.awards.enums import Method
from enishi.projects.awards.errors import LinkRefusedError
from enishi.projects.awards.models import AwardBallot, AwardCall, AwardEntry, AwardMail
from enishi.projects.errors import RefusedError

SALT = "enishi.awards.vote"
LINK_LIVES = dt.timedelta(days=3)
MAILS_A_DAY = 3
AT_ONCE = 100


def voter_of(call: AwardCall, email: str) -> str:
    """A keyed digest of an address: the same person with +tags or capitals is one voter; nobody can read it back."""
    name, _at, domain = email.strip().lower().rpartition("@")
    name = name.split("+", 1)[0]
    if domain in {"gmail.com", "googlemail.com"}:
        name = name.replace(".", "")
    return salted_hmac(SALT, f"{call.pk}:{name}@{domain}", algorithm="sha256").hexdigest()


@transaction.atomic
def ask_link(*, entry_id: int, email: str, at: dt.datetime) -> None:
    """Have a voting link sent. Whether the address has voted, or asked too often, is not told to whoever asks."""
    entry = AwardEntry.objects.select_related("call").get(pk=entry_id)
    _require_open(entry, at)
    voter = voter_of(entry.call, email)
    lately = AwardMail.objects.filter(call=entry.call, voter=voter, asked_at__gt=at - dt.timedelta(days=1))
    if lately.count() >= MAILS_A_DAY:
        return
    AwardMail.objects.create(
        call=entry.call, entry=entry, voter=voter, email=email.strip(), asked_at=at, again_at=at
    )


def _require_open(entry: AwardEntry, at: dt.datetime) -> None:
    call = entry.call
    if not Method(call.method).has_vote or not call.is_judged(timezone.localdate(at)):
        raise RefusedError(_("いまは投票の期間ではありません。"))
    if entry.withdrawn_at is not None:
        raise RefusedError(_("この応募は取り下げられました。ほかの応募から選んでください。"))


def send_waiting(at: dt.datetime) -> int:
    """Send what waits. An address is forgotten once its letter is out, and after some refusals."""
    waiting = AwardMail.objects.exclude(email="").filter(again_at__lte=at).select_related("call", "entry")
    return mailing.deliver(
        waiting[:AT_ONCE],
        letter_of=_letter,
        sent=lambda mail: AwardMail.objects.filter(pk=mail.pk).update(email="", sent_at=at),
        refused=lambda mail, _error: _note_refused(mail, at),
    ).sent


def _note_refused(mail: AwardMail, at: dt.datetime) -> None:
    mail.attempts += 1
    mail.again_at = mailing.again_at(mail.attempts, at)
    if mail.attempts >= mailing.MAX_ATTEMPTS:
        mail.email, mail.gave_up_at = "", at
    mail.save(update_fields=["attempts", "again_at", "email", "gave_up_at"])


def _letter(mail: AwardMail) -> EmailMessage:
    address = f"{settings.SITE_ADDRESS}{reverse('projects:award_vote', args=[link_of(mail)])}"
    body = _(
        "「%(call)s」で「%(entry)s」に投票する確認のメールです。\n\n"
        "次のアドレスを開いて「投票する」を押すと、投票になります。開いただけでは投票になりません。\n%(address)s\n\n"
        "締切は%(day)sです。投票した覚えがないときは、このメールを捨ててください。何も起こりません。\n"
        "メールアドレスは、このメールを送ったあと記録に残りません。"
    ) % {
        "call": mail.call.title,
        "entry": mail.entry.title,
        "address": address,
        "day": day_in_words(mail.call.judging_until),
    }
    subject = _("投票の確認: %(call)s") % {"call": mail.call.title}
    return mailing.letter(to=mail.email, subject=subject, body=body)


def link_of(mail: AwardMail) -> str:
    return signing.dumps({"entry": mail.entry_id, "voter": mail.voter}, salt=SALT)


def entry_of_link(token: str) -> tuple[AwardEntry, str]:
    """The entry and the voter a link was made for."""
    try:
        told = signing.loads(token, salt=SALT, max_age=LINK_LIVES)
    except signing.SignatureExpired as old:
        raise LinkRefusedError(
            _("このリンクは期限が切れています(3日)。もう一度、投票のページからメールを受け取ってください。")
        ) from old
    except signing.BadSignature as bad:
        raise LinkRefusedError(
            _("このリンクは使えません。メールのアドレスを最後まで写したか確かめてください。")
        ) from bad
    entry = AwardEntry.objects.select_related("call").filter(pk=told["entry"]).first()
    if entry is None:
        raise LinkRefusedError(_("この応募はもうありません。"))
    return entry, told["voter"]


@transaction.atomic
def cast(*, token: str, at: dt.datetime) -> tuple[AwardBallot, bool]:
    """Count the vote; a later vote of the same voter takes the place of the earlier one. Returns whether it was the first."""
    entry, voter = entry_of_link(token)
    call = AwardCall.objects.select_for_update().get(pk=entry.call_id)
    entry.call = call
    _require_open(entry, at)
    ballot, is_first = AwardBallot.objects.get_or_create(
        call=call, voter=voter, defaults={"entry": entry, "cast_at": at}
    )
    if not is_first and ballot.entry_id != entry.pk:
        ballot.entry, ballot.cast_at = entry, at
        ballot.save(update_fields=["entry", "cast_at"])
    return ballot, is_first
