"""What somebody narrows a list to: read from an address, kept with a saved search, said in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.exchange.enums import ChallengeStatus, RecordKind, ResourceKind
from enishi.exchange.models import Field
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization

SEEKING = (ChallengeStatus.OPEN.value, ChallengeStatus.IN_DIALOGUE.value)
MANY = ("field", "kind", "area", "window", "orgkind", "status")
"""Parameters that may be given several times: any of them will do."""

_LONGEST_QUERY = 200
_MOST_VALUES = 30


@dataclass(frozen=True)
class Conditions:
    """What a list is narrowed to. The names are those of the address."""

    record: RecordKind
    q: str = ""
    field: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    orgkind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    fresh: bool = False
    mine: bool = False
    sort: str = ""

    @classmethod
    def read(cls, record: RecordKind, parameters: Mapping[str, Any]) -> "Conditions":
        """From an address or a stored mapping; what cannot be read is left out."""
        many = {name: _several(parameters, name) for name in MANY}
        sorts = {sort for sort, _label in sorts_of(record)}
        sort = _single(parameters, "sort")
        return cls(
            record=record,
            q=_single(parameters, "q")[:_LONGEST_QUERY],
            fresh=bool(_single(parameters, "fresh")) and record == RecordKind.RESOURCE,
            mine=bool(_single(parameters, "mine")),
            sort=sort if sort in sorts else "",
            **many,
        )

    def parameters(self) -> dict[str, Any]:
        """As an address or a saved search holds them."""
        kept: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "record" or not value:
                continue
            kept[one.name] = list(value) if isinstance(value, tuple) else ("1" if value is True else value)
        return kept

    def in_words(self) -> str:
        """「見守り・福祉・高齢者」: the conditions as a person would say them."""
        words = [f"「{self.q}」"] if self.q else []
        words += Field.objects.filter(code__in=self.field).values_list("name", flat=True)
        words += [str(label) for code, label in ResourceKind.choices if code in self.kind]
        words += [label for _code, label in areas_in_words(self.area)]
        words += [str(label) for code, label in OrganizationKind.choices if code in self.orgkind]
        words += [window_label(code) for code in self.window]
        words += [str(label) for code, label in ChallengeStatus.choices if code in self.status]
        words += [_("最近確認されたもの")] if self.fresh else []
        words += [_("自分の団体")] if self.mine else []
        return "・".join(words)[:100] or str(self.record.label)

    def tags(self) -> list[str]:
        """The same as the words of the search index: any of a kind will do."""
        tags = [f"{name}:{value}" for name in MANY for value in getattr(self, name)]
        if self.record == RecordKind.CHALLENGE and not self.status:
            tags += [f"status:{status}" for status in SEEKING]
        if self.record == RecordKind.RESOURCE:
            tags = [tag for tag in tags if not tag.startswith("status:")]
            # Whoever works everywhere works there too.
            tags += ["area:nationwide"] if self.area else []
        return [*tags, "fresh"] if self.fresh else tags

    @property
    def order(self) -> str:
        """``relevance`` or ``recent``: by nearness where there are words to be near to."""
        return self.sort or ("relevance" if self.q else "recent")

    @property
    def is_of_tables(self) -> bool:
        """Whether the answer lies in the tables and not in the index."""
        return self.mine or self.sort == "due"


def sorts_of(record: RecordKind) -> list[tuple[str, str]]:
    sorts = [("recent", _("新しい順")), ("relevance", _("言葉に近い順"))]
    return [*sorts, ("due", _("締切が近い順"))] if record == RecordKind.CHALLENGE else sorts


def area_organizations(areas: Sequence[str]) -> models.QuerySet[Organization]:
    """The places named by tags: ``13`` is a prefecture with all its towns, ``p42`` the organisation 42."""
    prefectures = [area for area in areas if len(area) == 2 and area.isdecimal()]
    return Organization.objects.filter(
        Q(pk__in=_keys(areas))
        | (Q(prefecture_code__in=prefectures) & Q(kind__in=["municipality", "prefecture"]))
    )


def _keys(areas: Sequence[str]) -> list[int]:
    return [int(area[1:]) for area in areas if area[:1] == "p" and area[1:].isdecimal() and len(area) < 12]


def areas_in_words(areas: Sequence[str]) -> list[tuple[str, str]]:
    """The names of the places: tag and label."""
    if not areas:
        return []
    own = Q(pk__in=_keys(areas))
    prefectures = Q(kind="prefecture", prefecture_code__in=[area for area in areas if len(area) == 2])
    named = {}
    rows = Organization.objects.filter(own | prefectures)
    for pk, kind, code, name in rows.values_list("pk", "kind", "prefecture_code", "name"):
        named[f"p{pk}"] = name
        if kind == "prefecture":
            named[code] = name
    return [(area, named[area]) for area in areas if area in named]


def window_label(code: str) -> str:
    if code == "any":
        return _("時期は相談")
    return fiscal_year_in_words(FiscalYear(int(code))) if code.isdecimal() and len(code) == 4 else ""


def _single(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name) or ""
    return clean_text(str(value[0] if isinstance(value, list) and value else value)).strip()


def _several(parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = parameters.getlist(name) if hasattr(parameters, "getlist") else parameters.get(name) or []
    values = [clean_text(str(value))[:40] for value in ([found] if isinstance(found, str) else found)]
    return tuple(dict.fromkeys(value for value in values[:_MOST_VALUES] if value))
