"""What goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Organization, OwnedRecord, Section
from enishi.plans.models import Evidence, LogicModel, Reading, Scorer, ScoringRound
from enishi.plans.priorities.enums import RoundState
from enishi.plans.reading.enums import ReadingState

OWNED: tuple[type[OwnedRecord], ...] = (LogicModel, Evidence, ScoringRound, Reading)


def register() -> None:
    handover.register(
        handover.Handover(_("施策の採点(まだ提出していないもの)"), count_scorings, give_scorings)
    )
    handover.register(handover.Handover(_("確認待ちの読み込んだ文書"), count_readings, give_readings))
    handover.register_for_sections(
        handover.SectionHandover(
            _("ロジックモデル・客観的根拠・採点・読み込んだ文書"), count_of_section, give_section
        )
    )


def _open_scorings(person: Person, organization: Organization) -> list[Scorer]:
    rows = Scorer.objects.filter(
        person=person,
        submitted_at__isnull=True,
        round__organization=organization,
        round__state__in=[RoundState.DRAFT, RoundState.OPEN],
        round__deleted_at__isnull=True,
    )
    return list(rows.select_related("round"))


def count_scorings(person: Person, organization: Organization) -> int:
    return len(_open_scorings(person, organization))


def give_scorings(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    """What was begun is thrown away: scores are somebody's own judgement."""
    rows = _open_scorings(giver, organization)
    for row in rows:
        row.scores.all().delete()
        if Scorer.objects.filter(round=row.round, person=taker).exists():
            row.delete()
        else:
            row.person = taker
            row.save(update_fields=["person"])
    trail.record(
        *(
            trail.Act(
                actor, "hand_over", row.round, at, organization_id=organization.pk, note=f"{giver} → {taker}"
            )
            for row in rows
        )
    )
    return len(rows)


def count_readings(person: Person, organization: Organization) -> int:
    return _open_readings(person, organization).count()


def _open_readings(person: Person, organization: Organization) -> QuerySet[Reading, Reading]:
    return Reading.objects.kept().filter(
        created_by=person, organization=organization, state=ReadingState.READ
    )


def give_readings(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    rows = list(_open_readings(giver, organization).defer("text"))
    Reading.objects.filter(pk__in=[row.pk for row in rows]).update(
        created_by=taker, version=F("version") + 1, updated_at=at
    )
    change = {"created_by_id": (giver.pk, taker.pk)}
    trail.record(
        *(
            trail.Act(actor, "hand_over", row, at, organization_id=organization.pk, changes=change)
            for row in rows
        )
    )
    return len(rows)


def count_of_section(section: Section) -> int:
    return sum(kind._default_manager.filter(section=section).count() for kind in OWNED)


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """All of it, what lies in the trash too: it may come back."""
    count = 0
    change = {"section_id": (section.pk, successor.pk)}
    for kind in OWNED:
        rows = list(kind._default_manager.filter(section=section))
        kind._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            section=successor, version=F("version") + 1, updated_at=at
        )
        trail.record(
            *(
                trail.Act(
                    actor, "hand_over", row, at, organization_id=section.organization_id, changes=change
                )
                for row in rows
            )
        )
        count += len(rows)
    return count
