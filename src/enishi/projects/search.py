"""How projects are found, and kept findable at once after each change."""

from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.projects.models import Project, Trial
from enishi.projects.signals import project_changed, projects_changed, trial_decided

KIND = "project"


def register_sources() -> None:
    register(
        SearchSource(
            kind=KIND,
            model=Project,
            document=project_text,
            label=pgettext_lazy("一覧", "事業"),
            rows=lambda: Project.objects.select_related("organization").prefetch_related(
                "fields__parent", "parties", "measures", "trials", "participants__organization"
            ),
            url=lambda pk: reverse("projects:project_detail", args=[pk]),
            list_url=lambda: reverse("projects:project_list"),
            order=50,
        )
    )
    project_changed.connect(_one, dispatch_uid="search-project")
    projects_changed.connect(_many, dispatch_uid="search-projects")
    trial_decided.connect(_trial, dispatch_uid="search-trial")


def project_text(project: Project) -> SearchText | None:
    """What everybody who reads the project's page reads: nothing of its minutes, money, incidents or people."""
    if project.deleted_at is not None:
        return None
    fields = list(project.fields.all())
    codes = {field.code for field in fields} | {field.parent.code for field in fields if field.parent}
    parts = [(project.purpose, 2.0), (project.content, 1.0), (project.status_reason, 1.0)]
    parts += [(measure.title, 1.0) for measure in project.measures.all()]
    for trial in project.trials.all():
        parts += [(trial.hypothesis, 1.0), (trial.result, 1.0), (trial.decision_note, 1.0)]
    parts += [(str(each), 0.5) for each in project.participants.all()]
    return SearchText(
        title=project.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[
            *(f"field:{code}" for code in sorted(codes)),
            f"status:{project.status}",
            *(["trial"] if project.is_trial else []),
        ],
        updated_at=project.updated_at,
        organization_id=project.organization_id,
        section_id=project.section_id,
        visibility=project.visibility,
        parties=[party.pk for party in project.parties.all()],
        not_yet_shared=project.status == "draft",
    )


def _one(project_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [project_id])


def _many(ids: list[int], **_named: Any) -> None:
    knowledge.index(KIND, ids)


def _trial(trial_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [Trial.objects.get(pk=trial_id).project_id])
