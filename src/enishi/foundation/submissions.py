"""A form's one-time token: a double click, or the back button, finds what the first press made."""

import datetime as dt
import uuid
from collections.abc import Callable

from django.db import transaction

from enishi.foundation.access import Actor
from enishi.foundation.models import Submission


def new_token() -> str:
    return str(uuid.uuid4())


@transaction.atomic
def once(*, token: str, person: Actor, at: dt.datetime, make: Callable[[], str]) -> str:
    """Run ``make`` the first time this person sends ``token``; later times answer what it answered.

    ``make`` returns a short text to find the result by: its address or key. When it raises, the token stays unused.
    A token that is none counts as a new one: a form that lost it still works.
    """
    try:
        key = uuid.UUID(token)
    except (ValueError, TypeError, AttributeError):
        return make()
    submission, is_first = Submission.objects.get_or_create(
        token=key, defaults={"person_id": person.pk, "result": "", "at": at}
    )
    if not is_first and submission.person_id == person.pk:
        return submission.result
    result = make()
    if is_first:
        submission.result = result
        submission.save(update_fields=["result"])
    return result
