"""What can be wrong with a plan's table in one municipality: each fault with its cell and how to mend it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.budgets.models import Programme
from enishi.foundation.forms import too_long
from enishi.indicators.models import Indicator
from enishi.organizations.models import Section
from enishi.plans.models import PlanVersion
from enishi.plans.transfer.cells import Grid, named
from enishi.plans.transfer.headings import PROGRAMME_LEVELS
from enishi.plans.transfer.shapes import Line


@dataclass(frozen=True)
class Options:
    """What somebody decided about rows that do not fit: a table from outside names last year's sections."""

    leave_sections_out: bool = False
    unknown_as_branches: bool = False


STRICT = Options()


def check(version: PlanVersion, grid: Grid, lines: list[Line], options: Options = STRICT) -> None:
    house = version.plan.organization_id
    today = timezone.localdate()
    sections = set(
        Section.objects.filter(organization_id=house).open_on(today).values_list("name", flat=True)
    )
    closed = _closed_sections(house, today)
    programmes = {row.uid: row for row in Programme.objects.kept().filter(organization_id=house)}
    titles: dict[str, list[str]] = defaultdict(list)
    for programme in programmes.values():
        titles[programme.title].append(programme.uid)
    codes = set(Indicator.objects.kept().filter(organization_id=house).values_list("code", flat=True))
    unknown: dict[str, list[Line]] = {}
    for line in lines:
        _check_texts(grid, line)
        _check_section(grid, line, sections, closed, unknown, options)
        _check_programme(grid, line, programmes, titles, options)
        _check_indicators(grid, line, codes)
    _refuse_unknown_sections(grid, unknown, sections)
    _refuse_two_primary(grid, lines)
    _refuse_twins(grid, lines)
    _refuse_branches_under_programmes(grid, lines)
    grid.settle()


def _closed_sections(house: int, today: dt.date) -> dict[str, list[str]]:
    """Sections closed by a reorganisation, and who took over (I6)."""
    rows = Section.objects.filter(organization_id=house, valid_to__lt=today).prefetch_related("successors")
    return {row.name: [each.name for each in row.successors.all()] for row in rows}


def _check_texts(grid: Grid, line: Line) -> None:
    limits = [(line.title, 200), (line.code, 30), *((text, 2_000) for text in line.texts.values())]
    for text, limit in limits:
        if len(text) > limit:
            grid.fault(line.row, line.cell, text[:40], too_long(limit))
    if line.weight:
        try:
            weight = Decimal(line.weight)
        except InvalidOperation:
            weight = Decimal(-1)
        if not weight.is_finite() or not 0 <= weight < 1_000_000:
            grid.fault(
                line.row,
                line.cell_of("weight"),
                line.weight,
                _("重みは0以上の数で書いてください。なければ空にしてください。"),
            )


def _check_indicators(grid: Grid, line: Line, codes: set[str]) -> None:
    if line.uid and line.indicators:
        grid.note_at(
            line.cell_of("indicators"),
            _("事務事業の行の指標番号は読みません。指標は、上の枝の行に書きます。"),
        )
        line.indicators = []
    unknown = [code for code in line.indicators if code not in codes]
    if unknown:
        grid.fault(
            line.row,
            line.cell_of("indicators"),
            "、".join(unknown),
            _("指標番号「%(code)s」の指標がありません。番号を直すか、先に「指標」で登録してください。")
            % {"code": _("、").join(unknown)[:60]},
        )


def _check_section(
    grid: Grid,
    line: Line,
    sections: set[str],
    closed: dict[str, list[str]],
    unknown: dict[str, list[Line]],
    options: Options,
) -> None:
    if not line.section or line.section in sections:
        return
    heirs = closed.get(line.section, [])
    if len(heirs) == 1 and heirs[0] in sections:
        grid.note_at(
            line.cell_of("section"),
            _("「%(old)s」は機構改革で廃止されたため、引き継いだ「%(new)s」と読みました。")
            % {"old": line.section, "new": heirs[0]},
        )
        line.section = heirs[0]
        return
    if not options.leave_sections_out:
        unknown.setdefault(line.section, []).append(line)
        return
    grid.note_at(
        line.cell_of("section"),
        _("「%(section)s」という課がいまはないため、主担当課を空にして取り込みます。")
        % {"section": line.section[:30]},
    )
    line.section = ""


def _refuse_unknown_sections(grid: Grid, unknown: Mapping[str, Sequence[Line]], sections: set[str]) -> None:
    """One sentence for a section, however many rows name it."""
    for section, lines in unknown.items():
        alike = get_close_matches(section, sorted(sections), n=5, cutoff=0.3) or sorted(sections)[:5]
        some = _("、").join(alike) or _("(課の登録がありません)")
        cells = named([line.cell_of("section") for line in lines])
        grid.fault(
            lines[0].row,
            cells,
            section,
            _(
                "「%(section)s」という課がいまはありません。例: %(some)s。まとめて空にするときは「いまはない課は、空にして取り込む」を選んでください。"
            )
            % {"section": section[:30], "some": some},
        )


def _check_programme(
    grid: Grid,
    line: Line,
    programmes: dict[str, Programme],
    titles: dict[str, list[str]],
    options: Options,
) -> None:
    """A line that names a programme of the budget hangs it from the branch above; it is not a branch itself."""
    if line.uid:
        if line.uid not in programmes and options.unknown_as_branches:
            grid.note_at(line.cell_of("uid"), _("予算にない事業番号なので、枝として取り込みます。"))
            line.code, line.uid = line.code or line.uid, ""
        elif line.uid not in programmes:
            grid.fault(
                line.row,
                line.cell_of("uid"),
                line.uid,
                _(
                    "事業番号「%(uid)s」の事務事業がありません。予算の「事務事業」で登録してから取り込むか、「予算にない事業番号の行は、枝として取り込む」を選んでください。"
                )
                % {"uid": line.uid},
            )
        elif line.parent is None:
            grid.fault(
                line.row,
                line.cell,
                line.uid,
                _("事務事業の上の枝がありません。施策などの枝の下に書いてください。"),
            )
        return
    if line.label not in PROGRAMME_LEVELS or line.parent is None:
        return
    same = titles.get(line.title, [])
    if len(same) == 1:
        line.uid = same[0]
        grid.notes.append(
            _("%(cell)s「%(title)s」は、名称が同じ事務事業 %(uid)s と読みました。")
            % {"cell": line.cell, "title": line.title[:30], "uid": same[0]}
        )
    elif len(same) > 1:
        grid.fault(
            line.row,
            line.cell,
            line.title,
            _("同じ名称の事務事業が%(count)d件あります。「事業番号」の列に番号を書いてください。")
            % {"count": len(same)},
        )
    else:
        grid.note_at(line.cell, _("予算の事務事業に同じ名称がないため、枝として取り込みます。"))


def _refuse_two_primary(grid: Grid, lines: Sequence[Line]) -> None:
    """I4: one primary place. The second one is marked as 再掲 or 副 by whoever made the table."""
    seen: dict[str, Line] = {}
    for line in lines:
        if not line.uid or not line.is_primary:
            continue
        before = seen.setdefault(line.uid, line)
        if before is not line:
            grid.fault(
                line.row,
                line.cell,
                line.uid,
                _(
                    "事務事業 %(uid)s の主な位置づけが %(first)s と %(second)s の二か所にあります。片方の「位置づけ」を「副」にするか、名称に(再掲)を付けてください。"
                )
                % {"uid": line.uid, "first": before.cell, "second": line.cell},
            )


def _refuse_twins(grid: Grid, lines: Sequence[Line]) -> None:
    seen: dict[tuple[Any, ...], Line] = {}
    for line in lines:
        keys = [(line.parent, "uid", line.uid)] if line.uid else [(line.parent, "title", line.title)]
        if line.code and not line.uid:
            keys.append((line.parent, "code", line.code))
        for key in keys:
            before = seen.setdefault(key, line)
            if before is not line:
                grid.fault(
                    line.row,
                    line.cell,
                    line.code or line.title,
                    _(
                        "%(cell)s は %(other)s と同じ枝です(同じ上の枝に同じ番号か名称)。片方を直してください。"
                    )
                    % {"cell": line.cell, "other": before.cell},
                )
                break


def _refuse_branches_under_programmes(grid: Grid, lines: Sequence[Line]) -> None:
    for line in lines:
        if line.parent is not None and lines[line.parent].uid:
            upper = lines[line.parent]
            grid.fault(
                line.row,
                line.cell,
                line.title,
                _("%(cell)s の上の「%(upper)s」は事務事業です。事務事業の下に枝は作れません。")
                % {"cell": line.cell, "upper": upper.title[:30]},
            )
