"""What the record of acts adds to the pages of lower rooms, and what it knows of their things."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from enishi.accounts.models import ApiToken, Person
from enishi.audit import history, selectors
from enishi.audit.access import act_access, may_read_history
from enishi.audit.wording import Subject
from enishi.foundation.access import Actor
from enishi.organizations.access import (
    invitation_access,
    is_system_administrator,
    join_request_access,
    membership_access,
    organization_access,
    registration_access,
    reorganization_access,
    section_access,
)


def reads_acts(actor: Actor) -> bool:
    return act_access.allows(actor, "view", None)


def latest(actor: Actor, instance: Any) -> Mapping[str, Any] | None:
    """The last acts on this record, for the people of its house."""
    if not may_read_history(actor, instance):
        return None
    events = selectors.history(instance)[:10]
    return {"events": history.told(events), "label": instance._meta.label_lower, "key": instance.pk}


def _own_tokens(actor: Actor) -> models.QuerySet[Any, Any]:
    return ApiToken.objects.filter(person_id=actor.pk or 0)


def _self(actor: Actor) -> models.QuerySet[Any, Any]:
    return Person.objects.all() if is_system_administrator(actor) else Person.objects.filter(pk=actor.pk or 0)


def subjects() -> list[Subject]:
    """The things of the rooms below."""
    rooms: dict[str, Any] = {
        "organizations.organization": organization_access,
        "organizations.section": section_access,
        "organizations.membership": membership_access,
        "organizations.invitation": invitation_access,
        "organizations.registration": registration_access,
        "organizations.joinrequest": join_request_access,
        "organizations.reorganization": reorganization_access,
    }
    known = [Subject(label, visible=access.visible) for label, access in rooms.items()]
    return [
        *known,
        Subject("accounts.person", visible=_self),
        Subject("accounts.apitoken", visible=_own_tokens),
    ]
