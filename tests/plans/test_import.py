"""Plans' tables as offices write them: four shapes, what is put right and said, what is refused with its cell."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from openpyxl.styles import Alignment

from enishi.foundation.spreadsheets import UnreadableTableError, write_csv
from enishi.indicators.models import Indicator
from enishi.plans import services
from enishi.plans.errors import PlanError
from enishi.plans.forms import read_year
from enishi.plans.models import NodeIndicator, PlanImport, PlanVersion
from enishi.plans.transfer import exporting, importing
from enishi.plans.transfer.cells import read_grid
from enishi.plans.transfer.checking import Options
from enishi.plans.transfer.differences import plan_of as differences_of
from enishi.plans.transfer.headings import heading_line
from enishi.plans.transfer.shapes import read_lines
from tests.factories import NOON
from tests.plans.making import Cast, cast, draft_of, node, outline, plan_of, programme

LEVELS = ["政策", "施策"]


def csv(*lines: Sequence[object]) -> bytes:
    return write_csv([str(cell) for cell in lines[0]], lines[1:])


def book(*lines: Sequence[object], change: Callable[[Any, Any], None] = lambda book, sheet: None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    for line in lines:
        sheet.append(list(line))
    change(made, sheet)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def read(content: bytes) -> tuple[list[tuple[int, str, str]], list[str], list[str]]:
    """Depth, code and title of each line; notes; reasons."""
    grid = read_grid(content, heading_line(LEVELS))
    lines, _levels = read_lines(grid, LEVELS)
    return (
        [(line.order, line.code, line.title) for line in lines],
        grid.notes,
        [fault["reason"] for fault in grid.faults],
    )


WANTED = [(1, "1", "子ども"), (2, "1-1", "子育て"), (2, "1-2", "学び"), (1, "2", "福祉")]


def indent_cells(_book: Any, sheet: Any) -> None:
    for row in (3, 4):
        sheet.cell(row, 2).alignment = Alignment(indent=1)


def merge_down(_book: Any, sheet: Any) -> None:
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")


def two_lines(_book: Any, sheet: Any) -> None:
    """政策 over 番号 and 名称, as printed tables have it."""
    for cells in ("A1:B1", "C1:D1", "E1:E2", "A3:A4", "B3:B4"):
        sheet.merge_cells(cells)


def with_a_false_width(content: bytes) -> bytes:
    """The same workbook as some programs write it: one cell wide, it says of itself."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', old.read(name)))
    return made.getvalue()


SHAPES = {
    "a false width": with_a_false_width(
        book(("番号", "名称"), ("1", "子ども"), ("1-1", " 子育て"), ("1-2", " 学び"), ("2", "福祉"))
    ),
    "headings over two lines": book(
        ("政策", None, "施策", None, "目標値"),
        ("番号", "名称", "番号", "名称", None),
        ("1", "子ども", "1-1", "子育て", "10.5%"),
        (None, None, "1-2", "学び", ""),
        ("2", "福祉", None, None, ""),
        ("注1 令和8年度の名称である。",),
        change=two_lines,
    ),
    "spaces": csv(
        ("番号", "名称"), ("1", "子ども"), ("1-1", "\u3000子育て"), ("1-2", "\u3000学び"), ("2", "福祉")
    ),
    "indentation of the cell": book(
        ("番号", "名称"),
        ("1", "子ども"),
        ("1-1", "子育て"),
        ("1-2", "学び"),
        ("2", "福祉"),
        change=indent_cells,
    ),
    "numbers in full width": csv(
        ("番号", "名称"), ("１", "子ども"), ("１－１", "子育て"), ("１－２", "学び"), ("２", "福祉")
    ),
    "columns with gaps": csv(
        ("政策番号", "政策名", "施策番号", "施策名"),
        ("1", "子ども", "1-1", "子育て"),
        ("", "", "1-2", "学び"),
        ("2", "福祉", "", ""),
    ),
    "columns repeated": csv(
        ("政策コード", "政策", "施策コード", "施策"),
        ("1", "子ども", "1-1", "子育て"),
        ("1", "子ども", "1-2", "学び"),
        ("2", "福祉", "", ""),
    ),
    "columns merged": book(
        ("政策コード", "政策", "施策コード", "施策"),
        ("1", "子ども", "1-1", "子育て"),
        (None, None, "1-2", "学び"),
        ("2", "福祉", None, None),
        change=merge_down,
    ),
    "numbers above": csv(
        ("番号", "上位番号", "名称"),
        ("1", "", "子ども"),
        ("1-1", "1", "子育て"),
        ("1-2", "1", "学び"),
        ("2", "", "福祉"),
    ),
    "named levels": csv(
        ("階層", "番号", "名称"),
        ("政策", "1", "子ども"),
        ("施策", "1-1", "子育て"),
        ("施策", "1-2", "学び"),
        ("政策", "2", "福祉"),
    ),
    "steps to the right under one heading, the number before the name": book(
        ("政策・施策", None, "担当課（係）"),
        ("1 子ども", None, ""),
        (None, "１－１　子育て", ""),
        (None, "１－２　学び", ""),
        ("2 福祉", None, ""),
        change=lambda _book, sheet: sheet.merge_cells("A1:B1"),
    ),
    "numbers before names and nothing else": csv(
        ("施策の体系", "担当課"), ("1 子ども", ""), ("1-1 子育て", ""), ("1-2 学び", ""), ("2 福祉", "")
    ),
    "a title above": csv(
        ("第2次総合計画 体系表", ""),
        ("番号", "名称"),
        ("1", "子ども"),
        ("1-1", "　子育て"),
        ("1-2", "　学び"),
        ("2", "福祉"),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_plan_gives_the_same_tree(shape: str) -> None:
    lines, _notes, faults = read(SHAPES[shape])

    assert faults == []
    assert sorted(lines) == sorted(WANTED)


def hide(made: Any, sheet: Any) -> None:
    made.create_sheet("去年の案").sheet_state = "hidden"
    sheet.row_dimensions[4].hidden = True


def band(_book: Any, sheet: Any) -> None:
    sheet.merge_cells("A3:B3")


def behind_a_cover(made: Any, sheet: Any) -> None:
    """A cover of several lines before the table, a hidden column in it, and a heading that comes twice."""
    sheet.column_dimensions["C"].hidden = True
    cover = made.create_sheet("表紙", 0)
    for line in ("試験市", "第2次基本計画", "令和8年度"):
        cover.append([line])


COVERED = book(
    ("番号", "名称", "担当課", "備考", "備考"),
    ("1", "子ども", "昔の課", "", ""),
    ("1-1", " 子育て", "隠れた課", "", "x"),
    change=behind_a_cover,
)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (COVERED, "C列は非表示のため、読みませんでした。要る列なら、表示してから保存し直してください。"),
        (COVERED, "シート「表紙」は読みませんでした。一度に読むのは、一つのシートだけです。"),
        (SHAPES["columns merged"], "結合セル A2:A3 の「1」は、2〜3行目のすべての値として読みました。"),
        (
            book(("番号", "名称"), ("1", "子ども"), ("1-1", " 子育て"), ("9", "隠れた行"), change=hide),
            "シート「去年の案」は非表示のため、読みませんでした。",
        ),
        (
            book(("番号", "名称"), ("1", "子ども"), ("1-1", " 子育て"), ("9", "隠れた行"), change=hide),
            "4行目は非表示のため、読みませんでした。",
        ),
        (
            csv(("番号", "名称"), ("1", "子ども"), ("", "合計")),
            "B3「合計」は合計の行と読み、取り込みません。",
        ),
        (
            csv(("番号", "名称"), ("1", "子ども"), ("", "合　計")),
            "B3「合　計」は合計の行と読み、取り込みません。",
        ),
        (
            csv(("政策", "施策"), ("子ども", "子育て"), ("", "1施策")),
            "B3「1施策」は合計の行と読み、取り込みません。",
        ),
        (
            csv(("政策", "施策"), ("子ども", "子育て"), ("子ども 小計", "")),
            "A3「子ども 小計」は合計の行と読み、取り込みません。",
        ),
        (
            csv(("施策", "事業コード", "事務事業"), ("子育て", "001", "保育"), ("学び", "001", "図書")),
            "事業の番号は上の段ごとに1から振り直されているため、6桁の事業番号ではなく、枝の番号として読みました。",
        ),
    ],
)
def test_what_is_put_right_is_said_with_its_place(content: bytes, note: str) -> None:
    lines, notes, faults = read(content)

    assert note in notes
    assert faults == []
    assert not any("計" in title or "隠" in title for _order, _code, title in lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            csv(("番号", "上位番号", "名称"), ("1", "3", "子ども"), ("2", "1", "子育て"), ("3", "2", "学び")),
            "上位番号をたどると輪になっています(1 → 3 → 2 → 1)。どれか一つの上位番号を直してください。",
        ),
        (
            csv(("番号", "上位番号", "名称"), ("1", "1", "子ども")),
            "B2 で、枝が自分自身を上位にしています。",
        ),
        (
            csv(("番号", "上位番号", "名称"), ("1", "", "子ども"), ("1-1", "7", "子育て")),
            "3行目の上位番号「7」の行がありません。番号を直すか、その行を足してください。",
        ),
        (
            csv(
                ("番号", "上位番号", "名称"),
                ("1", "", "子ども"),
                ("1-1", "1", "子育て"),
                ("1-1", "1", "別の名"),
            ),
            "番号「1-1」が3行目にもあります。上の枝は一つにし、番号は一度だけ使ってください。",
        ),
        (
            csv(
                ("政策コード", "政策", "施策コード", "施策"),
                ("1", "子ども", "1-1", "子育て"),
                ("2", "福祉", "1-1", "子育て"),
            ),
            "D3「子育て」は、D2 でも別の枝の下にあります。上の枝は一つにしてください。",
        ),
        (
            csv(("政策", "施策"), ("", "子育て")),
            "B2「子育て」の上の段「政策」が空です。上の段の名称を書いてください。",
        ),
        (
            book(("番号", "名称"), ("1", "子ども"), ("第1章 全体に関わること", None), change=band),
            "A3:B3 は横に結合されていて、どの列の値か分かりません。結合を解いて、一つの列に書いてください。",
        ),
        (
            csv(("あ", "い"), ("1", "2")),
            "見出しの行が見つかりません。「番号」「名称」か、「政策」「施策」のような段ごとの見出しを1行目に置いてください。",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_cell(content: bytes, reason: str) -> None:
    _lines, _notes, faults = read(content)

    assert reason in faults


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "空です"), (b"PK\x03\x04 broken", "壊れている"), (b"\x81\xff\xfe\n1", "文字コードが分かりません")],
)
def test_a_file_that_is_none_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableTableError, match=words):
        read_grid(content)


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和8年度", 2026), ("Ｒ8", 2026), ("平成元年度", 1989), ("２０２６", 2026), ("S63", 1988)],
)
def test_years_are_read_as_people_write_them(text: str, year: int) -> None:
    assert read_year(text) == year


# --- Into a draft --------------------------------------------------------------------------------------------------------


@pytest.fixture
def who(db: None) -> Cast:
    return cast()


@pytest.fixture
def version(who: Cast) -> PlanVersion:
    return draft_of(plan_of(who))


def taken(who: Cast, version: PlanVersion, content: bytes) -> PlanImport:
    batch = importing.read(
        version_id=version.pk, name="計画.csv", content=content, actor=who.planner, at=NOON
    )
    assert batch.faults == []
    importing.apply(import_id=batch.pk, actor=who.planner, at=NOON)
    batch.refresh_from_db()
    return batch


def indicator(who: Cast, code: str) -> Indicator:
    made: Indicator = Indicator.objects.create(
        organization=who.town, code=code, name=f"指標 {code}", created_at=NOON, updated_at=NOON
    )
    return made


FIRST = csv(
    ("番号", "名称", "担当課", "対象", "事業番号", "位置づけ"),
    ("1", "子ども", "", "子ども", "", ""),
    ("1-1", "　子育て", "こども課", "保護者", "", ""),
    ("", "　　相談事業", "", "", "100101", "主"),
    ("1-2", "　学び", "", "児童", "", ""),
    ("", "　　相談事業(再掲)", "", "", "100101", ""),
    ("2", "福祉", "", "", "", ""),
)


def test_a_file_becomes_a_tree_with_its_programmes(who: Cast, version: PlanVersion) -> None:
    programme(who, "100101")

    taken(who, version, FIRST)

    assert outline(version) == ["子ども", "  子育て", "  学び", "福祉"]
    assert version.nodes.get(title="子育て").section == who.section
    found = dict(version.placements.values_list("node__title", "is_primary"))
    assert found == {"子育て": True, "学び": False}


def test_the_same_file_twice_is_refused(who: Cast, version: PlanVersion) -> None:
    programme(who, "100101")
    taken(who, version, FIRST)

    with pytest.raises(PlanError, match="取り込み済み"):
        importing.read(version_id=version.pk, name="計画.csv", content=FIRST, actor=who.planner, at=NOON)


def test_a_corrected_file_changes_only_what_differs_and_can_be_taken_back(
    who: Cast, version: PlanVersion
) -> None:
    programme(who, "100101")
    taken(who, version, FIRST)
    kept = node(who, version, "手で足した枝")
    before = list(version.nodes.order_by("path").values_list("uid", "path", "title", "target"))
    second = csv(
        ("番号", "名称", "対象"),
        ("1", "子ども・若者", "子ども"),
        ("1-1", "　子育て", "保護者と家族"),
        ("1-3", "　遊び", ""),
        ("2", "福祉", ""),
        ("1-2", "　学び", "児童"),
    )
    batch = importing.read(version_id=version.pk, name="直し.csv", content=second, actor=who.planner, at=NOON)

    wanted = differences_of(batch)
    assert (len(wanted.added), len(wanted.changed), len(wanted.moved), wanted.same, wanted.kept) == (
        1,
        2,
        1,
        1,
        1,
    )
    change = importing.apply(import_id=batch.pk, actor=who.planner, at=NOON)
    assert outline(version) == ["子ども・若者", "  子育て", "  遊び", "福祉", "  学び", "手で足した枝"]
    services.undo(change_id=change.pk, actor=who.planner, at=NOON)

    assert list(version.nodes.order_by("path").values_list("uid", "path", "title", "target")) == before
    assert version.nodes.get(title="手で足した枝") == kept


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [
                ("", "　　事業", "", "100101", ""),
                ("1-2", "　学び", "", "", ""),
                ("", "　　事業", "", "100101", ""),
            ],
            "事務事業 100101 の主な位置づけが B4 と B6 の二か所にあります。",
        ),
        ([("", "　　事業", "", "999999", "")], "事業番号「999999」の事務事業がありません。"),
        ([("1-2", "　学び", "ない課", "", "")], "「ない課」という課がいまはありません。"),
        ([("1-1", "　別の枝", "", "", "")], "B4 は B3 と同じ枝です"),
    ],
)
def test_what_cannot_be_in_the_municipality_is_refused_and_nothing_is_written(
    who: Cast, version: PlanVersion, rows: list[tuple[str, ...]], reason: str
) -> None:
    programme(who, "100101")
    head = ("番号", "名称", "担当課", "事業番号", "位置づけ")
    content = csv(head, ("1", "子ども", "", "", ""), ("1-1", "　子育て", "", "", ""), *rows)

    batch = importing.read(version_id=version.pk, name="x.csv", content=content, actor=who.planner, at=NOON)

    assert any(fault["reason"].startswith(reason) for fault in batch.faults)
    with pytest.raises(PlanError, match="直すところ"):
        importing.apply(import_id=batch.pk, actor=who.planner, at=NOON)
    assert not version.nodes.exists()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_tree_that_left_as_a_file_comes_back_without_a_difference(
    who: Cast, version: PlanVersion, language: str
) -> None:
    programme(who, "100101")
    taken(who, version, FIRST)
    keys = [indicator(who, code).pk for code in ("K-1", "K-2")]
    leaf = version.nodes.get(title="子育て")
    services.add_indicators(node_id=leaf.pk, indicator_ids=keys, actor=who.planner, at=NOON)

    with translation.override(language):
        file = write_csv(exporting.headings(), list(exporting.rows(who.planner, version)))
        batch = importing.read(
            version_id=version.pk, name="書き出し.csv", content=file, actor=who.planner, at=NOON
        )

    wanted = differences_of(batch)
    assert batch.faults == []
    assert (wanted.added, wanted.changed, wanted.moved, wanted.same, wanted.linked) == ([], {}, [], 4, [])


def test_indicators_named_in_the_table_are_linked_and_taken_back(who: Cast, version: PlanVersion) -> None:
    programme(who, "100101")
    taken(who, version, FIRST)
    for code in ("K-1", "K-2"):
        indicator(who, code)
    head = ("番号", "名称", "指標番号")

    unknown = csv(head, ("1", "子ども", ""), ("1-1", "　子育て", "Ｋ-1、K-9"))
    batch = importing.read(version_id=version.pk, name="k.csv", content=unknown, actor=who.planner, at=NOON)
    assert [(each["column"], each["value"]) for each in batch.faults] == [("C3", "K-9")]
    batch = taken(who, version, csv(head, ("1", "子ども", "K-1"), ("1-1", "　子育て", "Ｋ-1、K-2")))

    links = NodeIndicator.objects.filter(node__version=version).order_by("node__path", "order")
    found = list(links.values_list("node__title", "indicator__code"))
    assert found == [("子ども", "K-1"), ("子育て", "K-1"), ("子育て", "K-2")]
    services.undo(change_id=batch.change_id, actor=who.planner, at=NOON)
    assert not links.exists()


def test_three_thousand_branches_are_taken_over_in_a_bounded_number_of_statements(
    who: Cast, version: PlanVersion, django_assert_max_num_queries: Any
) -> None:
    lines: list[Sequence[object]] = [("番号", "名称")]
    for upper in range(1, 31):
        lines.append((f"{upper}", f"政策{upper}"))
        lines += [(f"{upper}-{lower}", f"　施策{upper}-{lower}") for lower in range(1, 100)]
    batch = importing.read(
        version_id=version.pk, name="大きな計画.csv", content=csv(*lines), actor=who.planner, at=NOON
    )

    with django_assert_max_num_queries(120):
        importing.apply(import_id=batch.pk, actor=who.planner, at=NOON)

    assert version.nodes.count() == 3_000


def test_last_years_sections_and_unknown_programmes_name_their_cells_or_are_let_through(who: Cast) -> None:
    version = draft_of(plan_of(who))
    table = csv(
        ("政策", "施策", "事務事業コード", "事務事業", "主管課"),
        ("健康", "健診", "010101", "健診事業", "昔の課"),
    )

    strict = importing.read(version_id=version.pk, name="表.csv", content=table, actor=who.planner, at=NOON)
    assert sorted(fault["column"] for fault in strict.faults) == ["C2", "E2"]

    options = Options(leave_sections_out=True, unknown_as_branches=True)
    batch = importing.read(
        version_id=version.pk, name="表.csv", content=table, options=options, actor=who.planner, at=NOON
    )
    importing.apply(import_id=batch.pk, actor=who.planner, at=NOON)

    assert outline(version) == ["健康", "  健診", "    健診事業"]
    assert len(batch.notes) == 2


def test_remarks_under_the_table_are_no_branches() -> None:
    lines, notes, faults = read(
        book(
            ("政策", "施策", "担当課"),
            ("健康", "健診", ""),
            ("※ 令和8年4月現在", "", ""),
            ("注)担当課は新しい組織による", "", ""),
            change=lambda _book, sheet: sheet.merge_cells("A3:C3"),
        )
    )

    assert [title for _order, _code, title in lines] == ["健康", "健診"]
    assert faults == []
    assert any("注記と読み" in note for note in notes)
