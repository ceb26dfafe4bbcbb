"""Calls, soundings and reviews of a section that closes go to its successor."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.desk.calls.enums import CallStatus
from enishi.desk.calls.models import Call
from enishi.desk.review.enums import ReviewStatus
from enishi.desk.review.models import Review
from enishi.desk.soundings.enums import SoundingStatus
from enishi.desk.soundings.models import Sounding
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Section

_OVER: dict[Any, tuple[str, ...]] = {
    Call: (CallStatus.DECIDED, CallStatus.CANCELLED),
    Sounding: (SoundingStatus.PUBLISHED, SoundingStatus.CANCELLED),
    Review: (ReviewStatus.CLOSED,),
}


def register() -> None:
    for model, label in ((Call, _("提案の募集")), (Sounding, _("サウンディング")), (Review, _("審査"))):
        handover.register_for_sections(handover.SectionHandover(label, _counting(model), _giving(model)))


def _counting(model: Any) -> Any:
    def count(section: Section) -> int:
        return int(model.objects.filter(section=section).exclude(status__in=_OVER[model]).count())

    return count


def _giving(model: Any) -> Any:
    def give(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
        rows = list(model.objects.select_for_update(of=("self",)).filter(section=section))
        for row in rows:
            row.section = successor
            row.save(update_fields=["section"])
        trail.record(
            *(
                trail.Act(
                    actor=actor,
                    action="hand_over",
                    subject=row,
                    at=at,
                    organization_id=row.organization_id,
                    changes={"section_id": (section.pk, successor.pk)},
                )
                for row in rows
            )
        )
        return len(rows)

    return give
