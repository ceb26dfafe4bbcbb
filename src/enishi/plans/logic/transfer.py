"""A logic model as a table: boxes first, then arrows; out as xlsx or CSV, and back in after a look."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from enishi.foundation.numbers import whole
from enishi.foundation.previews import Difference, Fault, Preview
from enishi.foundation.spreadsheets import Table
from enishi.indicators.models import Indicator
from enishi.plans.held import (
    require_headings,
)
from enishi.plans.logic.calculations import Loaded
from enishi.plans.logic.enums import Confidence, EvidenceLevel, Stage

HEADINGS = (
    "種類",
    "番号",
    "段階",
    "内容",
    "現れるまでの月数",
    "指標番号",
    "事務事業番号",
    "人工",
    "元の番号",
    "先の番号",
    "前提",
    "根拠の水準",
    "確信",
    "補足",
)
BOX, ARROW = "要素", "矢印"
_STAGES = {str(label).split("(")[0]: value for value, label in Stage.choices}
_SURE = {"": "", "低い": "low", "中くらい": "middle", "高い": "high"}
MOST_TEXT = 300


def rows_of(loaded: Loaded) -> Iterable[list[object]]:
    for node in loaded.nodes:
        yield [
            BOX,
            node.number,
            str(node.get_stage_display()).split("(")[0],
            node.text,
            node.expected_lag_months,
            "、".join(each.code for each in node.indicators.all()),
            node.programme.uid if node.programme else "",
            node.fte,
            "",
            "",
            "",
            "",
            "",
            node.note,
        ]
    sure = {value: label for label, value in _SURE.items()}
    for edge in loaded.edges:
        yield [
            ARROW,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            edge.source.number,
            edge.target.number,
            edge.assumption,
            edge.evidence_level,
            sure.get(edge.confidence, ""),
            "",
        ]


def look(table: Table, loaded: Loaded, *, programmes: dict[str, int]) -> Preview:
    """What taking the table over would do to the draft, and every cell that cannot be read."""
    require_headings(table, ("種類", "番号", "段階", "内容", "元の番号", "先の番号"))
    preview = Preview()
    indicators = _indicators(table, loaded.model.organization_id)
    numbers: set[int] = set()
    for row in table.rows:
        cells = {name: row.cells.get(name, "").strip() for name in HEADINGS}
        if cells["種類"] == BOX:
            found = _box(row.number, cells, preview.faults, indicators, programmes, numbers)
        elif cells["種類"] == ARROW:
            found = _arrow(row.number, cells, preview.faults)
        else:
            preview.faults.append(
                Fault(row.number, "種類", cells["種類"], _("「要素」か「矢印」と書きます。"))
            )
            continue
        if found:
            preview.rows.append(found | {"row": row.number})
    for found in preview.rows:
        for name in ("source", "target"):
            if found["kind"] == ARROW and found[name] not in numbers:
                column = "元の番号" if name == "source" else "先の番号"
                reason = _("この番号の要素が表にありません。")
                preview.faults.append(Fault(found["row"], column, str(found[name]), reason))
    _compare(preview, loaded)
    return preview


def _box(
    number: int,
    cells: dict[str, str],
    faults: list[Fault],
    indicators: dict[str, int],
    programmes: dict[str, int],
    numbers: set[int],
) -> dict[str, Any] | None:
    before = len(faults)
    own = _whole(number, "番号", cells["番号"], faults)
    if own is not None and own in numbers:
        faults.append(Fault(number, "番号", cells["番号"], _("同じ番号の要素が二つあります。")))
    stage = _STAGES.get(cells["段階"].split("(")[0])
    if stage is None:
        reason = _("段階は %(known)s のどれかにします。") % {"known": "・".join(_STAGES)}
        faults.append(Fault(number, "段階", cells["段階"], reason))
    if not cells["内容"] or len(cells["内容"]) > MOST_TEXT:
        reason = _("1文字から%(most)d文字までで書きます。") % {"most": MOST_TEXT}
        faults.append(Fault(number, "内容", cells["内容"][:40], reason))
    lag = _whole(number, "現れるまでの月数", cells["現れるまでの月数"], faults, optional=True, most=600)
    codes = [code for code in cells["指標番号"].replace(",", "、").split("、") if code.strip()]
    faults.extend(
        Fault(number, "指標番号", code, _("この団体の指標にない番号です。"))
        for code in codes
        if code.strip() not in indicators
    )
    uid = cells["事務事業番号"]
    if uid and uid not in programmes:
        faults.append(Fault(number, "事務事業番号", uid, _("この団体の事務事業にない番号です。")))
    if len(faults) > before or own is None:
        return None
    numbers.add(own)
    return {
        "kind": BOX,
        "number": own,
        "stage": stage,
        "text": cells["内容"],
        "lag": lag,
        "indicators": [indicators[code.strip()] for code in codes],
        "programme": programmes.get(uid),
        "fte": cells["人工"] or None,
        "note": cells["補足"][:MOST_TEXT],
    }


def _arrow(number: int, cells: dict[str, str], faults: list[Fault]) -> dict[str, Any] | None:
    source = _whole(number, "元の番号", cells["元の番号"], faults)
    target = _whole(number, "先の番号", cells["先の番号"], faults)
    level = _whole(number, "根拠の水準", cells["根拠の水準"] or "0", faults, most=max(EvidenceLevel.values))
    if cells["確信"] not in _SURE:
        faults.append(
            Fault(number, "確信", cells["確信"], _("低い・中くらい・高い のどれか、または空欄にします。"))
        )
    if source is not None and source == target:
        faults.append(Fault(number, "先の番号", cells["先の番号"], _("元と先が同じです。")))
    if source is None or target is None or level is None:
        return None
    return {
        "kind": ARROW,
        "source": source,
        "target": target,
        "assumption": cells["前提"][:500],
        "level": level,
        "confidence": _SURE.get(cells["確信"], Confidence.UNKNOWN.value),
    }


def _whole(
    number: int, column: str, text: str, faults: list[Fault], *, optional: bool = False, most: int = 999
) -> int | None:
    if optional and not text:
        return None
    if (found := whole(text, last=most)) is not None:
        return found
    faults.append(Fault(number, column, text, _("0から%(most)dまでの整数で書きます。") % {"most": most}))
    return None


def _indicators(table: Table, organization_id: int) -> dict[str, int]:
    codes = {
        code.strip()
        for row in table.rows
        for code in row.cells.get("指標番号", "").replace(",", "、").split("、")
        if code.strip()
    }
    rows = Indicator.objects.in_use().filter(organization_id=organization_id, code__in=codes)
    return dict(rows.values_list("code", "pk"))


def _compare(preview: Preview, loaded: Loaded) -> None:
    before: tuple[str, object] | None
    old = {node.number: node for node in loaded.nodes}
    arrows = {(edge.source.number, edge.target.number): edge for edge in loaded.edges}
    for row in preview.rows:
        if row["kind"] == BOX:
            node = old.get(row["number"])
            before = (node.text, node.stage) if node else None
            after = (row["text"], row["stage"])
            key, column = str(row["number"]), "内容"
        else:
            edge = arrows.get((row["source"], row["target"]))
            before = (edge.assumption, edge.evidence_level) if edge else None
            after = (row["assumption"], row["level"])
            key, column = f"{row['source']} → {row['target']}", "前提"
        if before is None:
            preview.added += 1
        elif before == after:
            preview.unchanged += 1
        else:
            preview.changed += 1
            preview.differences.append(
                Difference(row["row"], key, column, f"{before[0]} ({before[1]})", f"{after[0]} ({after[1]})")
            )
