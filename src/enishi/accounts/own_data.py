"""What Enishi keeps about a person, handed out on their own request. Rooms register theirs in ``apps.ready``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enishi.accounts.models import Person
from enishi.foundation.trail import plain


@dataclass(frozen=True)
class OwnData:
    """``rows`` answers what one room keeps about this person, as JSON can hold it."""

    name: str
    rows: Callable[[Person], Iterable[Mapping[str, Any]]]


_parts: dict[str, OwnData] = {}


def register(part: OwnData) -> None:
    _parts[part.name] = part


def everything_about(person: Person) -> dict[str, Any]:
    """All rooms' answers, beside the account itself."""
    account = {
        "email": person.email,
        "name": person.name,
        "kana": person.kana,
        "language": person.language,
        "created_at": person.created_at.isoformat(),
    }
    return {"account": account} | {
        name: [plain(dict(row)) for row in part.rows(person)] for name, part in _parts.items()
    }
