"""Places and organisations as people write them: names with commas between, and back."""

import re
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from enishi.foundation.forms import clean_text, shortened
from enishi.language.normalising import normalise
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization

PLACES = (OrganizationKind.MUNICIPALITY.value, OrganizationKind.PREFECTURE.value)
MOST_NAMES = 200
_BETWEEN = re.compile(r"[、,,・;\n\t]+")


def read_places(text: str) -> list[int]:
    """The municipalities and prefectures a text names."""
    return _read(text, only_places=True)


def read_organizations(text: str) -> list[int]:
    """The organisations of any kind a text names."""
    return _read(text, only_places=False)


def _read(text: str, *, only_places: bool) -> list[int]:
    names = [name.strip() for name in _BETWEEN.split(clean_text(text, lines=True)) if name.strip()]
    if not only_places:
        # A firm's name may hold a middle dot.
        names = [
            name.strip() for name in re.split(r"[、,,;\n\t]+", clean_text(text, lines=True)) if name.strip()
        ]
    names = list(dict.fromkeys(names))
    if len(names) > MOST_NAMES:
        raise ValidationError(_("一度に書けるのは%(limit)dか所までです。") % {"limit": MOST_NAMES})
    found = _by_name(names, only_places=only_places)
    faults = [sentence for name in names if (sentence := _fault(name, found[name], only_places=only_places))]
    if faults:
        raise ValidationError(faults)
    return [found[name][0] for name in names]


def _by_name(names: Sequence[str], *, only_places: bool) -> dict[str, list[int]]:
    """For each name the organisations it may mean: two questions for all names."""
    prefectures = dict(
        Organization.objects.filter(kind=OrganizationKind.PREFECTURE).values_list("name", "prefecture_code")
    )
    split = {name: _without_prefecture(normalise(name), prefectures) for name in names}
    rows = Organization.objects.active().filter(
        Q(name__in={short for short, _code in split.values()}) | Q(name__in=[*names, *map(normalise, names)])
    )
    if only_places:
        rows = rows.filter(kind__in=PLACES)
    known = list(rows.values_list("pk", "name", "prefecture_code"))
    return {name: _meant(name, *split[name], known) for name in names}


def _without_prefecture(name: str, prefectures: dict[str, str]) -> tuple[str, str]:
    for prefecture, code in prefectures.items():
        if name.startswith(prefecture) and len(name) > len(prefecture):
            return name[len(prefecture) :].strip(), code
    return name, ""


def _meant(name: str, short: str, code: str, known: Iterable[tuple[int, str, str]]) -> list[int]:
    exact = [pk for pk, known_name, _code in known if known_name in {name, normalise(name)}]
    if exact:
        return exact
    return [pk for pk, known_name, prefecture in known if known_name == short and code in {"", prefecture}]


def _fault(name: str, meant: Sequence[int], *, only_places: bool) -> str:
    if len(meant) == 1:
        return ""
    if meant:
        return _(
            "「%(name)s」は%(count)dか所あります。「東京都府中市」のように都道府県から書いてください。"
        ) % {
            "name": shortened(name),
            "count": len(meant),
        }
    if only_places:
        return _(
            "「%(name)s」は見つかりません。市区町村か都道府県の名前を、「市」「町」まで書いてください。"
        ) % {"name": shortened(name)}
    return _("「%(name)s」は登録されていません。団体の正式な名前を書いてください。") % {
        "name": shortened(name)
    }


def in_words(keys: Iterable[int]) -> str:
    """「あおば市、東京都府中市」: names that ``read_places`` reads back."""
    rows = list(Organization.objects.filter(pk__in=list(keys)).order_by("code", "pk"))
    twice = set(
        Organization.objects.filter(name__in={row.name for row in rows})
        .values("name")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values_list("name", flat=True)
    )
    prefectures: dict[str, str] = {}
    if twice:
        prefectures = dict(
            Organization.objects.filter(kind=OrganizationKind.PREFECTURE).values_list(
                "prefecture_code", "name"
            )
        )
    return "、".join(
        f"{prefectures.get(row.prefecture_code, '')}{row.name}" if row.name in twice else row.name
        for row in rows
    )
