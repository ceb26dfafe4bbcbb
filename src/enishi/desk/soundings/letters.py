"""What applicants and the office are told, by mail or on the page."""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from enishi.accounts.models import digest_of
from enishi.desk import post
from enishi.desk.office.access import staff_of
from enishi.desk.soundings.models import Sounding, SoundingApplication
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify

SALT = "desk.sounding"


def link_token(application: SoundingApplication) -> str:
    return signing.dumps([application.pk, proof_of(application)], salt=SALT)


def proof_of(application: SoundingApplication) -> str:
    """Ties a link to the address it was sent to, without the address itself: links end up in the logs of servers."""
    return digest_of(application.email)[:16]


def own_address(application: SoundingApplication) -> str:
    """The applicant's own page, for whoever has no account."""
    return settings.SITE_ADDRESS + reverse("desk:sounding_mine", args=[link_token(application)])


def send_link(application: SoundingApplication, at: dt.datetime) -> None:
    sounding = application.sounding
    post.write(
        organization=sounding.organization,
        to=application.email,
        subject=_("「%(title)s」への申込を確かめてください") % {"title": sounding.title},
        body=_(
            "次のリンクを開くと申込が確かめられ、日時を選べます。取り下げや概要の確認も、このリンクから行えます。\n\n"
            "%(link)s\n\nお心当たりのないときは、このメールを捨ててください。\n\n%(office)s"
        )
        % {"link": own_address(application), "office": sounding.organization.name},
        at=at,
    )


def tell_applicant(application: SoundingApplication, title: str, words: str, at: dt.datetime) -> None:
    if application.person is not None:
        notify(
            kind="desk_sounding",
            persons=[application.person],
            title=title,
            body=words,
            url=reverse("desk:sounding_application", args=[application.pk]),
            at=at,
        )
        return
    post.write(
        organization=application.sounding.organization,
        to=application.email,
        subject=title,
        body=_("%(words)s\n\nご自分のページ:\n%(link)s\n\n%(office)s")
        % {
            "words": words,
            "link": own_address(application),
            "office": application.sounding.organization.name,
        },
        at=at,
    )


def tell_office(sounding: Sounding, at: dt.datetime) -> None:
    notify(
        kind="desk_sounding",
        persons=staff_of(sounding.organization_id, sounding.section_id, timezone.localdate(at)),
        title=_("「%(title)s」に申込がありました") % {"title": sounding.title},
        url=sounding.get_absolute_url(),
        at=at,
    )
