"""How agreements are found, and kept findable at once after each change."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.agreements.enums import NOT_YET_SHARED, VersionState
from enishi.agreements.knowledge import knowledge as schemes
from enishi.agreements.models import Agreement, Version
from enishi.agreements.signals import agreement_changed
from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register

KIND = "agreement"


def register_sources() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Agreement,
            document=agreement_text,
            label=_("協定"),
            rows=lambda: Agreement.objects.select_related("organization").prefetch_related(
                "fields__parent",
                "parties",
                models.Prefetch(
                    "versions",
                    Version.objects.filter(state=VersionState.IN_FORCE),
                    to_attr="in_force_versions",
                ),
            ),
            url=lambda pk: reverse("agreements:agreement_detail", args=[pk]),
            list_url=lambda: reverse("agreements:agreement_list"),
            order=45,
        )
    )
    agreement_changed.connect(_one, dispatch_uid="search-agreement")


def agreement_text(agreement: Any) -> SearchText | None:
    """What everybody who reads the agreement's page reads: no obligations, risks, incidents or disputes."""
    if agreement.deleted_at is not None:
        return None
    fields = list(agreement.fields.all())
    codes = {field.code for field in fields} | {field.parent.code for field in fields if field.parent}
    scheme = schemes().schemes.get(agreement.scheme)
    parts = [
        (agreement.counterparts, 3.0),
        (agreement.number, 2.0),
        (agreement.purpose, 2.0),
        (scheme.name if scheme else "", 1.0),
        (str(agreement.get_kind_display()), 1.0),
        *((version.contents, 1.0) for version in agreement.in_force_versions),
    ]
    return SearchText(
        title=agreement.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[*(f"field:{code}" for code in sorted(codes)), f"status:{agreement.status}"],
        updated_at=agreement.updated_at,
        organization_id=agreement.organization_id,
        section_id=agreement.section_id,
        visibility=agreement.visibility,
        parties=[party.pk for party in agreement.parties.all()],
        not_yet_shared=agreement.status in set(NOT_YET_SHARED),
    )


def _one(agreement_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [agreement_id])
