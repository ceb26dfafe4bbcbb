"""What this room adds to the frame, the home page and the person's own page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.foundation.panels import Todo
from enishi.foundation.ui import NavigationItem
from enishi.organizations import selectors
from enishi.organizations.access import administered_ids, is_system_administrator
from enishi.organizations.models import JoinRequest, Registration
from enishi.organizations.visibility import reach_of


def runs_something(actor: Actor) -> bool:
    return is_system_administrator(actor) or bool(administered_ids(actor))


def belongs_nowhere(actor: Actor) -> bool:
    return actor.is_authenticated and not reach_of(actor).is_member


def navigation() -> list[NavigationItem]:
    return [
        NavigationItem(
            gettext_lazy("団体を探す"), "organizations:organization_list", order=24, icon="people"
        ),
        NavigationItem(gettext_lazy("団体"), "organizations:organization_list", order=12, bar="public"),
        NavigationItem(
            gettext_lazy("参加を申し込む"),
            "organizations:joining",
            order=50,
            bar="public",
            shown=belongs_nowhere,
        ),
        NavigationItem(
            gettext_lazy("自分の団体"),
            "organizations:own",
            order=20,
            bar="person",
            icon="people",
            shown=lambda actor: reach_of(actor).is_member,
        ),
        NavigationItem(
            gettext_lazy("申込の確認"),
            "organizations:waiting",
            order=90,
            icon="people",
            shown=runs_something,
            count=waiting_count,
        ),
    ]


def waiting_count(actor: Actor) -> int:
    return (
        selectors.waiting_registrations(actor).count() + selectors.waiting_requests(actor).count()
        if runs_something(actor)
        else 0
    )


def waiting_for_me(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Partners and people who wait for this administrator."""
    if not runs_something(actor):
        return None
    address = reverse("organizations:waiting")
    partners = [
        Todo(_("団体の登録申込: %(name)s") % {"name": each.name}, address, why=each.seat.name)
        for each in selectors.waiting_registrations(actor)[:5]
    ]
    people = [
        Todo(_("参加の申込: %(name)s") % {"name": each.person.name}, address, why=each.organization.name)
        for each in selectors.waiting_requests(actor)[:5]
    ]
    items = partners + people
    return {"items": items} if items else None


def own_places(actor: Actor, person: Any) -> Mapping[str, Any] | None:
    """The person's own places and open applications; nobody else's page shows them."""
    if not isinstance(person, Person) or actor.pk != person.pk:
        return None
    return {
        "places": selectors.memberships_of(person),
        "registrations": Registration.objects.filter(applicant=person).select_related("seat")[:10],
        "requests": JoinRequest.objects.filter(person=person).select_related("organization")[:10],
    }
