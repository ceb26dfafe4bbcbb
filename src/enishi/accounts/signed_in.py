"""Who asks for a page that is only there for people who have signed in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from enishi.accounts.models import Person


def person_of(request: HttpRequest) -> Person:
    """The person of a page behind ``login_required``."""
    person: Any = request.user
    if not person.is_authenticated:
        raise PermissionDenied
    loaded: Person = person
    return loaded
