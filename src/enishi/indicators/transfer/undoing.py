"""What an import of indicators changed, kept beside the run, and the way back: all of it, or nothing with the reason."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.indicators.enums import ValueState
from enishi.indicators.errors import RefusedError
from enishi.indicators.models import Acquisition, AcquisitionRun, Baseline, Indicator, Measurement, Target
from enishi.indicators.services import delete_indicator, edit_indicator, set_acquisition
from enishi.indicators.services.indicators import ACQUISITION_WRITABLE
from enishi.indicators.services.targets import take_back


@dataclass
class Made:
    """What one import did, by key; ``versions`` tell later whether somebody went on with an indicator since."""

    created: list[int] = field(default_factory=list)
    edited: dict[int, dict[str, str | None]] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    baselines: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    acquisitions: dict[int, dict[str, str | None] | None] = field(default_factory=dict)

    def edit(self, indicator: Indicator, names: Iterable[str]) -> None:
        """Keep what stood before."""
        self.edited[indicator.pk] = _written(indicator, names)

    def acquire(self, indicator: Indicator) -> None:
        row = Acquisition.objects.filter(indicator=indicator).first()
        self.acquisitions[indicator.pk] = _written(row, ACQUISITION_WRITABLE) if row else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _written(row: Any, names: Iterable[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        column = row._meta.get_field(name)
        found[name] = None if getattr(row, column.attname) is None else column.value_to_string(row)
    return found


def _read(model: Any, written: Mapping[str, str | None]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in written.items():
        column = model._meta.get_field(name)
        if text is None:
            values[name] = None
        elif column.is_relation:
            values[name] = column.related_model._default_manager.filter(pk=text).first()
        else:
            values[name] = column.to_python(text)
    return values


def undo_indicators(run: AcquisitionRun, *, actor: Person, at: dt.datetime) -> int:
    """Throw away what was new, and put back what was there; refused as a whole where somebody went on since."""
    made = run.outcome.get("made")
    if made is None:
        raise RefusedError(
            _("この取り込みは記録が足りないため、まとめて取り消せません。指標ごとに直してください。")
        )
    created = [int(key) for key in made["created"]]
    rows = {row.pk: row for row in Indicator.objects.filter(pk__in=[int(key) for key in made["versions"]])}
    for key, version in made["versions"].items():
        _refuse_if_touched(rows.get(int(key)), int(version))
    _refuse_if_valued(created)
    goals: list[Baseline | Target] = [
        *Baseline.objects.filter(pk__in=made["baselines"]).select_related("indicator"),
        *Target.objects.filter(pk__in=made["targets"]).select_related("indicator"),
    ]
    take_back(
        rows=[row for row in goals if row.indicator_id not in created],
        reason=_("「%(file)s」の取り込みの取り消し") % {"file": run.file_name},
        actor=actor,
        at=at,
    )
    for key, written in made["acquisitions"].items():
        if written is not None and int(key) not in created:
            values = {name: value for name, value in _read(Acquisition, written).items() if value is not None}
            set_acquisition(owner=rows[int(key)], values=values, actor=actor, at=at)
        elif int(key) not in created:
            Acquisition.objects.filter(indicator_id=int(key)).delete()
    for key, written in made["edited"].items():
        edit_indicator(
            indicator_id=int(key), values=_read(Indicator, written), version=None, actor=actor, at=at
        )
    for key in created:
        delete_indicator(indicator_id=key, actor=actor, at=at)
    return len(rows)


def _refuse_if_touched(row: Indicator | None, version: int) -> None:
    if row is None or row.deleted_at is not None or row.version != version:
        raise RefusedError(
            _(
                "取り込みのあとで指標「%(indicator)s」が書き直されているため、まとめて取り消せません。指標ごとに直してください。"
            )
            % {"indicator": row.name if row else "?"}
        )


def _refuse_if_valued(created: list[int]) -> None:
    valued = (
        Measurement.objects.filter(indicator_id__in=created)
        .exclude(state__in=[ValueState.DRAFT])
        .select_related("indicator")
        .first()
    )
    if valued is not None and valued.indicator is not None:
        raise RefusedError(
            _(
                "取り込みのあとで指標「%(indicator)s」に値が入っているため、まとめて取り消せません。先にその値を取り下げるか、指標ごとに直してください。"
            )
            % {"indicator": valued.indicator.name}
        )
