"""Public pages of projects are found by everybody."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.projects.reports.enums import PublicationStatus
from enishi.projects.reports.models import ProjectPublication


def register_source() -> None:
    register(
        SearchSource(
            kind="publication",
            model=ProjectPublication,
            document=publication_text,
            label=_("取組の紹介"),
            related=("project",),
            url=lambda pk: reverse("projects:publication_detail", args=[pk]),
            list_url=lambda: reverse("projects:publication_list"),
            order=40,
        )
    )


def publication_text(page: ProjectPublication) -> SearchText | None:
    if page.status != PublicationStatus.PUBLISHED or page.deleted_at is not None:
        return None
    return SearchText(
        title=page.title,
        body_parts=[(page.lead, 2.0), (page.work, 1.0), (page.outcome, 1.0), (page.trouble, 1.0)],
        updated_at=page.updated_at,
        organization_id=page.project.organization_id,
        visibility="public",
    )
