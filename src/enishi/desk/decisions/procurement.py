"""Grounds for choosing a contractor, with their articles: what the decision pack rests on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.engines.schemes import council_vote_needed, limits_for
from enishi.engines.schemes.thresholds import Body
from enishi.foundation.sentences import speaking


class Ground(models.TextChoices):
    """How the partner is chosen. Codes with a number are items of 施行令第167条の2第1項."""

    NONE = "none", _("契約をしない(費用の負担がない協定だけ)")
    ITEM_1 = "1", _("随意契約: 少額(1号)")
    ITEM_2 = "2", _("随意契約: 性質・目的が競争入札に適しない(2号、公募で特定した相手)")
    ITEM_3 = "3", _("随意契約: 障害者支援施設・シルバー人材センターなど(3号)")
    ITEM_4 = "4", _("随意契約: 認定を受けた新商品・新役務(4号)")
    ITEM_5 = "5", _("随意契約: 緊急(5号)")
    ITEM_6 = "6", _("随意契約: 競争入札に付すことが不利(6号)")
    ITEM_7 = "7", _("随意契約: 時価に比べて著しく有利(7号)")
    EVALUATION = "evaluation", _("総合評価一般競争入札")
    OPEN = "open", _("一般競争入札")


class BodyKind(models.TextChoices):
    PREFECTURE = "prefecture", _("都道府県")
    DESIGNATED = "designated_city", _("指定都市")
    CITY = "city", _("市(指定都市を除く)")
    TOWN = "town", _("町村")


@dataclass(frozen=True)
class Grounds:
    """What the law says for one choice; ``warnings`` are what the choice does not fit."""

    label: str
    citation: str
    text: str
    warnings: tuple[str, ...]
    council_vote: bool | None
    limit_yen: int | None
    source: str


@cache
def data() -> dict[str, Any]:
    text = (resources.files("enishi.desk") / "data" / "procurement.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def kinds_of_contract() -> list[str]:
    return [row["kind"] for row in data()["small_limits"]]


KINDS = {
    "工事又は製造の請負": _("工事又は製造の請負"),
    "財産の買入れ": _("財産の買入れ"),
    "物件の借入れ": _("物件の借入れ"),
    "財産の売払い": _("財産の売払い"),
    "物件の貸付け": _("物件の貸付け"),
    "前各号に掲げるもの以外のもの(委託など)": _("前各号に掲げるもの以外のもの(委託など)"),
}
"""The cabinet order's kinds of contract, whose names are kept, in the language of the reader."""
COUNCIL = "council"
"""In the amounts a body set itself: from where its ordinance asks the council."""


@speaking("ja")
def grounds(
    ground: Ground,
    *,
    body: Body,
    kind: str,
    price_yen: int | None,
    own: Mapping[str, int] | None = None,
    own_source: str = "",
) -> Grounds:
    """The article for this choice, and what the price says about it.

    ``own`` holds what the body set by rule (規則) and ordinance (条例): it goes before the cabinet order's figure.
    """
    legal = next((each.yen for each in limits_for(body, data()["small_limits"]) if each.kind == kind), None)
    chosen = (own or {}).get(kind)
    limit = legal if chosen is None else min(chosen, legal) if legal is not None else chosen
    council = _council(kind, body, price_yen, (own or {}).get(COUNCIL))
    citation, text = _article(ground)
    return Grounds(
        label=str(Ground(ground).label),
        citation=citation,
        text=text,
        warnings=tuple(_warnings(ground, price_yen, limit, council, is_own=chosen is not None)),
        council_vote=council,
        limit_yen=limit if ground == Ground.ITEM_1 else None,
        source=f"{data()['_meta']['source']}(条文の時点: {data()['_meta']['text_as_of']})"
        + (f"、{own_source}" if own and own_source else ""),
    )


def _article(ground: Ground) -> tuple[str, str]:
    if ground == Ground.NONE:
        return "", ""
    if ground == Ground.OPEN:
        return data()["contract"]["citation"], data()["contract"]["text"]
    if ground == Ground.EVALUATION:
        return data()["evaluation"]["citation"], data()["evaluation"]["text"]
    return f"地方自治法施行令第167条の2第1項第{ground.value}号", data()["items"][ground.value]


def _council(kind: str, body: Body, price_yen: int | None, own_floor: int | None) -> bool | None:
    """The council votes on works and manufacture only; without a price nobody can say."""
    if price_yen is None:
        return None
    if "工事" in kind and own_floor is not None:
        return price_yen >= own_floor
    return "工事" in kind and council_vote_needed(price_yen, body, data()["council_floors"])


def _warnings(
    ground: Ground, price_yen: int | None, limit: int | None, council: bool | None, *, is_own: bool
) -> list[str]:
    found = []
    if ground == Ground.ITEM_1 and price_yen is None:
        found.append("予定価格が未記入のため、少額の上限に収まるかを確かめられません。")
    if ground == Ground.ITEM_1 and price_yen is not None and limit is not None and price_yen > limit:
        found.append(
            f"予定価格{price_yen:,}円は、この団体の規則の上限{limit:,}円を超えています。1号は使えません。"
            if is_own
            else f"予定価格{price_yen:,}円は、政令の上限{limit:,}円を超えています。1号は使えません(規則でさらに低い額を定めている場合があります)。"
        )
    if ground == Ground.NONE and price_yen:
        found.append("費用の負担があるのに、契約の方法が選ばれていません。")
    if ground in {Ground.ITEM_6, Ground.ITEM_7}:
        found.append("適用の例は限られます。具体的な金額の比較を添えてください。")
    if council:
        found.append("予定価格が議会の議決を要する基準に達しています(条例の額を確かめてください)。")
    return found
