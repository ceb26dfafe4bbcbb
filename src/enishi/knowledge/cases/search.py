"""How cases are found."""

import zlib

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.models import Case
from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.language.normalising import normalise

KIND = "case"


def register_source() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Case,
            document=case_text,
            related=("organization", "parties"),
            label=_("事例"),
            url=lambda pk: reverse("cases:case_detail", args=[pk]),
            list_url=lambda: reverse("cases:case_list"),
            order=40,
        )
    )


def case_text(case: Case) -> SearchText | None:
    """A case as the index keeps it; nothing once it was thrown away."""
    if case.deleted_at is not None:
        return None
    body = (
        case.action,
        case.result,
        case.cause,
        case.lesson,
        case.transfer,
        case.place,
        case.partner,
        case.organization.name,
        "・".join([*case.fields, *case.themes]),
    )
    return SearchText(
        title=case.title,
        organization_id=case.organization_id,
        section_id=case.section_id,
        visibility=case.visibility,
        parties=[party.pk for party in case.parties.all()],
        updated_at=case.updated_at,
        body_parts=[(case.situation, 2.0), *((text, 1.0) for text in body if text)],
        excerpt=case.situation,
        tags=tags_of(case),
    )


def tags_of(case: Case) -> list[str]:
    return [
        f"outcome:{case.outcome}",
        f"verified:{case.verification}",
        *(tag_of_field(name) for name in case.fields),
        *([f"pref:{case.prefecture_code}"] if case.prefecture_code else []),
    ]


def tag_of_field(name: str) -> str:
    """A field as a tag of the index, which knows no Japanese letters."""
    return f"casefield:{zlib.crc32(normalise(name).encode()):08x}"
