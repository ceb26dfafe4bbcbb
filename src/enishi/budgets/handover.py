"""What of the programmes goes to the next section when one closes, and what stands in a handover packet."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.budgets import selectors
from enishi.budgets.access import programme_access
from enishi.budgets.models import Programme
from enishi.budgets.signals import programmes_changed
from enishi.foundation import trail
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.money import in_thousands
from enishi.organizations import handover
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties, PacketItem
from enishi.organizations.models import Section


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register_for_sections(
        handover.SectionHandover(gettext_lazy("担当する事務事業"), count_of_section, give_section)
    )
    handover.register_packet_part(
        handover.PacketPart("budgets.programmes", gettext_lazy("事務事業と予算"), 75, programmes)
    )


def count_of_section(section: Section) -> int:
    return Programme.objects.kept().filter(section=section).count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section ran; the numbers stay."""
    rows = list(Programme.objects.select_for_update().filter(section=section).order_by("pk"))
    acts = []
    for row in rows:
        row.section, row.version, row.updated_at = successor, row.version + 1, at
        row.save(update_fields=["section", "version", "updated_at"])
        acts.append(
            trail.Act(
                actor,
                "hand_over",
                row,
                at,
                organization_id=row.organization_id,
                changes={"section_id": (section.pk, successor.pk)},
            )
        )
    trail.record(*acts)
    ids = [row.pk for row in rows]
    if ids:
        transaction.on_commit(lambda: programmes_changed.send_robust(Programme, ids=ids))
    return len(ids)


def programmes(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """The sections' programmes of this year with what they have and have spent."""
    year = FiscalYear.of(today).year
    active = Programme.objects.active_in(year).values("pk")
    rows = list(
        programme_access.visible(actor)
        .filter(pk__in=active, organization=duties.organization, section_id__in=duties.section_ids)
        .order_by("uid")
    )
    money = selectors.programme_money([row.pk for row in rows], year)
    return [_item(row, money[row.pk], year) for row in rows]


def _item(row: Programme, money: selectors.Money, year: int) -> PacketItem:
    known = [
        (_("予算現額"), money.current),
        (_("支出"), money.spent),
    ]
    return PacketItem(
        title=str(row),
        url=row.get_absolute_url(),
        state=_("%(year)sまで") % {"year": fiscal_year_in_words(FiscalYear(row.end_fy))}
        if row.end_fy
        else _("継続"),
        due=FiscalYear(row.end_fy).last_day if row.end_fy == year else None,
        next_step=_("この年度で終わる手続きをする") if row.end_fy == year else "",
        note=" ".join(f"{name} {in_thousands(yen)}" for name, yen in known if yen is not None),
        section_id=row.section_id if row.visibility == Visibility.SECTION else None,
    )
