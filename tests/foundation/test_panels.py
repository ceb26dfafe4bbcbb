import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory

from enishi.foundation import panels

NOON = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
VISITOR = AnonymousUser()


@pytest.fixture
def registries(monkeypatch) -> None:
    monkeypatch.setattr(panels, "home", panels.Registry())
    monkeypatch.setattr(panels, "records", panels.Registry())


@pytest.mark.usefixtures("registries")
def test_a_panel_with_nothing_to_say_is_left_out() -> None:
    panels.home.register(panels.HomePanel("b.html", 20, lambda actor, at: {"n": 1}, "matches"))
    panels.home.register(panels.HomePanel("a.html", 10, lambda actor, at: {"n": 2}, "late"))
    panels.home.register(panels.HomePanel("none.html", 5, lambda actor, at: None, "late"))
    panels.home.register(
        panels.HomePanel("hidden.html", 1, lambda actor, at: {}, "late", shown=lambda actor: False)
    )

    shown = panels.home_panels(VISITOR, NOON)

    assert [(panel.template, panel.group) for panel in shown] == [("a.html", "late"), ("b.html", "matches")]


@pytest.mark.usefixtures("registries")
def test_a_later_room_adds_to_an_earlier_rooms_record() -> None:
    panels.records.register(
        panels.RecordPanel(
            "exchange.challenge", "enishi/forms/_required.html", 10, lambda actor, record: {"field": record}
        )
    )
    record = {"field": {"required": True}}
    template = engines["django"].from_string('{% record_panels "exchange.challenge" record %}')

    html = template.render({"record": record}, RequestFactory().get("/"))

    assert "必須" in html
    assert panels.record_panels("exchange.resource", VISITOR, record) == []


def test_what_is_due_comes_first() -> None:
    items = [
        panels.Todo("いつでも", "/1"),
        panels.Todo("あす", "/2", dt.date(2026, 11, 23)),
        panels.Todo("きょう", "/3", dt.date(2026, 11, 22)),
    ]

    assert [item.title for item in panels.due_first(items)] == ["きょう", "あす", "いつでも"]
