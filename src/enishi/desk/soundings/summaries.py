"""The published summary: written from the dialogues, confirmed by each participant, checked for what it gives away."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.office.writing import write_down
from enishi.desk.soundings.access import sounding_access
from enishi.desk.soundings.enums import Consent, SoundingStatus
from enishi.desk.soundings.leaks import Leak, Private, leaks
from enishi.desk.soundings.letters import tell_applicant
from enishi.desk.soundings.models import Sounding, SoundingApplication, SummaryBasis, SummaryParagraph
from enishi.desk.soundings.services import SOUNDINGS
from enishi.exchange.errors import RefusedError
from enishi.foundation.refusals import require_version


@dataclass(frozen=True)
class Checked:
    """A paragraph with what it gives away and whose word is still missing."""

    paragraph: SummaryParagraph
    leaks: Sequence[Leak]
    bases: Sequence[SummaryBasis]

    @property
    def is_agreed(self) -> bool:
        return bool(self.bases) and all(base.consent == Consent.AGREED for base in self.bases)


def checked(sounding: Sounding) -> list[Checked]:
    """Every paragraph against every private record of the sounding."""
    private, known = private_of(sounding), announced(sounding)
    paragraphs = sounding.paragraphs.prefetch_related("bases__application")
    return [
        Checked(each, leaks(f"{each.heading}\n{each.text}", private, known=known), list(each.bases.all()))
        for each in paragraphs
    ]


def announced(sounding: Sounding) -> str:
    return "\n".join(
        [sounding.title, sounding.purpose, sounding.topics, sounding.eligibility, sounding.place]
    )


def private_of(sounding: Sounding) -> list[Private]:
    """What must not be read in public, applicant by applicant. For the office's own check only."""
    rows = SoundingApplication.objects.filter(sounding=sounding).select_related("minutes", "organization")
    return [
        Private(
            row.pk,
            [row.company, row.contact_name, *([row.organization.name] if row.organization else [])],
            [row.message, *([row.minutes.text] if hasattr(row, "minutes") else [])],
            [row.minutes.know_how] if hasattr(row, "minutes") else [],
        )
        for row in rows
    ]


@transaction.atomic
def write_paragraph(
    *,
    sounding_id: int,
    paragraph_id: int | None,
    heading: str,
    text: str,
    application_ids: Sequence[int],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> SummaryParagraph:
    """Write a paragraph and name the dialogues under it.

    Another wording asks for every consent again: the summary is with the office until it asks, so that no participant reads
    what nobody looked at.
    """
    sounding = Sounding.objects.select_for_update().get(pk=sounding_id)
    sounding_access.require(actor, "edit", sounding)
    if sounding.status in {SoundingStatus.PUBLISHED, SoundingStatus.CANCELLED}:
        raise RefusedError(_("概要はもう公表されているため、書き直せません。"))
    heard = list(
        SoundingApplication.objects.filter(sounding=sounding, pk__in=application_ids, minutes__isnull=False)
    )
    if not heard:
        raise RefusedError(_("もとになった対話を一つ以上選んでください。記録のある対話だけを選べます。"))
    paragraph = _paragraph(sounding, paragraph_id)
    require_version(paragraph, version)
    paragraph.version += paragraph.pk is not None
    changed = (paragraph.heading, paragraph.text) != (heading, text)
    paragraph.heading, paragraph.text = heading, text
    paragraph.save()
    if changed:
        paragraph.bases.all().delete()
    paragraph.bases.exclude(application__in=heard).delete()
    known = set(paragraph.bases.values_list("application_id", flat=True))
    SummaryBasis.objects.bulk_create(
        SummaryBasis(paragraph=paragraph, application=each) for each in heard if each.pk not in known
    )
    if (
        sounding.status == SoundingStatus.CONFIRMING
        and paragraph.bases.exclude(consent=Consent.AGREED).exists()
    ):
        SOUNDINGS.move(sounding, SoundingStatus.TALKING, actor, at)
    write_down(sounding, "write_summary", actor, at)
    return paragraph


def _paragraph(sounding: Sounding, paragraph_id: int | None) -> SummaryParagraph:
    if paragraph_id is not None:
        return SummaryParagraph.objects.select_for_update().get(pk=paragraph_id, sounding=sounding)
    last = sounding.paragraphs.aggregate(Max("order"))["order__max"]
    return SummaryParagraph(sounding=sounding, order=0 if last is None else last + 1)


@transaction.atomic
def remove_paragraph(*, paragraph_id: int, actor: Person, at: dt.datetime) -> Sounding:
    paragraph = SummaryParagraph.objects.select_related("sounding").get(pk=paragraph_id)
    sounding = Sounding.objects.select_for_update().get(pk=paragraph.sounding_id)
    sounding_access.require(actor, "edit", sounding)
    if sounding.status == SoundingStatus.PUBLISHED:
        raise RefusedError(_("概要はもう公表されているため、書き直せません。"))
    paragraph.delete()
    write_down(sounding, "remove_paragraph", actor, at)
    return sounding


@transaction.atomic
def ask_consents(*, sounding_id: int, has_looked: bool, actor: Person, at: dt.datetime) -> Sounding:
    """Show every participant the paragraphs that rest on its dialogue. Others read them too: warnings are looked at first."""
    sounding = Sounding.objects.select_for_update().get(pk=sounding_id)
    sounding_access.require(actor, "publish", sounding)
    SOUNDINGS.require_step(sounding, SoundingStatus.CONFIRMING)
    found = checked(sounding)
    if not found:
        raise RefusedError(
            _("概要の段落がまだありません。書いてから、参加した方に確認をお願いしてください。")
        )
    if any(not each.bases for each in found):
        raise RefusedError(
            _("もとになった対話が選ばれていない段落があります。どの対話によるかを選んでください。")
        )
    _require_looked(found, has_looked)
    SOUNDINGS.move(sounding, SoundingStatus.CONFIRMING, actor, at)
    for each in _heard(sounding):
        if not each.bases.exclude(consent=Consent.AGREED).exists():
            continue
        tell_applicant(
            each,
            _("「%(title)s」の結果の概要を確かめてください") % {"title": sounding.title},
            _("公表する前に、お話しいただいた部分の書き方を確かめていただきます。"),
            at,
        )
    return sounding


def _require_looked(found: Sequence[Checked], has_looked: bool) -> None:
    if any(each.leaks for each in found) and not has_looked:
        raise RefusedError(
            _(
                "対話の記録と同じ言葉や名前が残っています。警告を一つずつ確かめて、「確かめた」に印を付けてください。"
            )
        )


@transaction.atomic
def publish_summary(*, sounding_id: int, has_looked: bool, actor: Person, at: dt.datetime) -> Sounding:
    """Show the summary to everybody: once all participants agreed, and somebody looked at each warning."""
    sounding = Sounding.objects.select_for_update().get(pk=sounding_id)
    sounding_access.require(actor, "publish", sounding)
    SOUNDINGS.require_step(sounding, SoundingStatus.PUBLISHED)
    found = checked(sounding)
    if not found:
        raise RefusedError(_("概要の段落がまだありません。"))
    open_ones = [each.paragraph.heading for each in found if not each.is_agreed]
    if open_ones:
        raise RefusedError(
            _("参加した方の確認がまだの段落があります: %(names)s。全員の確認がそろうと公表できます。")
            % {"names": _("、").join(open_ones)}
        )
    _require_looked(found, has_looked)
    sounding.summary_published_at = at
    SOUNDINGS.move(sounding, SoundingStatus.PUBLISHED, actor, at)
    for each in _heard(sounding):
        tell_applicant(
            each,
            _("「%(title)s」の結果の概要を公表しました") % {"title": sounding.title},
            _("確かめていただいた文のとおりです。どなたが参加したかは公表していません。"),
            at,
        )
    return sounding


def _heard(sounding: Sounding) -> list[SoundingApplication]:
    """Those whose dialogue stands under a paragraph."""
    rows = SoundingApplication.objects.filter(bases__paragraph__sounding=sounding)
    return list(rows.select_related("sounding__organization", "person").distinct())
