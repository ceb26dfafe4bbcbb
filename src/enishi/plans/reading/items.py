"""What the engine found, as rows; and what a person may write differently."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.plans.reading.enums import ItemKind

MOST_ITEMS = 3_000
_TITLES = {
    ItemKind.INDICATOR: "name",
    ItemKind.EVIDENCE: "claim",
    ItemKind.SOURCE: "quote",
}
EDITABLE: Mapping[ItemKind, tuple[tuple[str, Promise], ...]] = {
    ItemKind.MEASURE: (("title", _("名称")), ("intent", _("目的"))),
    ItemKind.ACTION: (("title", _("名称")), ("measure", _("属する支援策"))),
    ItemKind.CHALLENGE: (("title", _("課題")), ("who", _("だれの課題か")), ("harm", _("放置した場合"))),
    ItemKind.INDICATOR: (
        ("title", _("指標名")),
        ("measure", _("属する支援策")),
        ("level", _("KGI・KSI・KPI")),
        ("target_value", _("目標値")),
        ("unit", _("単位")),
        ("target_year", _("目標の年度(西暦)")),
        ("baseline_value", _("現状値")),
        ("baseline_year", _("現状の年度(西暦)")),
        ("method", _("データの取得方法")),
    ),
    ItemKind.EVIDENCE: (
        ("title", _("主張")),
        ("figure", _("数値")),
        ("source_title", _("出典")),
        ("publisher", _("発行した団体")),
        ("year", _("資料の年(西暦)")),
    ),
    ItemKind.SOURCE: (("title", _("出典")),),
    ItemKind.CASE: (("title", _("事例")), ("place", _("団体"))),
}
LEVELS = ("KGI", "KSI", "KPI")


def items_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All items in the order of the text, each with its place; the engine's own answer stays in ``data``."""
    rows = [
        {
            "kind": kind,
            "start": item["start"],
            "end": item["end"],
            "title": _one_line(str(item.get(_TITLES.get(kind, "title")) or item["quote"]))[:1_000],
            "data": item,
            "unsure": _doubt(kind, item),
        }
        for kind in ItemKind
        for item in found[kind.value]
    ]
    rows.sort(key=lambda row: (row["start"], row["kind"]))
    return rows[:MOST_ITEMS]


def _doubt(kind: ItemKind, item: Mapping[str, Any]) -> str:
    doubt = str(item.get("unsure") or "")
    if not doubt and kind is ItemKind.INDICATOR and item.get("target") and not item["target"].get("due"):
        return ""
    return doubt[:300]


def _one_line(text: str) -> str:
    return "".join(part.strip() for part in text.split("\n"))


def _without_marks(text: str) -> str:
    """Several lines of a list as one text, without the marks of the list."""
    return "".join(part.strip().lstrip("・•○●◦▪■-*▸※ ") for part in text.split("\n"))


def said(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """An item's fields as text: what the form of its kind starts from.

    >>> said("cases", {"quote": "みなと町「乗合」", "title": "みなと町「乗合」", "place": "みなと町"})["place"]
    'みなと町'
    """
    found = {"title": _one_line(str(data.get(_TITLES.get(ItemKind(kind), "title")) or data.get("quote", "")))}
    if kind == ItemKind.INDICATOR:
        return found | _indicator(data)
    if kind == ItemKind.EVIDENCE:
        source = data.get("source") or {}
        return found | {
            "figure": "、".join(data.get("figures") or ()),
            "source_title": source.get("title") or _one_line(source.get("quote") or ""),
            "publisher": source.get("publisher") or "",
            "year": _text(source.get("year")),
            "url": source.get("url") or "",
        }
    if kind == ItemKind.MEASURE:
        return found | {"intent": "\n".join(_one_line(each["quote"]) for each in data.get("purposes") or ())}
    if kind == ItemKind.CHALLENGE:
        harm = data.get("harm") or {}
        return found | {"who": data.get("who") or "", "harm": _without_marks(harm.get("quote") or "")}
    return found | {"measure": data.get("measure") or "", "place": data.get("place") or ""}


def _indicator(data: Mapping[str, Any]) -> dict[str, str]:
    target, present = data.get("target") or {}, data.get("baseline") or {}
    return {
        "measure": data.get("measure") or "",
        "level": data.get("level") or "",
        "target_words": _one_line(target.get("quote") or ""),
        "target_value": _text(target.get("value")),
        "unit": present.get("unit") or target.get("unit") or "",
        "target_year": _text((target.get("due") or {}).get("year")),
        "baseline_value": _text(present.get("value")),
        "baseline_year": _text(present.get("year")),
        "method": _one_line((data.get("method") or {}).get("quote") or ""),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def current(kind: str, data: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, str]:
    """What stands now: the engine's words, with what a person wrote over them."""
    return said(kind, data) | {name: str(value) for name, value in edited.items()}
