"""What a cell says: a value, or a sentence on why it says none. How it was understood is told where it was loose."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import normalize

from django.core.exceptions import ValidationError

from enishi.exchange.models import Field
from enishi.exchange.transfer.columns import Column, folded
from enishi.exchange.transfer.words import Chosen, UnknownWords
from enishi.foundation import loose_days
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import read_date, read_yen, shortened
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import joined
from enishi.foundation.wareki import UnreadableDateError
from enishi.organizations.codes import completed_government_code
from enishi.organizations.enums import OrganizationKind
from enishi.organizations.models import Organization, Section

NATIONWIDE = {"全国", "日本全国", "全国対応", "全国どこでも"}
NO_VALUE = frozenset({"未定", "なし", "無し", "無", "随時", "通年", "期限なし", "-", "ー", "―", "—", "調整中", "検討中",
                      "協議中", "別途", "毎年", "毎年度", "毎月", "常時", "該当なし", "不明", "同左"})  # fmt: skip
"""What people write where there is no day or amount; it means the same as an empty cell."""

_BARE_NUMBER = re.compile(r"[△▲-]?[\d,]+(?:\.\d+)?")
_SERIAL = re.compile(r"[2-7]\d{4}")
_FIRST_SERIAL = dt.date(1899, 12, 30)
_ABOUT = re.compile(
    r"^(?:約|およそ|概ね|おおむね|最大|上限)\s*|\s*(?:程度|前後|以内|以下|まで|見込み?|\([^()]*\))$"
)
_WHOLE = re.compile(r"(?:の?(?:全域|全体|一円|全地域)|内)+$")
_OWN_TOWN = frozenset(
    {"市", "町", "村", "区", "全市", "全町", "全村", "全区", "市域", "町域", "村域", "区域", "全域", "管内"}
)
_OWN_PREFECTURE = frozenset({"県", "都", "府", "道", "全県", "県域"})
_NAME_OF_A_BODY = re.compile(r"[都道府県市]$")


class UnknownWordError(ValidationError):
    """A word that is not ours; a person can say what it stands for."""


class CellReader:
    """Reads cells, with what the database knows looked up once for the whole sheet.

    ``remarks`` gathers how loose writing was understood; whoever reads a row takes them away after each cell.
    """

    def __init__(
        self, kind: str, organization: Organization, on: dt.date, units: Mapping[str, str], chosen: Chosen
    ) -> None:
        self.kind = kind
        self.units = units
        self.organization = organization
        self.chosen = chosen
        self.unknown = UnknownWords()
        self.remarks: list[str] = []
        self.names: dict[tuple[str, int], str] = {}
        self.sections = self._named("section", Section.objects.filter(organization=organization).open_on(on))
        self.fields = self._named("fields", Field.objects.filter(is_active=True))
        self.areas, self.codes, self.own_prefecture = self._areas()

    def _named(self, reader: str, rows: Iterable[Any]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            self.names[reader, row.pk] = row.name
            found[folded(row.name)].append(row.pk)
            if row.code:
                found[folded(row.code)].append(row.pk)
        return found

    def _areas(self) -> tuple[dict[str, list[int]], dict[str, int], int | None]:
        bodies = list(
            Organization.objects.public_bodies().values_list("pk", "name", "code", "kind", "prefecture_code")
        )
        prefectures = {row[4]: row for row in bodies if row[3] == OrganizationKind.PREFECTURE}
        names: dict[str, list[int]] = defaultdict(list)
        for pk, name, _code, kind, prefecture in bodies:
            names[folded(name)].append(pk)
            if kind == OrganizationKind.MUNICIPALITY and prefecture in prefectures:
                names[folded(prefectures[prefecture][1] + name)].append(pk)
        own = prefectures.get(self.organization.prefecture_code)
        codes = {code: pk for pk, _name, code, _kind, _prefecture in bodies if code}
        return names, codes, own[0] if own else None

    def with_unit(self, heading: str, written: str) -> str:
        """A bare number under 予算額(千円) is that many 千円; an amount that names its unit stays."""
        unit = self.units.get(heading, "")
        plain = normalize("NFKC", written)
        number = _without_about(plain)
        return plain.replace(number, number + unit, 1) if unit and _BARE_NUMBER.fullmatch(number) else written

    def read(self, column: Column, written: str, values: dict[str, Any]) -> None:
        """Put what is written into ``values``. An empty cell empties a text and is silent about the rest."""
        if column.reader in ("text", "key"):
            values[column.value] = written
        elif not written:
            if column.reader in ("day", "yen", "degrees", "section"):
                values[column.value] = None
        elif column.reader == "areas":
            self._read_areas(written, values)
        else:
            value = self._value(column, written)
            if value is not None or column.reader != "choice":
                values[column.value] = value

    def _value(self, column: Column, written: str) -> Any:
        match column.reader:
            case "day":
                return None if self._is_none(written) else self._day(column, written)
            case "yen":
                return None if self._is_none(written) else self._yen(written)
            case "choice" | "section":
                return self._word(column, written)
            case "choices" | "fields":
                found = self._words(column, parts_of(written))
                return list(dict.fromkeys(each for each in found if each is not None))
            case "degrees":
                return _degrees(written)
        raise LookupError(column.reader)

    def _is_none(self, written: str) -> bool:
        plain = re.sub(r"\([^()]*\)$", "", normalize("NFKC", written)).strip()
        if plain not in NO_VALUE:
            return False
        self.remarks.append(_("値がないものとして、空けておきます。"))
        return True

    def _day(self, column: Column, written: str) -> dt.date:
        plain = normalize("NFKC", written).strip()
        if _SERIAL.fullmatch(plain):
            day = _FIRST_SERIAL + dt.timedelta(days=int(plain))
            self.remarks.append(_("Excelの日付の番号とみて、%(day)sと読みます。") % {"day": _in_words(day)})
            return day
        try:
            span = loose_days.read(written)
        except UnreadableDateError:
            return read_date(written)
        day = span.first if column.value.endswith("_from") else span.last
        if not span.is_exact:
            self.remarks.append(_("%(day)sと読みます。") % {"day": _in_words(day)})
        return day

    def _yen(self, written: str) -> int:
        try:
            return read_yen(written)
        except ValidationError:
            amount = read_yen(_without_about(normalize("NFKC", written)))
        self.remarks.append(_("%(amount)s円と読みます。") % {"amount": f"{amount:,}"})
        return amount

    def _word(self, column: Column, written: str) -> Any:
        """One of our words, or what a person chose for theirs; ``None`` when they chose to leave it out."""
        try:
            return self._known(column, written)
        except ValidationError as error:
            self.unknown.add(column, written)
            chosen = self.chosen.get(column.value, {}).get(folded(written))
            if chosen is None:
                raise UnknownWordError(error.error_list) from error
        if not chosen:
            self.remarks.append(_("空けておきます。"))
            return None
        is_ours = column.reader in ("choice", "choices")
        name = column.choices(chosen).label if is_ours else self.names.get((column.reader, int(chosen)), "")
        self.remarks.append(_("「%(name)s」と読みます。") % {"name": name})
        return chosen if is_ours else int(chosen)

    def _known(self, column: Column, written: str) -> str | int:
        if column.reader == "section":
            return one_of(self.sections, written, _("担当課"))
        if column.reader == "fields":
            return one_of(self.fields, written, _("分野"))
        return _choice(column, written)

    def _words(self, column: Column, parts: Iterable[str]) -> list[Any]:
        """All words of a cell; every unknown one is asked about, not only the first."""
        found: list[Any] = []
        refusals: list[ValidationError] = []
        for part in parts:
            try:
                found.append(self._word(column, part))
            except UnknownWordError as error:
                refusals += error.error_list
        if refusals:
            raise UnknownWordError(refusals)
        return found

    def _read_areas(self, written: str, values: dict[str, Any]) -> None:
        parts = parts_of(written)
        nationwide = any(part in NATIONWIDE for part in parts)
        if self.kind == "resource":
            values["is_nationwide"] = nationwide
        areas = [self._area(part) for part in parts if part not in NATIONWIDE]
        values["area_ids"] = list(dict.fromkeys(areas))

    def _area(self, part: str) -> int:
        code = completed_government_code(part) if part.isascii() and part.isdigit() else None
        if code is not None and code in self.codes:
            return self.codes[code]
        if folded(part) in self.areas:
            return one_of(self.areas, part, _("市区町村・都道府県"))
        whole = _WHOLE.sub("", normalize("NFKC", part))
        if folded(whole) in self.areas:
            return one_of(self.areas, whole, _("市区町村・都道府県"))
        return self._place_of_ours(part, whole)

    def _place_of_ours(self, part: str, whole: str) -> int:
        """市内全域 and 北部地区 in the file of a town lie in that town; a name that ends in 市 does not."""
        if self.organization.kind in (OrganizationKind.MUNICIPALITY, OrganizationKind.PREFECTURE):
            if (whole in _OWN_PREFECTURE or part in _OWN_PREFECTURE) and self.own_prefecture is not None:
                return self.own_prefecture
            if whole in _OWN_TOWN or part in _OWN_TOWN:
                return self.organization.pk
            if not _NAME_OF_A_BODY.search(whole):
                self.remarks.append(
                    _("%(town)sの中の場所とみて、対象の地域を%(town)sにします。")
                    % {"town": self.organization.name}
                )
                return self.organization.pk
        return one_of(self.areas, part, _("市区町村・都道府県"))


def _without_about(plain: str) -> str:
    """1,200 of 約1,200程度."""
    return _ABOUT.sub("", _ABOUT.sub("", plain.strip()))


def _in_words(day: dt.date) -> str:
    return day_in_words(day, weekday=False)


def parts_of(written: str) -> list[str]:
    """A cell that lists several: by semicolon, comma, 、, line break or slash."""
    for mark in ("；", "、", "，", ",", "\n", "／", "/"):
        written = written.replace(mark, ";")
    return [part.strip() for part in written.split(";") if part.strip()]


def _choice(column: Column, written: str) -> str:
    for choice in column.choices:
        label = str(choice.label)
        if folded(written) in {folded(label), folded(choice.value), folded(label.split("(")[0])}:
            return str(choice.value)
    known = joined("」「", (choice.label for choice in column.choices))
    raise ValidationError(_("「%(known)s」のどれかで書いてください。") % {"known": known})


def one_of(known: Mapping[str, list[int]], written: str, what: str) -> int:
    """The one row with the name that is written, or a ``ValidationError`` that says there is none, or several."""
    found = sorted(set(known.get(folded(written), [])))
    if len(found) == 1:
        return found[0]
    if found:
        sentence = _(
            "「%(written)s」という%(what)sが%(count)dつあります。都道府県名を前に付けるか、コードで書いてください。"
        )
    else:
        sentence = _("「%(written)s」という%(what)sは登録されていません。名前を確かめてください。")
    raise ValidationError(sentence % {"written": shortened(written), "what": what, "count": len(found)})


def _degrees(written: str) -> float:
    try:
        return float(written)
    except ValueError as error:
        raise ValidationError(_("緯度・経度は 35.123456 のような数で書いてください。")) from error
