"""Programs' way to organisations, challenges and resources. Doorways only: what is done, services do."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Status
from ninja.errors import AuthenticationError

from enishi.accounts.models import Person
from enishi.exchange import services
from enishi.exchange.access import access_of, challenge_access, resource_access
from enishi.exchange.api_shapes import (
    ChallengeEdit,
    ChallengeMoved,
    ChallengeNew,
    ChallengeShown,
    ChallengesPage,
    FieldShown,
    Moment,
    Myself,
    OrganizationShown,
    OrganizationsPage,
    RecordSent,
    ResourceEdit,
    ResourceMoved,
    ResourceNew,
    ResourceShown,
    ResourcesPage,
    values_of,
)
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.doorway import OPEN, READ, WRITE, Code, Cursor, KeyInPath, Size, with_zone
from enishi.foundation.forms import clean_text
from enishi.foundation.lists import paginate
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Membership, Organization

router = Router()


def actor_of(request: HttpRequest) -> Person:
    """The person behind a key or a session; visitors are asked who they are."""
    person: Any = request.user
    if not person.is_authenticated:
        raise AuthenticationError
    loaded: Person = person
    return loaded


@router.get("/me", response={200: Myself, **READ}, tags=["people"], summary=gettext_noop("自分と所属"))
def me(request: HttpRequest) -> dict[str, Any]:
    """The person whose key or session this is, and where they work."""
    person = actor_of(request)
    places = Membership.objects.current(timezone.localdate()).filter(person=person)
    return {
        "id": person.pk,
        "name": person.name,
        "email": person.email,
        "places": list(places.select_related("organization", "section").order_by("pk")),
    }


@router.get(
    "/fields",
    response={200: list[FieldShown], **READ},
    tags=["fields"],
    openapi_extra=OPEN,
    summary=gettext_noop("分野の一覧(2段)"),
)
def fields(request: HttpRequest) -> QuerySet[Field]:
    """The fields of work (分野), in two levels."""
    return Field.objects.select_related("parent").order_by("order", "pk")


@router.get(
    "/organizations",
    response={200: OrganizationsPage, **READ},
    tags=["organizations"],
    openapi_extra=OPEN,
    summary=gettext_noop("団体の一覧"),
)
def organizations(
    request: HttpRequest,
    kind: OrganizationKind | None = None,
    name: Code | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Municipalities and partners, those whose name holds ``name``, 50 at a time."""
    rows = Organization.objects.active()
    if kind is not None:
        rows = rows.filter(kind=kind)
    if wanted := clean_text(name or "").strip():
        rows = rows.filter(Q(name__icontains=wanted) | Q(kana__icontains=wanted))
    page = paginate(rows, order_by=("pk",), parameters={"after": cursor or ""}, size=limit)
    return {"items": page.rows, "next_cursor": page.next_cursor}


@router.get(
    "/organizations/{key}",
    response={200: OrganizationShown, **READ},
    tags=["organizations"],
    openapi_extra=OPEN,
    summary=gettext_noop("団体"),
)
def organization(request: HttpRequest, key: KeyInPath) -> Organization:
    return get_object_or_404(Organization, pk=key)


def _records(
    rows: QuerySet[Any],
    *,
    field: str,
    organization_id: int | None,
    updated_since: dt.datetime | None,
    cursor: str,
    limit: int,
) -> dict[str, Any]:
    if field:
        rows = rows.filter(Q(fields__code=field) | Q(fields__parent__code=field)).distinct()
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=with_zone(updated_since))
    shown = rows.select_related("organization", "section").prefetch_related("fields", "areas")
    page = paginate(shown, order_by=("-updated_at", "-pk"), parameters={"after": cursor}, size=limit)
    return {"items": page.rows, "next_cursor": page.next_cursor}


@router.get(
    "/challenges",
    response={200: ChallengesPage, **READ},
    tags=["challenges"],
    openapi_extra=OPEN,
    summary=gettext_noop("課題の一覧(変わった順)"),
)
def challenges(
    request: HttpRequest,
    field: Code | None = None,
    status: ChallengeStatus | None = None,
    organization_id: KeyInPath | None = None,
    updated_since: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """The challenges one may see, latest change first. ``field`` is a code of either level."""
    rows = challenge_access.visible(request.user)
    if status is not None:
        rows = rows.filter(status=status)
    return _records(
        rows,
        field=clean_text(field or ""),
        organization_id=organization_id,
        updated_since=updated_since,
        cursor=cursor or "",
        limit=limit,
    )


@router.get(
    "/resources",
    response={200: ResourcesPage, **READ},
    tags=["resources"],
    openapi_extra=OPEN,
    summary=gettext_noop("地域資源の一覧(変わった順)"),
)
def resources(
    request: HttpRequest,
    field: Code | None = None,
    status: ResourceStatus | None = None,
    organization_id: KeyInPath | None = None,
    updated_since: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """The resources one may see, latest change first."""
    rows = resource_access.visible(request.user)
    if status is not None:
        rows = rows.filter(status=status)
    return _records(
        rows,
        field=clean_text(field or ""),
        organization_id=organization_id,
        updated_since=updated_since,
        cursor=cursor or "",
        limit=limit,
    )


def visible(request: HttpRequest, model: type[Any], key: int) -> Any:
    rows = access_of(model).visible(request.user)
    return get_object_or_404(
        rows.select_related("organization__seat", "section").prefetch_related("fields", "areas"), pk=key
    )


def _values(sent: RecordSent) -> Any:
    """The body as the services take it, codes of fields as their keys."""
    values = values_of(sent)
    if sent.field_codes is not None:
        codes = set(sent.field_codes)
        known = dict(Field.objects.filter(code__in=codes).values_list("code", "pk"))
        if codes - set(known):
            raise RefusedError(
                _("知らない分野のコードがあります。/api/v1/fields の code から選んでください。")
            )
        values["field_ids"] = [*(values.get("field_ids") or ()), *known.values()]
    return values


@router.get(
    "/challenges/{key}",
    response={200: ChallengeShown, **READ},
    tags=["challenges"],
    openapi_extra=OPEN,
    summary=gettext_noop("課題"),
)
def challenge(request: HttpRequest, key: KeyInPath) -> Challenge:
    found: Challenge = visible(request, Challenge, key)
    return found


@router.post(
    "/challenges",
    response={201: ChallengeShown, **WRITE},
    tags=["challenges"],
    summary=gettext_noop("課題の下書きを作る"),
)
def challenge_create(request: HttpRequest, body: ChallengeNew) -> Status[Challenge]:
    """Start a draft in the name of one of one's own organisations."""
    owner = get_object_or_404(Organization, pk=body.organization_id)
    made = services.create_challenge(
        organization=owner, values=_values(body), actor=actor_of(request), at=timezone.now()
    )
    return Status(201, made)


@router.patch(
    "/challenges/{key}",
    response={200: ChallengeShown, **WRITE},
    tags=["challenges"],
    summary=gettext_noop("課題を書き直す(名前を挙げた値だけ)"),
)
def challenge_edit(request: HttpRequest, key: KeyInPath, body: ChallengeEdit) -> Challenge:
    """Write the values that are named, unless somebody else saved since."""
    visible(request, Challenge, key)
    return services.edit_challenge(
        challenge_id=key,
        values=_values(body),
        version=body.version,
        actor=actor_of(request),
        at=timezone.now(),
    )


@router.post(
    "/challenges/{key}/publish",
    response={200: ChallengeShown, **WRITE},
    tags=["challenges"],
    summary=gettext_noop("課題を公開する"),
)
def challenge_publish(request: HttpRequest, key: KeyInPath) -> Challenge:
    """Open a draft, once nothing is missing."""
    visible(request, Challenge, key)
    return services.publish_challenge(challenge_id=key, actor=actor_of(request), at=timezone.now())


@router.post(
    "/challenges/{key}/status",
    response={200: ChallengeShown, **WRITE},
    tags=["challenges"],
    summary=gettext_noop("課題の状態を変える"),
)
def challenge_status(request: HttpRequest, key: KeyInPath, body: ChallengeMoved) -> Challenge:
    """Move a challenge on; endings need a reason."""
    visible(request, Challenge, key)
    return services.change_status(
        challenge_id=key,
        status=ChallengeStatus(body.status),
        reason=body.reason,
        actor=actor_of(request),
        at=timezone.now(),
    )


@router.delete(
    "/challenges/{key}",
    response={204: None, **WRITE},
    tags=["challenges"],
    summary=gettext_noop("課題をごみ箱に入れる(30日は戻せる)"),
)
def challenge_delete(request: HttpRequest, key: KeyInPath) -> Status[None]:
    """Throw a challenge away; it can be brought back on its page for 30 days."""
    visible(request, Challenge, key)
    services.delete_challenge(challenge_id=key, actor=actor_of(request), at=timezone.now())
    return Status(204, None)


@router.get(
    "/resources/{key}",
    response={200: ResourceShown, **READ},
    tags=["resources"],
    openapi_extra=OPEN,
    summary=gettext_noop("地域資源"),
)
def resource(request: HttpRequest, key: KeyInPath) -> Resource:
    found: Resource = visible(request, Resource, key)
    return found


@router.post(
    "/resources",
    response={201: ResourceShown, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源の下書きを作る"),
)
def resource_create(request: HttpRequest, body: ResourceNew) -> Status[Resource]:
    """Start a draft in the name of one of one's own organisations."""
    owner = get_object_or_404(Organization, pk=body.organization_id)
    made = services.create_resource(
        organization=owner, values=_values(body), actor=actor_of(request), at=timezone.now()
    )
    return Status(201, made)


@router.patch(
    "/resources/{key}",
    response={200: ResourceShown, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源を書き直す(名前を挙げた値だけ)"),
)
def resource_edit(request: HttpRequest, key: KeyInPath, body: ResourceEdit) -> Resource:
    """Write the values that are named, unless somebody else saved since."""
    visible(request, Resource, key)
    return services.edit_resource(
        resource_id=key,
        values=_values(body),
        version=body.version,
        actor=actor_of(request),
        at=timezone.now(),
    )


@router.post(
    "/resources/{key}/publish",
    response={200: ResourceShown, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源を公開する"),
)
def resource_publish(request: HttpRequest, key: KeyInPath) -> Resource:
    """Offer a draft to others, once nothing is missing."""
    visible(request, Resource, key)
    return services.publish_resource(resource_id=key, actor=actor_of(request), at=timezone.now())


@router.post(
    "/resources/{key}/confirm",
    response={200: ResourceShown, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源がいまも使えると確かめる"),
)
def resource_confirm(request: HttpRequest, key: KeyInPath) -> Resource:
    """Say that the offer still stands."""
    visible(request, Resource, key)
    return services.confirm_resource(resource_id=key, actor=actor_of(request), at=timezone.now())


@router.post(
    "/resources/{key}/status",
    response={200: ResourceShown, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源の掲載をやめる・再開する"),
)
def resource_status(request: HttpRequest, key: KeyInPath, body: ResourceMoved) -> Resource:
    """Close an offer, or offer it again; with a reason."""
    visible(request, Resource, key)
    return services.change_resource_status(
        resource_id=key,
        status=ResourceStatus(body.status),
        reason=body.reason,
        actor=actor_of(request),
        at=timezone.now(),
    )


@router.delete(
    "/resources/{key}",
    response={204: None, **WRITE},
    tags=["resources"],
    summary=gettext_noop("資源をごみ箱に入れる(30日は戻せる)"),
)
def resource_delete(request: HttpRequest, key: KeyInPath) -> Status[None]:
    """Throw a resource away; it can be brought back on its page for 30 days."""
    visible(request, Resource, key)
    services.delete_resource(resource_id=key, actor=actor_of(request), at=timezone.now())
    return Status(204, None)
