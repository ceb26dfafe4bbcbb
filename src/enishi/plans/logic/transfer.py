"""A logic model as a table: boxes first, then arrows; out as xlsx or CSV, and back in after a look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
from enishi.plans.models import PlanNode

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
    "つながる上位の枝",
    "根拠番号",
)
ABOVE, EVIDENCE = "つながる上位の枝", "根拠番号"
"""A table without these columns leaves what they hold as it is."""
BOX, ARROW = "要素", "矢印"
_STAGES = {str(label).split("(")[0]: value for value, label in Stage.choices}
_SURE = {"": "", "低い": "low", "中くらい": "middle", "高い": "high"}
MOST_TEXT = 300


@dataclass(frozen=True)
class Known:
    """What a table may name: programmes by number, branches above by number or name, evidence by number."""

    programmes: Mapping[str, int] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)
    evidence: frozenset[int] = frozenset()


def names_above(nodes: Iterable[PlanNode]) -> dict[str, str]:
    """Each branch by its number, its name, and both."""
    found: dict[str, str] = {}
    for node in nodes:
        for name in (node.code, node.title, str(node)):
            if name:
                found.setdefault(name, node.uid)
    return found


def rows_of(loaded: Loaded, above: Iterable[PlanNode] = ()) -> Iterable[list[object]]:
    names = {node.uid: str(node) for node in above}
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
            names.get(node.serves_id or "", node.serves_id or ""),
            "",
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
            "",
            "、".join(str(each.pk) for each in edge.evidence.all()),
        ]


def look(table: Table, loaded: Loaded, *, known: Known) -> Preview:
    """What taking the table over would do to the draft, and every cell that cannot be read."""
    require_headings(table, ("種類", "番号", "段階", "内容", "元の番号", "先の番号"))
    preview = Preview()
    indicators = _indicators(table, loaded.model.organization_id)
    numbers: set[int] = set()
    for row in table.rows:
        cells = {name: row.cells.get(name, "").strip() for name in HEADINGS}
        if cells["種類"] == BOX:
            found = _box(row.number, cells, preview.faults, indicators, known, numbers)
        elif cells["種類"] == ARROW:
            found = _arrow(row.number, cells, preview.faults, known)
        else:
            preview.faults.append(
                Fault(row.number, "種類", cells["種類"], _("「要素」か「矢印」と書きます。"))
            )
            continue
        if found:
            # A column that the table does not have is not an empty cell.
            absent = {"serves"} if ABOVE not in row.cells else set()
            absent |= {"evidence"} if EVIDENCE not in row.cells else set()
            found = {name: value for name, value in found.items() if name not in absent}
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
    known: Known,
    numbers: set[int],
) -> dict[str, Any] | None:
    before = len(faults)
    own = _whole(number, "番号", cells["番号"], faults)
    if own is not None and own in numbers:
        faults.append(Fault(number, "番号", cells["番号"], _("同じ番号の要素が二つあります。")))
    stage = _STAGES.get(cells["段階"].split("(")[0])
    if stage is None:
        reason = _("段階は %(known)s のどれかにします。") % {"known": _("・").join(_STAGES)}
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
    if uid and uid not in known.programmes:
        faults.append(Fault(number, "事務事業番号", uid, _("この団体の事務事業にない番号です。")))
    if cells[ABOVE] and cells[ABOVE] not in known.above:
        reason = _("この事務事業の上にある枝ではありません。枝の番号か名称を、木のとおりに書きます。")
        faults.append(Fault(number, ABOVE, cells[ABOVE][:40], reason))
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
        "programme": known.programmes.get(uid),
        "serves": known.above.get(cells[ABOVE]),
        "fte": cells["人工"] or None,
        "note": cells["補足"][:MOST_TEXT],
    }


def _arrow(number: int, cells: dict[str, str], faults: list[Fault], known: Known) -> dict[str, Any] | None:
    source = _whole(number, "元の番号", cells["元の番号"], faults)
    target = _whole(number, "先の番号", cells["先の番号"], faults)
    level = _whole(number, "根拠の水準", cells["根拠の水準"] or "0", faults, most=max(EvidenceLevel.values))
    if cells["確信"] not in _SURE:
        faults.append(
            Fault(number, "確信", cells["確信"], _("低い・中くらい・高い のどれか、または空欄にします。"))
        )
    if source is not None and source == target:
        faults.append(Fault(number, "先の番号", cells["先の番号"], _("元と先が同じです。")))
    evidence = _evidence(number, cells[EVIDENCE], faults, known)
    if source is None or target is None or level is None:
        return None
    return {
        "kind": ARROW,
        "source": source,
        "target": target,
        "assumption": cells["前提"][:500],
        "level": level,
        "confidence": _SURE.get(cells["確信"], Confidence.UNKNOWN.value),
        "evidence": evidence,
    }


def _evidence(number: int, text: str, faults: list[Fault], known: Known) -> list[int]:
    found = []
    for each in text.replace(",", "、").replace(",", "、").split("、"):
        if not each.strip():
            continue
        key = whole(each.strip(), last=10**9)
        if key is None or key not in known.evidence:
            reason = _("選べる客観的根拠にない番号です。客観的根拠の一覧の「番号」を書きます。")
            faults.append(Fault(number, EVIDENCE, each.strip()[:40], reason))
        else:
            found.append(key)
    return found


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
