"""The picture of a logic model as SVG, drawn here: no script, no font of our own, words for every colour."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from enishi.plans.logic.enums import WAY, Stage

BOX_WIDTH, GAP_X, GAP_Y, MARGIN, HEAD = 190, 58, 18, 16, 46
LINE, PAD = 19, 9
LINE_HALF_WIDTHS = 24
MOST_LINES = 7
_FILL = {
    Stage.INPUT: "#f2f2f2",
    Stage.ACTIVITY: "#e8f1fe",
    Stage.OUTPUT: "#e6f5ec",
    Stage.OUTCOME_INITIAL: "#fff7e0",
    Stage.OUTCOME_INTERMEDIATE: "#fff0d4",
    Stage.OUTCOME_FINAL: "#ffe6cc",
    Stage.EXTERNAL: "#ffffff",
}


@dataclass(frozen=True, slots=True)
class DrawnBox:
    key: int
    stage: Stage
    text: str
    note: str = ""
    is_proposed: bool = False


@dataclass(frozen=True, slots=True)
class DrawnStep:
    source: int
    target: int
    level: int = 0
    lacks_assumption: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    box: DrawnBox
    lines: tuple[str, ...]
    x: int
    y: int
    height: int


def picture(title: str, boxes: Sequence[DrawnBox], steps: Sequence[DrawnStep]) -> str:
    """The model as one SVG document: columns by stage, arrows with their level of evidence.

    A dashed arrow into an outcome lacks its assumption; a dashed box is a proposal nobody confirmed. The same is in the
    table beside the picture, so that nobody needs to see it.
    """
    placed, width, height = _placed(boxes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="13" fill="#1a1a1c">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
        '<path d="M0 0 L9 4 L0 8 z" fill="#333333"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_heads(boxes, height),
        *(_arrow(placed[step.source], placed[step.target], step) for step in steps),
        *(_box(each) for each in placed.values()),
        "</svg>",
    ]
    return "\n".join(parts)


def _columns(boxes: Sequence[DrawnBox]) -> list[Stage]:
    """Stages that hold something; an empty model shows them all, so that one sees what is asked for."""
    used = {box.stage for box in boxes}
    return [stage for stage in (*WAY, Stage.EXTERNAL) if stage in used] or list(WAY)


def _placed(boxes: Sequence[DrawnBox]) -> tuple[dict[int, _Placed], int, int]:
    placed: dict[int, _Placed] = {}
    bottom = HEAD + MARGIN
    columns = _columns(boxes)
    for place, stage in enumerate(columns):
        x, y = _x(place), HEAD + MARGIN
        for box in (each for each in boxes if each.stage is stage):
            lines = tuple(wrapped(box.text))
            height = PAD * 2 + LINE * (len(lines) + (1 if box.note else 0))
            placed[box.key] = _Placed(box, lines, x, y, height)
            y += height + GAP_Y
        bottom = max(bottom, y)
    return placed, _x(len(columns)) - GAP_X + MARGIN, max(bottom, 160) + MARGIN


def _x(place: int) -> int:
    return MARGIN + place * (BOX_WIDTH + GAP_X)


def _heads(boxes: Sequence[DrawnBox], height: int) -> list[str]:
    found = []
    for place, stage in enumerate(_columns(boxes)):
        x = _x(place)
        found.append(
            f'<text x="{x}" y="{MARGIN + 16}" font-weight="bold">{escape(str(stage.label))}</text>'
            f'<line x1="{x}" y1="{HEAD}" x2="{x + BOX_WIDTH}" y2="{HEAD}" stroke="#767676"/>'
        )
    return found


def _box(placed: _Placed) -> str:
    box = placed.box
    dash = ' stroke-dasharray="5 4"' if box.is_proposed or box.stage is Stage.EXTERNAL else ""
    words = "".join(
        f'<tspan x="{placed.x + PAD}" y="{placed.y + PAD + LINE * (at + 1) - 5}">{escape(line)}</tspan>'
        for at, line in enumerate(placed.lines)
    )
    note = (
        f'<text x="{placed.x + PAD}" y="{placed.y + placed.height - PAD - 2}" font-size="11" '
        f'fill="#4d4d4d">{escape(box.note)}</text>'
        if box.note
        else ""
    )
    return (
        f'<rect x="{placed.x}" y="{placed.y}" width="{BOX_WIDTH}" height="{placed.height}" rx="4" '
        f'fill="{_FILL[box.stage]}" stroke="#333333"{dash}/><text>{words}</text>{note}'
    )


def _arrow(source: _Placed, target: _Placed, step: DrawnStep) -> str:
    """A curve from the right edge to the left one; within a column, or backwards, around the boxes."""
    y1, y2 = source.y + source.height // 2, target.y + target.height // 2
    if target.x > source.x:
        x1, x2 = source.x + BOX_WIDTH, target.x
        bend = max(GAP_X // 2, (x2 - x1) // 2)
        line = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    else:
        x1, x2 = source.x + BOX_WIDTH, target.x + BOX_WIDTH
        line = f"M{x1} {y1} C{x1 + 40} {y1} {x2 + 40} {y2} {x2} {y2}"
    dash = ' stroke-dasharray="6 5"' if step.lacks_assumption else ""
    middle_x, middle_y = (x1 + x2) // 2 + (26 if target.x <= source.x else 0), (y1 + y2) // 2
    label = (
        f'<text x="{middle_x - 4}" y="{middle_y - 4}" font-size="11">{step.level}</text>'
        if step.level
        else ""
    )
    return (
        f'<path d="{line}" fill="none" stroke="#333333" stroke-width="{1 + step.level * 0.4:.1f}"{dash} '
        f'marker-end="url(#tip)"/>{label}'
    )


def wrapped(text: str) -> list[str]:
    """A text in lines that fit a box; what does not fit ends with ….

    >>> wrapped("通院の足を守るための予約型の乗合交通")
    ['通院の足を守るための予約', '型の乗合交通']
    """
    lines, line, width = [], "", 0
    for each in " ".join(text.split()):
        step = 2 if unicodedata.east_asian_width(each) in "WFA" else 1
        if width + step > LINE_HALF_WIDTHS and each not in "、。」)":
            lines.append(line)
            line, width = "", 0
        line, width = line + each, width + step
    lines.append(line)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
