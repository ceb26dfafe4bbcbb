"""The open-data sheets of public facilities, read as resources 施設・空間.

Column names: 自治体標準オープンデータセット(公共施設一覧ほか) and its older edition 推奨データセット. The names with underscores were
read in public repositories, not in the definition itself, so several spellings are accepted.
"""

from collections.abc import Mapping, Sequence

from enishi.exchange.transfer.columns import folded
from enishi.foundation.spreadsheets import Row, Table

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "code": (
        "全国地方公共団体コード",
        "都道府県コード又は市区町村コード",
        "市区町村コード",
        "自治体コード",
        "団体コード",
    ),
    "id": ("ID", "NO", "No", "番号"),
    "municipality": ("地方公共団体名", "市区町村名", "自治体名"),
    "name": ("名称", "施設名", "施設名称"),
    "address": ("所在地_連結表記", "所在地_連結標記", "住所", "所在地"),
    "building": ("建物名等(方書)", "建物名等", "方書"),
    "latitude": ("緯度", "lat", "latitude"),
    "longitude": ("経度", "lng", "lon", "longitude"),
    "days": ("利用可能曜日",),
    "from": ("開始時間",),
    "to": ("終了時間",),
    "hours": ("利用可能日時特記事項", "利用可能日時特記"),
    "phone": ("電話番号",),
    "kind": ("種別", "POIコード"),
    "capacity": ("想定収容人数", "収容人数", "定員"),
    "notes": ("備考", "説明", "備考欄"),
}


def is_facility_sheet(headings: Sequence[str]) -> bool:
    """Whether the headings are those of an open-data sheet of places."""
    found = _found(headings)
    return "name" in found and "address" in found and ("latitude" in found or "code" in found)


def as_resources(table: Table) -> Table:
    """The same rows under our own headings."""
    found = _found(table.headings)
    rows = tuple(Row(row.number, _resource(row.cells, found)) for row in table.rows)
    return Table(tuple(rows[0].cells) if rows else ("題名",), rows, table.encoding)


def _found(headings: Sequence[str]) -> dict[str, str]:
    """Our word for each heading of the file that we know."""
    by_spelling = {folded(heading): heading for heading in headings}
    return {
        word: by_spelling[folded(spelling)]
        for word, spellings in _SPELLINGS.items()
        for spelling in reversed(spellings)
        if folded(spelling) in by_spelling
    }


def _resource(cells: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    get = {word: cells.get(heading, "").strip() for word, heading in found.items()}
    name = get.get("name", "")
    address = " ".join(part for part in (get.get("address", ""), get.get("building", "")) if part)
    hours = "〜".join(part for part in (get.get("from", ""), get.get("to", "")) if part)
    times = " ".join(part for part in (get.get("days", ""), hours, get.get("hours", "")) if part)
    sentences = [f"{name}({get['kind']})" if get.get("kind") else name]
    sentences += [f"所在地: {address}"] if address else []
    sentences += [f"利用できる日時: {times}"] if times else []
    sentences += [get["notes"]] if get.get("notes") else []
    key = "-".join(part for part in (get.get("code", ""), get.get("id", "")) if part)
    return {
        "キー": f"od-{key}" if get.get("id") else "",
        "題名": name,
        "資源の種類": "施設;空間",
        "できること": "。".join(sentences),
        "対応できる量": get.get("capacity", ""),
        "対応できる地域": get.get("code") or get.get("municipality", ""),
        "問い合わせ先": get.get("phone", ""),
        "緯度": get.get("latitude", ""),
        "経度": get.get("longitude", ""),
    }
