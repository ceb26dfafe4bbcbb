"""What of the plans goes to the next section when one closes (I6), and what a successor must read."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.organizations import handover
from enishi.organizations.models import Section
from enishi.plans import selectors
from enishi.plans.access import node_access
from enishi.plans.models import Plan, PlanNode, StatutoryPlan

MOST_ITEMS = 200


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = gettext_lazy("計画と、計画の枝(政策・施策など)")
    handover.register_for_sections(handover.SectionHandover(label, count_of_section, give_section))
    handover.register_packet_part(
        handover.PacketPart("plans", gettext_lazy("担当する計画の枝"), 45, packet_items)
    )


def count_of_section(section: Section) -> int:
    """Branches count once, whatever versions they stand in."""
    nodes = PlanNode.objects.filter(section=section).aggregate(n=Count("uid", distinct=True))["n"]
    plans = Plan.objects.filter(section=section).count()
    return int(nodes) + plans + StatutoryPlan.objects.filter(section=section).count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """All versions, the approved ones too: who was responsible at approval stays written in them."""
    count = count_of_section(section)
    nodes = list(PlanNode.objects.filter(section=section).select_related("version__plan"))
    PlanNode.objects.filter(section=section).update(section=successor)
    plans = list(Plan.objects.filter(section=section))
    Plan.objects.filter(section=section).update(section=successor, updated_at=at)
    StatutoryPlan.objects.filter(section=section).update(section=successor)
    change = {"section_id": (section.pk, successor.pk)}
    trail.record(
        *(
            trail.Act(actor, "hand_over", row, at, organization_id=section.organization_id, changes=change)
            for row in [*plans, *nodes]
        )
    )
    return count


def packet_items(duties: handover.Duties, actor: Person, today: dt.date) -> Sequence[handover.PacketItem]:
    """Branches in force that the sections lead."""
    versions = selectors.current_versions([duties.organization.pk], today)
    rows = (
        node_access.visible(actor)
        .filter(version_id__in=versions, section_id__in=duties.section_ids)
        .select_related("version__plan", "level")
        .annotate(programmes=Count("placements"))
        .order_by("version__plan__start_fy", "path")
    )
    return [
        handover.PacketItem(
            title=str(node),
            url=node.get_absolute_url(),
            state=node.level.label,
            note=_("%(plan)s、事務事業%(count)d件")
            % {"plan": node.version.plan.name, "count": node.programmes},
            is_open=node.version.plan.end_fy >= today.year - (today.month < 4),
        )
        for node in rows[:MOST_ITEMS]
    ]
