"""Every address × everybody × every visibility: who gets in, who is turned away, and that nothing is ever leaked.

The table of who may what is ``tests/access_matrix/table.py``; the people and the planted words are in ``world.py``.
"""

import io
import json
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpResponseBase
from django.template.loader import get_template
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from enishi.audit.models import ChainHead
from enishi.config.api import api
from enishi.foundation.ui import frame_parts, navigation
from enishi.knowledge import services as knowledge
from tests.access_matrix.table import OPEN_DOORS, OPERATIONS, OWN_ACCOUNT, TABLE, Operation, Row
from tests.access_matrix.world import SECRET, Somebody, World, build

CANARY = re.compile(r"canary\d{4}x")
SIGN_IN = "/account/login/"
REPEATING = {"b_manager", "b_planner", "b_auditor", "q_member"}
"""Outsiders like others: asked for pages of lists and searches, not again for every button and every record."""
PRESSING = {"visitor", "resident", "b_officer", "q_administrator"}
"""Those who try the other way too: post to a page they are turned away from, open what only takes a post."""


def addresses(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the program: its name, or its route where it has none."""
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, here, inside)
        elif isinstance(pattern, URLPattern):
            yield (f"{space}{pattern.name}" if pattern.name else here), here


def routers() -> Iterator[tuple[str, Any]]:
    """Every router of the API, those inside others too."""
    for prefix, router in api._routers:
        for mount in router.build_routers(prefix):
            yield mount.prefix, mount.template


def operations() -> Iterator[str]:
    """Every operation of the API, as method and path."""
    for prefix, router in routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield from (f"{method} {prefix}{path}" for method in operation.methods)


OF_THE_API = {
    f"api:{operation.view_func.__name__}"
    for _prefix, router in routers()
    for view in router.path_operations.values()
    for operation in view.operations
}
ADDRESSES = dict(addresses(get_resolver(settings.ROOT_URLCONF)))
LISTED = sorted(name for name in ADDRESSES if name in TABLE)
DOORS = sorted(name for name in ADDRESSES if name in OPEN_DOORS | OWN_ACCOUNT)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of the suite's own ``db``: one transaction around all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands are turned away here on purpose."""
    log = logging.getLogger("django.request")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


WHOLE_PAGES, CONTACT = settings.TEMPLATES, frame_parts.parts["contact"]
BLOCK = re.compile(r"{% block \w+ %}")


@pytest.fixture(scope="module", autouse=True)
def _without_the_frame() -> Iterator[None]:
    """Pages without header, ways, footer and whom to ask: half of the work, and the same on every page of somebody.

    What the blocks of a page say is all there; the frame has a test of its own.
    """
    blocks = BLOCK.findall(get_template("base.html").template.source)
    bare = '{% include "enishi/_messages.html" %}' + "".join(f"{block}{{% endblock %}}" for block in blocks)
    (engine,) = WHOLE_PAGES
    ((partials, ((cached, loaders),)),) = engine["OPTIONS"]["loaders"]
    loaders = [("django.template.loaders.locmem.Loader", {"base.html": bare}), *loaders]
    options = {**engine["OPTIONS"], "loaders": [(partials, [(cached, loaders)])]}
    with override_settings(TEMPLATES=[{**engine, "OPTIONS": options}]), pytest.MonkeyPatch.context() as patch:
        patch.delitem(frame_parts.parts, "contact")
        yield


@pytest.fixture(scope="module")
def world(db: None, tmp_path_factory: Any) -> Iterator[World]:
    """Built once for all addresses, and gone afterwards."""
    media, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("files")
    made = build()
    knowledge.index("challenge", [row.pk for row in made.challenges])
    knowledge.index("resource", [row.pk for row in made.resources])
    knowledge.index("project", [row.pk for row in made["projects"]])
    yield made
    settings.MEDIA_ROOT = media


class Caller:
    """Somebody at their machine. Asks the program itself: the test client would copy every template's context."""

    handler = ClientHandler(enforce_csrf_checks=False)

    def __init__(self, somebody: Somebody) -> None:
        cookies, self.secret = "", ""
        if somebody.person is not None:
            client = Client()
            client.force_login(somebody.person)
            name = settings.SESSION_COOKIE_NAME
            cookies, self.secret = f"{name}={client.cookies[name].value}", SECRET + somebody.key
        self.requests = RequestFactory(HTTP_COOKIE=cookies)

    def ask(self, method: str, address: str, data: Any = None, **extra: Any) -> HttpResponseBase:
        if self.handler._middleware_chain is None:
            self.handler.load_middleware()
        send = self.requests.get if method == "GET" else self.requests.post
        request = (
            send(address, data or {}) if not extra else self.requests.generic(method, address, data, **extra)
        )
        request._dont_enforce_csrf_checks = True
        return self.handler.get_response(request)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Caller]:
    return {somebody.key: Caller(somebody) for somebody in world.somebodies}


def asked(
    caller: Caller, method: str, address: str, data: Any = None, **extra: Any
) -> tuple[HttpResponseBase, str, bool]:
    """One request, undone afterwards; all the text in its answer, and whether anything was done."""
    with transaction.atomic():
        before = acts()
        response = caller.ask(method, address, data, **extra)
        text, is_done = text_of(response), acts() != before
        transaction.set_rollback(True)
    # As the test client does: the end of a request would close the connection under our transaction.
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    return response, text, is_done


def acts() -> int:
    """How many acts were written down: whatever is done leaves one. Asked twice for each request, so in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(sequence) FROM {ChainHead._meta.db_table}")
        return cursor.fetchone()[0] or 0


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"\n".join(book.read(name) for name in book.namelist())
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers} {content.decode('utf-8', 'replace')}"


def is_refused(response: HttpResponseBase, somebody: Somebody, *, sees: bool) -> bool:
    """A visitor is asked to sign in or told nothing; somebody else gets 403, or 404 where they may not even know."""
    if somebody.person is None:
        return response.status_code in (403, 404) or _to_sign_in(response)
    return response.status_code in ((403, 404) if sees else (404,))


def _to_sign_in(response: HttpResponseBase) -> bool:
    return response.status_code == 302 and SIGN_IN in str(response.headers.get("Location", ""))


def let_in(response: HttpResponseBase, row: Row, method: str) -> bool:
    if row.away and response.status_code == 503:
        return True
    if method == "POST" or row.moves_on:
        return (
            response.status_code < 500
            and response.status_code not in (403, 404)
            and not _to_sign_in(response)
        )
    return response.status_code == 200


def faults(name: str, row: Row, world: World, clients: dict[str, Caller]) -> Iterator[str]:
    things = list(row.about(world))
    for number, thing in enumerate(things):
        address = reverse(name, args=row.args(thing))
        for place, somebody in enumerate(world.somebodies):
            if somebody.key in REPEATING and (row.post or thing is not None):
                continue
            # Where many records lie behind an address everybody asks for every other one; the next address turns it round.
            if len(things) > 3 and (number + place + zlib.crc32(name.encode())) % 2:
                continue
            forbidden = world.forbidden_to(somebody)
            may, sees = row.who(somebody, thing), row.sees(somebody, thing)
            tries = [("POST", address)] if row.post else [("GET", address)]
            if may:
                tries += [("GET", address + query) for query in row.also]
            if row.post and somebody.key in PRESSING:
                tries.append(("GET", address))
            elif not row.post and not may and somebody.key in PRESSING:
                tries.append(("POST", address))
            for method, asked_for in tries:
                response, text, is_done = asked(clients[somebody.key], method, asked_for, row.data)
                said = f"{somebody} {method} {asked_for} → {response.status_code}"
                leaked = set(CANARY.findall(text)) & forbidden
                if leaked:
                    yield f"{said}: shows {sorted(leaked)} to somebody who may not read it"
                if is_done and not may:
                    yield f"{said}: did something for somebody who may not"
                if row.post and method == "GET":
                    if response.status_code == 200:
                        yield f"{said}: answers a GET although it changes things"
                elif may and not let_in(response, row, method):
                    yield f"{said}: should be let in"
                elif (not may and method == "POST" and response.status_code == 405) or (
                    not may and row.polite and sees and response.status_code == 302
                ):
                    continue
                elif not may and not is_refused(response, somebody, sees=sees):
                    yield f"{said}: should be turned away"


def test_every_address_has_a_line_in_the_table():
    missing = sorted(set(ADDRESSES) - set(TABLE) - OPEN_DOORS - OWN_ACCOUNT - OF_THE_API)

    assert not missing, (
        "次の住所は、だれが開けるかが決まっていません。tests/access_matrix/table.py の TABLE に一行ずつ加えてください:\n"
        + "\n".join(f"{name} ({ADDRESSES[name]})" for name in missing)
    )


def test_the_table_names_no_address_that_is_gone():
    assert sorted((set(TABLE) | OPEN_DOORS | OWN_ACCOUNT) - set(ADDRESSES)) == []


@pytest.mark.parametrize("name", LISTED)
def test_only_those_get_in_who_may(name, world, clients):
    found = list(faults(name, TABLE[name], world, clients))

    assert not found, "\n".join(found)


def test_the_frame_of_every_page_leaks_nothing(world, clients):
    ways = {(item.bar, item.order // 10): reverse(item.url_name, args=item.args) for item in navigation}

    found = []
    with override_settings(TEMPLATES=WHOLE_PAGES), pytest.MonkeyPatch.context() as patch:
        patch.setitem(frame_parts.parts, "contact", CONTACT)
        for way in sorted(set(ways.values())):
            for somebody in world.somebodies:
                _response, text, _is_done = asked(clients[somebody.key], "GET", f"{way}nothing/is/here/")
                assert "site-footer" in text
                leaked = set(CANARY.findall(text)) & world.forbidden_to(somebody)
                found += [f"{somebody} {way}: shows {word}" for word in sorted(leaked)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", DOORS)
def test_doors_of_sign_in_leak_nothing_and_hold(name, world, clients):
    places = {"key": "none", "uidb36": "1", "pk": 1, "organization_slug": "none", "provider_id": "none"}
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", ADDRESSES[name])
    kwargs = {key: places[key] for key in wanted}
    address = reverse(name, kwargs=kwargs) if name != ADDRESSES[name] else f"/{name}"

    found = []
    for somebody in world.somebodies:
        response, text, _is_done = asked(clients[somebody.key], "GET", address)
        if response.status_code >= 500:
            found.append(f"{somebody} {address} → {response.status_code}")
        if name in OWN_ACCOUNT and somebody.person is None and not is_refused(response, somebody, sees=True):
            found.append(f"{somebody} {address} → {response.status_code}: should be asked to sign in")
        leaked = set(CANARY.findall(text)) & world.forbidden_to(somebody)
        found += [f"{somebody} {address}: shows {word}" for word in sorted(leaked)]
    assert not found, "\n".join(found)


# --- The API -----------------------------------------------------------------------------------------------------------


def test_every_operation_of_the_api_has_a_line_in_the_table():
    missing = sorted(set(operations()) - set(OPERATIONS))

    assert not missing, (
        "次の操作は、だれが使えるかが決まっていません。tests/access_matrix/table.py の OPERATIONS に一行ずつ加えてください:\n"
        + "\n".join(missing)
    )
    assert set(OPERATIONS) <= set(operations())


def api_faults(said: str, row: Operation, world: World, clients: dict[str, Caller]) -> Iterator[str]:
    method, path = said.split(" ", 1)
    for thing in row.about(world):
        address = "/api/v1" + (path.replace("{key}", str(thing.pk)) if thing is not None else path)
        address = address.replace("{slug}", getattr(thing, "slug", ""))
        body = row.body(world, thing) if method in ("POST", "PATCH") else None
        for somebody in world.somebodies:
            caller = clients[somebody.key]
            key = (
                {"HTTP_AUTHORIZATION": f"Bearer {caller.secret}", "HTTP_COOKIE": ""} if caller.secret else {}
            )
            sent = json.dumps(body) if body is not None else ""
            response, text, is_done = asked(
                caller, method, address, sent, content_type="application/json", **key
            )
            told = f"{somebody} {method} {address} → {response.status_code}"
            leaked = set(CANARY.findall(text)) & world.forbidden_to(somebody)
            if leaked:
                yield f"{told}: tells {sorted(leaked)} to somebody who may not read it"
            refused = {401, 403, 404} if somebody.person is None else {403, 404}
            if not row.sees(somebody, thing):
                refused = refused - {403}
            is_in = row.who(somebody, thing)
            if is_done and not is_in:
                yield f"{told}: did something for somebody who may not"
            if is_in and (response.status_code in (401, 403, 404, 405) or response.status_code >= 500):
                if response.status_code != 503:
                    yield f"{told}: should be let in"
            elif not is_in and response.status_code not in refused:
                yield f"{told}: should be turned away"


@pytest.mark.parametrize("said", sorted(set(operations()) & set(OPERATIONS)))
def test_the_api_keeps_the_same_rules(said, world, clients):
    found = list(api_faults(said, OPERATIONS[said], world, clients))

    assert not found, "\n".join(found)
