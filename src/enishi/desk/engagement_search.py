"""How calls and soundings are found: by what was published; never by questions not yet answered, applicants or minutes."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import Call
from enishi.desk.soundings.enums import SoundingStatus
from enishi.desk.soundings.models import Sounding
from enishi.foundation.trail import Act, acted
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register


def register_sources() -> None:
    register(
        SearchSource(
            "call",
            Call,
            call_text,
            related=("parties", "addenda", "questions"),
            label=_("提案の募集"),
            url=lambda pk: reverse("desk:call_detail", args=[pk]),
            list_url=lambda: reverse("desk:call_list"),
            order=32,
            is_front=True,
        )
    )
    register(
        SearchSource(
            "sounding",
            Sounding,
            sounding_text,
            related=("parties", "paragraphs"),
            label=_("サウンディング"),
            url=lambda pk: reverse("desk:sounding_detail", args=[pk]),
            list_url=lambda: reverse("desk:sounding_list"),
            order=33,
        )
    )
    acted.connect(_follow, dispatch_uid="search-engagements")


def call_text(call: Call) -> SearchText | None:
    if call.deleted_at is not None:
        return None
    answered = [row for row in call.questions.all() if row.answered_at is not None]
    parts = [
        (call.purpose, 2.0),
        (call.asks, 2.0),
        (call.conditions, 1.0),
        *((row.text, 1.0) for row in call.addenda.all()),
        *((f"{row.public_text}\n{row.answer}", 1.0) for row in answered),
    ]
    return _text(call, parts, call.status == CallStatus.DRAFT, call.status != CallStatus.OPEN)


def sounding_text(sounding: Sounding) -> SearchText | None:
    if sounding.deleted_at is not None:
        return None
    is_told = sounding.status == SoundingStatus.PUBLISHED
    told = [(f"{row.heading}\n{row.text}", 1.0) for row in sounding.paragraphs.all()] if is_told else []
    parts = [(sounding.purpose, 2.0), (sounding.topics, 2.0), *told]
    return _text(
        sounding, parts, sounding.status == SoundingStatus.DRAFT, sounding.status != SoundingStatus.OPEN
    )


def _text(row: Any, parts: list[tuple[str, float]], is_draft: bool, is_sunk: bool) -> SearchText:
    return SearchText(
        title=row.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[],
        updated_at=row.updated_at,
        organization_id=row.organization_id,
        section_id=row.section_id,
        visibility=row.visibility,
        parties=[party.pk for party in row.parties.all()],
        not_yet_shared=is_draft,
        is_sunk=is_sunk,
    )


def _follow(sender: Any, acts: tuple[Act, ...], **kwargs: Any) -> None:
    """Whatever was done to a call or a sounding is read anew once it is through."""
    for kind, model in (("call", Call), ("sounding", Sounding)):
        keys = [act.subject.pk for act in acts if isinstance(act.subject, model)]
        if keys:
            transaction.on_commit(lambda kind=kind, keys=keys: knowledge.index(kind, keys), robust=True)  # type: ignore[misc]
