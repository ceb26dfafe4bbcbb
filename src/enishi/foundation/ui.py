"""What the frame around every page shows, and small shapes pages are built from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from itertools import groupby
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
class NavigationGroup:
    """Kinds of work that belong together: one line in the rail, its ways below it once one is inside.

    Ways with an order from ``first`` to ``last`` belong to it.
    """

    label: Words
    first: int
    last: int
    icon: str = ""


GROUPS: dict[Bar, tuple[NavigationGroup, ...]] = {
    "work": (
        NavigationGroup(gettext_lazy("縁を探す"), 20, 29, "thread"),
        NavigationGroup(gettext_lazy("窓口"), 30, 39, "chat"),
        NavigationGroup(gettext_lazy("協定"), 40, 49, "handshake"),
        NavigationGroup(gettext_lazy("事業"), 50, 59, "building"),
        NavigationGroup(gettext_lazy("知識"), 60, 69, "info"),
        NavigationGroup(gettext_lazy("計画と評価"), 70, 75, "check"),
        NavigationGroup(gettext_lazy("予算"), 76, 79, "list"),
        NavigationGroup(gettext_lazy("数字とふりかえり"), 80, 89, "eye"),
        NavigationGroup(gettext_lazy("設定"), 90, 99, "settings"),
    ),
    "public": (
        NavigationGroup(gettext_lazy("見る"), 10, 19),
        NavigationGroup(gettext_lazy("縁"), 20, 29),
        NavigationGroup(gettext_lazy("提案する"), 30, 39),
    ),
    "person": (),
}


@dataclass(frozen=True)
class Link:
    """A navigation item as a page shows it; a group's ``children`` are there when the page lies inside."""

    label: Words
    url: str
    icon: str = ""
    current: bool = False
    count: int = 0
    children: tuple["Link", ...] = ()


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


@cache
def _version() -> str:
    return version("enishi")


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
        return _version()

    def _part(self, name: str, default: Any) -> Any:
        return frame_parts.get(name, self.request, default)

    @property
    def within(self) -> tuple[Link, ...]:
        """The ways of the group this page lies in, for the light bar."""
        return next((link.children for link in self.public if link.children), ())

    def _links(self, bar: Bar) -> list[Link]:
        items = [item for item in navigation if item.bar == bar and item.shown(self.person)]
        prefix = get_script_prefix()
        addresses = [_address(item.url_name, item.args, prefix) for item in items]
        here = nearest(self.request.path, addresses)
        single = [
            Link(
                label=item.label,
                url=address,
                icon=item.icon,
                current=address == here,
                count=item.count(self.person) if item.count else 0,
            )
            for item, address in zip(items, addresses, strict=True)
        ]
        found: list[Link] = []
        for group, members in groupby(
            zip(items, single, strict=True), lambda pair: _group_of(pair[0], GROUPS[bar])
        ):
            links = [link for _item, link in members]
            found += links if group is None or len(links) == 1 else [_grouped(group, links)]
        return found


@cache
def _address(url_name: str, args: tuple[Any, ...], prefix: str) -> str:
    """Every page asks for some forty of them, and they stay: looked up once for each ``prefix`` we are served under."""
    return reverse(url_name, args=args)


def _group_of(item: NavigationItem, groups: tuple[NavigationGroup, ...]) -> NavigationGroup | None:
    return next((group for group in groups if group.first <= item.order <= group.last), None)


def _grouped(group: NavigationGroup, links: list[Link]) -> Link:
    """One line for the group; what waits in it is counted there while it is closed."""
    is_open = any(link.current for link in links)
    return Link(
        label=group.label,
        url=links[0].url,
        icon=group.icon,
        count=0 if is_open else sum(link.count for link in links),
        children=tuple(links) if is_open else (),
    )


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
