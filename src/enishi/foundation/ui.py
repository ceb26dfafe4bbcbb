"""What the frame around every page shows, and small shapes pages are built from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.foundation.panels import Registry, everybody

Words = str | Promise
Bar = Literal["work", "public", "person"]


@dataclass(frozen=True)
class NavigationItem:
    """A way to a page: in the rail of municipal staff, the light bar of everybody else, or the person menu."""

    label: Words
    url_name: str
    order: int
    shown: Callable[[Actor], bool] = everybody
    bar: Bar = "work"
    icon: str = ""
    args: tuple[Any, ...] = ()
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True)
class Link:
    """A navigation item as a page shows it."""

    label: Words
    url: str
    icon: str = ""
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Contact:
    """Who can help."""

    section: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Step:
    """One named step of a long form; ``state`` is ``done``, ``here`` or ``ahead``."""

    label: Words
    url: str = ""
    state: Literal["done", "here", "ahead"] = "ahead"


@dataclass(frozen=True)
class CompareRow:
    """One line of a comparison."""

    label: Words
    left: Any
    right: Any
    verdict: Literal["same", "partly", "differs", "unknown"] = "unknown"
    note: Words = ""


@dataclass
class FrameParts:
    """What the frame needs from rooms above, by name: each part is a question to the request."""

    parts: dict[str, Callable[[HttpRequest], Any]] = field(default_factory=dict)

    def register(self, name: str, answer: Callable[[HttpRequest], Any]) -> None:
        self.parts[name] = answer

    def get(self, name: str, request: HttpRequest, default: Any) -> Any:
        answer = self.parts.get(name)
        return default if answer is None else answer(request)


navigation: Registry[NavigationItem] = Registry()
frame_parts = FrameParts()


class Frame:
    """Asked by ``base.html`` part by part, so that an answer without a frame costs nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.person: Actor = getattr(request, "user", AnonymousUser())

    @cached_property
    def host(self) -> str:
        """Whose installation this is; empty before anybody is named."""
        return str(self._part("municipality", "") or "")

    @property
    def municipality(self) -> str:
        return self.host or _("縁 Enishi")

    @cached_property
    def is_staff(self) -> bool:
        return bool(self._part("is_staff", False))

    @cached_property
    def affiliation(self) -> str:
        return str(self._part("affiliation", ""))

    @cached_property
    def unread_notices(self) -> int:
        return int(self._part("unread_notices", 0))

    @cached_property
    def notices_url(self) -> str:
        return str(self._part("notices_url", ""))

    @cached_property
    def contact(self) -> Contact:
        contact = self._part("contact", None)
        return contact if isinstance(contact, Contact) else Contact()

    @cached_property
    def work(self) -> list[Link]:
        return self._links("work")

    @cached_property
    def public(self) -> list[Link]:
        return self._links("public")

    @cached_property
    def menu(self) -> list[Link]:
        return self._links("person")

    @property
    def version(self) -> str:
        return version("enishi")

    def _part(self, name: str, default: Any) -> Any:
        return frame_parts.get(name, self.request, default)

    def _links(self, bar: Bar) -> list[Link]:
        items = [item for item in navigation if item.bar == bar and item.shown(self.person)]
        addresses = [reverse(item.url_name, args=item.args) for item in items]
        here = nearest(self.request.path, addresses)
        return [
            Link(
                label=item.label,
                url=address,
                icon=item.icon,
                current=address == here,
                count=item.count(self.person) if item.count else 0,
            )
            for item, address in zip(items, addresses, strict=True)
        ]


def nearest(path: str, addresses: list[str]) -> str:
    """The address this page lies under: the longest that begins the path; the home page only for itself."""
    above = [
        address for address in addresses if path == address or (address != "/" and path.startswith(address))
    ]
    return max(above, key=len, default="")


def address_or_nothing(name: str) -> str:
    """The address of a page that may not be installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def frame(request: HttpRequest) -> dict[str, object]:
    """Context for ``base.html``."""
    return {"frame": Frame(request)}
