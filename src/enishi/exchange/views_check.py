"""The last look before publishing: what is missing, and what could be better."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enishi.exchange.asking import signed_in, today, writable_record
from enishi.exchange.completeness import missing_for_publication
from enishi.exchange.kinds import Kind
from enishi.exchange.models import Challenge
from enishi.exchange.views_steps import shown_steps
from enishi.exchange.writing import advice


@signed_in
@require_safe
def record_check(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """What is missing, what could be better, and the button that publishes."""
    record = writable_record(request, kind, pk)
    missing = missing_for_publication(record)
    named, vague = advice(_texts(record))
    context = {
        "kind": kind,
        "record": record,
        "missing": [(one, kind.url("step", pk, one.step)) for one in missing],
        "solutions": [(name, _label(name), found) for name, found in named],
        "vague": [(_label(name), found) for name, found in vague],
        "steps": shown_steps(kind, record, None),
        "list_url": kind.url("list"),
        "publish_url": kind.url("publish", pk),
        "share_url": kind.url("step", pk, "share"),
        "files_url": kind.url("files", pk),
        "today": today(),
    }
    return render(request, "exchange/record_check.html", context)


def _texts(record: Any) -> list[tuple[str, str]]:
    if not isinstance(record, Challenge):
        return []
    return [(name, getattr(record, name)) for name in ("title", "present_state", "desired_state")]


def _label(name: str) -> str:
    column: Any = Challenge._meta.get_field(name)
    return str(column.verbose_name)
