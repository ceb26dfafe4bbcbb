"""How programmes are found, and kept findable at once after each change."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.budgets.models import Programme
from enishi.budgets.signals import programme_changed, programmes_changed
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register

KIND = "programme"


def register_sources() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Programme,
            document=programme_text,
            label=_("事務事業"),
            rows=lambda: Programme.objects.select_related("organization", "section").prefetch_related(
                "parties"
            ),
            url=lambda pk: reverse("budgets:programme_detail", args=[pk]),
            list_url=lambda: reverse("budgets:programme_list"),
            order=70,
        )
    )
    programme_changed.connect(_one, dispatch_uid="search-programme")
    programmes_changed.connect(_many, dispatch_uid="search-programmes")


def programme_text(programme: Programme) -> SearchText | None:
    if programme.deleted_at is not None:
        return None
    section = programme.section.name if programme.section else ""
    parts = [(programme.uid, 3.0), (programme.summary, 2.0), (programme.legal_basis, 1.0), (section, 0.5)]
    return SearchText(
        title=programme.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[f"kind:{programme.legal_kind}"],
        updated_at=programme.updated_at,
        organization_id=programme.organization_id,
        section_id=programme.section_id,
        visibility=programme.visibility,
        parties=[party.pk for party in programme.parties.all()],
        is_sunk=programme.merged_into_id is not None,
    )


def _one(programme_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [programme_id])


def _many(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)
