"""Receipt numbers: one after the other, per municipality and fiscal year, whoever comes at the same moment."""

import datetime as dt

from django.db.models import F
from django.utils import timezone

from enishi.desk.models import DeskSettings, ReceiptCounter
from enishi.foundation.fiscal_year import FiscalYear


def next_number(organization_id: int, at: dt.datetime) -> str:
    """令和8年度-0001, or 2026-0001. To be called inside a transaction: a receipt that fails gives its number back."""
    year = FiscalYear.of(timezone.localdate(at))
    counter, _made = ReceiptCounter.objects.get_or_create(
        organization_id=organization_id, fiscal_year=year.year, defaults={"last": 0}
    )
    # The update holds the row until the transaction ends: the next one waits here.
    ReceiptCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    counter.refresh_from_db(fields=["last"])
    in_era = DeskSettings.objects.filter(organization_id=organization_id).values_list(
        "number_in_era", flat=True
    )
    wants_era = True if (chosen := in_era.first()) is None else chosen
    return f"{year if wants_era else year.year}-{counter.last:04d}"
