"""Values of many indicators on one page: all are written, or none."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.forms import clean_text
from enishi.indicators.enums import AcquisitionMethod, RunKind
from enishi.indicators.errors import RefusedError
from enishi.indicators.models import AcquisitionRun, Indicator
from enishi.indicators.services.values import Entry, record_values


class GridRefusedError(Exception):
    """Some rows cannot be stored; ``faults`` has the sentences by indicator."""

    def __init__(self, faults: dict[int, list[str]]) -> None:
        super().__init__(str(faults))
        self.faults = faults


@transaction.atomic
def record_grid(
    *, rows: Sequence[tuple[Indicator, Entry]], source: str, submit: bool, actor: Person, at: dt.datetime
) -> int:
    """Write the rows that were filled in, in one run. Raises ``GridRefusedError`` and writes nothing if one is refused."""
    if not rows:
        raise RefusedError(
            _("値が一つも入っていません。入れる指標の行に、値か「値がない理由」を書いてください。")
        )
    source = clean_text(source).strip()[:300]
    if not source:
        raise RefusedError(
            _("出所を書いてください。どの資料のどこから取った値か、あとから確かめられるようにします。")
        )
    run = AcquisitionRun.objects.create(
        organization_id=rows[0][0].organization_id,
        kind=RunKind.ENTRY,
        method=AcquisitionMethod.MANUAL,
        source=source,
        person=actor,
        at=at,
    )
    faults: dict[int, list[str]] = {}
    for indicator, entry in rows:
        try:
            with transaction.atomic():
                record_values(
                    owner=indicator,
                    entries=[entry],
                    source=source,
                    submit=submit,
                    actor=actor,
                    at=at,
                    run=run,
                )
        except ValidationError as refused:
            faults[indicator.pk] = [str(each) for each in refused.messages]
        except RefusedError as refused:
            faults[indicator.pk] = [refused.sentence]
        except PermissionDenied:
            faults[indicator.pk] = [_("この指標に値を入れられるのは、担当課の人・管理職・企画の人です。")]
    if faults:
        raise GridRefusedError(faults)
    return len(rows)
