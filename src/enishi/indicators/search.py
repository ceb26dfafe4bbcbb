"""How indicators are found, and kept findable at once after each change."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.indicators.models import Indicator
from enishi.indicators.signals import indicator_changed, indicators_changed
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register

KIND = "indicator"


def register_sources() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Indicator,
            document=indicator_text,
            label=_("指標"),
            rows=lambda: Indicator.objects.select_related("organization", "section").prefetch_related(
                "definitions", "parties"
            ),
            url=lambda pk: reverse("indicators:indicator_detail", args=[pk]),
            list_url=lambda: reverse("indicators:indicator_list"),
            order=65,
        )
    )
    indicator_changed.connect(_one, dispatch_uid="search-indicator")
    indicators_changed.connect(_many, dispatch_uid="search-indicators")


def indicator_text(indicator: Indicator) -> SearchText | None:
    if indicator.deleted_at is not None:
        return None
    definitions = [each.text for each in indicator.definitions.all()]
    parts = [(text, 1.5) for text in definitions[-1:]] + [(indicator.code, 3.0)]
    if indicator.section is not None:
        parts.append((indicator.section.name, 0.5))
    return SearchText(
        title=indicator.name,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[f"role:{indicator.role}", f"direction:{indicator.direction}"],
        updated_at=indicator.updated_at,
        organization_id=indicator.organization_id,
        section_id=indicator.section_id,
        visibility=indicator.visibility,
        parties=[party.pk for party in indicator.parties.all()],
        is_sunk=indicator.retired_at is not None,
    )


def _one(indicator_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [indicator_id])


def _many(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)
