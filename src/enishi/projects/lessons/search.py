"""How lessons are found."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.projects.lessons.enums import LessonStatus
from enishi.projects.lessons.models import Lesson


def register_source() -> None:
    register(
        SearchSource(
            kind="lesson",
            model=Lesson,
            document=lesson_text,
            label=_("教訓"),
            rows=lambda: Lesson.objects.select_related("organization").prefetch_related(
                "fields__parent", "parties"
            ),
            url=lambda pk: reverse("projects:lesson_detail", args=[pk]),
            list_url=lambda: reverse("projects:lesson_list"),
            order=70,
        )
    )


def lesson_text(lesson: Lesson) -> SearchText | None:
    if lesson.deleted_at is not None:
        return None
    fields = list(lesson.fields.all())
    codes = {field.code for field in fields} | {field.parent.code for field in fields if field.parent}
    return SearchText(
        title=lesson.title,
        body_parts=[(lesson.next_time, 2.0), (lesson.what_happened, 1.0), (lesson.cause, 1.0)],
        tags=[*(f"field:{code}" for code in sorted(codes)), f"occasion:{lesson.occasion}"],
        updated_at=lesson.updated_at,
        organization_id=lesson.organization_id,
        section_id=lesson.section_id,
        visibility=lesson.visibility,
        parties=[party.pk for party in lesson.parties.all()],
        not_yet_shared=lesson.status == LessonStatus.DRAFT,
    )
