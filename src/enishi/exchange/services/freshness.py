"""Owners say every six months that an offer still stands; offers without a word sink, expired ones leave the list."""

import datetime as dt
from collections.abc import Iterable

from django.core import signing
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION, resource_access
from enishi.exchange.enums import RecordKind, ResourceStatus
from enishi.exchange.errors import LinkExpiredError, RefusedError
from enishi.exchange.models import FRESH_DAYS, Resource
from enishi.exchange.services import records
from enishi.exchange.signals import records_changed
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership

AHEAD = dt.timedelta(days=14)
"""Owners are asked two weeks before six months have passed."""
ASK_AGAIN = dt.timedelta(days=30)
LINK_VALID = dt.timedelta(days=60)
_SALT = "enishi.exchange.confirm"


@transaction.atomic
def confirm_resource(*, resource_id: int, actor: Person, at: dt.datetime) -> Resource:
    """The owner says that the offer still stands."""
    resource = records.locked(Resource, resource_id)
    resource_access.require(actor, "confirm", resource)
    return _confirm(resource, actor=actor, at=at, note="")


@transaction.atomic
def confirm_by_link(*, token: str, at: dt.datetime) -> Resource:
    """The same through the signed link of a mail: whoever has the mail may confirm, and nothing else."""
    resource = records.locked(Resource, resource_of_link(token).pk)
    return _confirm(resource, actor=None, at=at, note=_("確認メールのリンクから"))


def _confirm(resource: Resource, *, actor: Person | None, at: dt.datetime, note: str) -> Resource:
    records.require_kept(resource)
    if resource.status != ResourceStatus.OPEN:
        raise RefusedError(_("公開中の資源だけ確認できます。下書きや終了した資源は、先に公開してください。"))
    before = trail.values(resource)
    resource.confirmed_on = timezone.localdate(at)
    resource.confirmation_requested_at = None
    records.finish(resource, "confirm", before=before, actor=actor, at=at, note=note)
    return resource


def confirmation_link(resource: Resource) -> str:
    """The path of the page with the one button."""
    token = signing.dumps([resource.pk, resource.organization_id], salt=_SALT)
    return reverse("exchange:resource_confirm_by_link", args=[token])


def resource_of_link(token: str) -> Resource:
    """The resource a signed link speaks of.

    Raises
    ------
    LinkExpiredError
        If the link is older than 60 days, was changed, or its resource has gone or changed hands.
    """
    try:
        pk, organization_id = signing.loads(token, salt=_SALT, max_age=LINK_VALID)
        return (
            Resource.objects.filter(deleted_at__isnull=True)
            .select_related("organization")
            .get(pk=pk, organization_id=organization_id)
        )
    except (signing.BadSignature, ValueError, TypeError, Resource.DoesNotExist) as error:
        raise LinkExpiredError from error


@transaction.atomic
def request_confirmations(*, at: dt.datetime) -> int:
    """Ask the owners of ageing offers by mail, once a month until they answer; how many were asked."""
    today = timezone.localdate(at)
    ageing = (
        Resource.objects.filter(deleted_at__isnull=True)
        .offered(today)
        .filter(
            Q(confirmed_on__isnull=True) | Q(confirmed_on__lte=today - dt.timedelta(days=FRESH_DAYS) + AHEAD)
        )
        .filter(Q(confirmation_requested_at__isnull=True) | Q(confirmation_requested_at__lte=at - ASK_AGAIN))
        .select_related("organization")
        .order_by("pk")
    )
    asked = [resource for resource in ageing if _ask(resource, today=today, at=at)]
    Resource.objects.filter(pk__in=[resource.pk for resource in asked]).update(confirmation_requested_at=at)
    return len(asked)


def _ask(resource: Resource, *, today: dt.date, at: dt.datetime) -> bool:
    persons = owners_to_ask(resource, today=today)
    if not persons:
        return False
    notify(
        kind="resource_confirmation",
        persons=persons,
        title=_("「%(title)s」はいまも提供できますか") % {"title": resource.title},
        body=_(
            "半年に一度、登録された資源がいまも使えるかをうかがっています。"
            "下のリンクを開き「いまも提供できます」を押してください(サインインは要りません)。"
            "内容が変わったときは、資源のページから書き直せます。"
        ),
        url=confirmation_link(resource),
        at=at,
    )
    return True


def owners_to_ask(resource: Resource, *, today: dt.date) -> list[Person]:
    """The people who look after the resource: those of its section, or the organisation's leading ones."""
    places = Membership.objects.current(today).filter(organization_id=resource.organization_id)
    leading = Q(role__in=[*WHOLE_ORGANIZATION, *PARTNER])
    if resource.section_id is not None:
        leading = Q(section_id=resource.section_id, role__in=[Role.OFFICER, Role.MANAGER, *PARTNER])
    chosen = _persons(places.filter(leading))
    return chosen or _persons(places.filter(role__in=[*WHOLE_ORGANIZATION, *PARTNER]))


def _persons(places: models.QuerySet[Membership]) -> list[Person]:
    keys: Iterable[int] = places.values_list("person_id", flat=True)
    return list(Person.objects.filter(pk__in=list(keys), is_active=True).order_by("pk"))


def announce_aged(*, at: dt.datetime, days: int = 7) -> int:
    """Have indexed anew what became unconfirmed or expired in the last days: time passes without an event."""
    today = timezone.localdate(at)
    since = today - dt.timedelta(days=days)
    fresh = dt.timedelta(days=FRESH_DAYS)
    ids = list(
        Resource.objects.filter(deleted_at__isnull=True)
        .filter(status=ResourceStatus.OPEN)
        .filter(
            Q(confirmed_on__gt=since - fresh, confirmed_on__lt=today - fresh)
            | Q(confirmed_on=today - fresh - dt.timedelta(days=1))
            | Q(expires_on__gte=since, expires_on__lt=today)
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if ids:
        transaction.on_commit(
            lambda: _send_many(ids),
        )
    return len(ids)


def _send_many(ids: list[int]) -> None:
    records_changed.send_robust(Resource, kind=RecordKind.RESOURCE.value, ids=ids)
