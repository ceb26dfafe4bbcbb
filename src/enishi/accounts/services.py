"""What a person changes about themselves."""

import datetime as dt

from django.db import transaction

from enishi.accounts.errors import TooManyTokensError
from enishi.accounts.models import ApiToken, Person, digest_of, new_secret
from enishi.foundation import trail

MOST_TOKENS = 20


@transaction.atomic
def change_profile(*, actor: Person, name: str, kana: str, language: str, at: dt.datetime) -> Person:
    """Keep how the person is called and addressed."""
    person = Person.objects.select_for_update().get(pk=actor.pk)
    before = trail.values(person, ("name", "kana", "language"))
    person.name, person.kana, person.language = name, kana, language
    changes = trail.differences(before, trail.values(person, ("name", "kana", "language")))
    if changes:
        person.save(update_fields=["name", "kana", "language"])
        trail.record(trail.Act(actor=actor, action="edit", subject=person, at=at, changes=changes))
    return person


@transaction.atomic
def make_token(*, actor: Person, name: str, days: int, at: dt.datetime) -> tuple[ApiToken, str]:
    """Make a key and return it with its secret, which is told this once.

    Raises ``TooManyTokensError`` when the person keeps too many already.
    """
    Person.objects.select_for_update().get(pk=actor.pk)
    if ApiToken.objects.filter(person=actor).usable(at).count() >= MOST_TOKENS:
        raise TooManyTokensError(MOST_TOKENS)
    secret = new_secret()
    token = ApiToken.objects.create(
        person=actor,
        name=name,
        digest=digest_of(secret),
        created_at=at,
        expires_at=at + dt.timedelta(days=days),
    )
    trail.record(trail.Act(actor=actor, action="create", subject=token, at=at))
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: int, actor: Person, at: dt.datetime) -> ApiToken:
    """End a key at once. Raises ``ApiToken.DoesNotExist`` for somebody else's."""
    token = ApiToken.objects.select_for_update().get(pk=token_id, person=actor)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        trail.record(trail.Act(actor=actor, action="revoke", subject=token, at=at))
    return token


def note_use(*, token: ApiToken, at: dt.datetime) -> None:
    """Remember that the key was used: once an hour is enough to see a forgotten one."""
    if token.last_used_at is None or at - token.last_used_at > dt.timedelta(hours=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


def record_export(*, actor: Person, at: dt.datetime) -> None:
    """Write down that somebody took a copy of their own data."""
    trail.record(trail.Act(actor=actor, action="export", subject=actor, at=at))
