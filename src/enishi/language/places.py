"""Names of places in their codes."""

from __future__ import annotations

from collections.abc import Iterable

from enishi.engines.matching import NATIONWIDE
from enishi.language.normalising import normalise

_PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 "
    "山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 "
    "香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()
PREFECTURE_CODES = {name: f"{number:02d}" for number, name in enumerate(_PREFECTURES, start=1)}
"""The first two digits of the code of every municipality there (JIS X 0401)."""

_NATIONWIDE_NAMES = frozenset(("全国", "日本全国", "全都道府県", NATIONWIDE, "オンライン"))


def region_codes(names: Iterable[str]) -> frozenset[str]:
    """Return the codes of regions written as names or codes; what is not known stays as a label.

    >>> sorted(region_codes(["千葉県富津市", "東京", "全国"]))
    ['12', '13', 'nationwide', '千葉県富津市']
    """
    found: set[str] = set()
    for name in map(normalise, names):
        if name in _NATIONWIDE_NAMES:
            found.add(NATIONWIDE)
        elif name:
            found.update(_codes(name))
    return frozenset(found)


def _codes(name: str) -> set[str]:
    for prefecture, code in PREFECTURE_CODES.items():
        if name in (prefecture, prefecture[:-1]):
            return {code}
        if name.startswith(prefecture):
            return {code, name}
    return {name}
