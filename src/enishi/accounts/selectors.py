"""Questions about people and their keys."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from enishi.accounts.models import ApiToken, Person
from enishi.foundation.access import Actor


def tokens_of(person: Actor) -> models.QuerySet[ApiToken]:
    """The person's keys, latest first, ended ones too."""
    return ApiToken.objects.filter(person_id=person.pk or 0).order_by("-created_at", "-pk")


def usable_token(secret: str, at: dt.datetime) -> ApiToken | None:
    """The key with this secret, if it still opens something; its person comes along."""
    return ApiToken.objects.usable(at).matching(secret).select_related("person").first()


def own_tokens(person: Person) -> list[Mapping[str, Any]]:
    """What the export of one's own data says about keys: never the secret or its digest."""
    fields = ("name", "created_at", "expires_at", "last_used_at", "revoked_at")
    return [dict(row) for row in tokens_of(person).values(*fields)]
