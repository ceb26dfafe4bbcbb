"""A sheet as a workbook to fill offline, and what a filled one would change."""

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.evaluation.enums import Criterion, Direction, Judgement
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.facts.building import year_words
from enishi.evaluation.facts.shapes import ABOVE
from enishi.evaluation.forms import QUESTIONS
from enishi.evaluation.models import Evaluation, SheetUpload, Subject
from enishi.evaluation.papers.composing import NUMBERS, Sheet, grade, judgement_words
from enishi.evaluation.services.sheets import GRADES, judged_criteria
from enishi.foundation.forms import clean_text, file_name, read_yen, shortened
from enishi.foundation.joined_cells import joins_of
from enishi.foundation.money import in_yen
from enishi.foundation.spreadsheets import Row, UnreadableTableError, defused, read_table

CODE, ITEM, KNOWN, TYPED, HOW = "符号", "項目", "記録から", "記入", "書き方"
HEADINGS = (CODE, ITEM, KNOWN, TYPED, HOW)
NUMBER, VERSION = "シート", "版"
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 500
_GREY = PatternFill("solid", fgColor="EDEDED")
_YELLOW = PatternFill("solid", fgColor="FFF8D6")
_EDGE = Side(style="thin", color="999999")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_WRAP = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True)
class Question:
    """One cell people fill: its code, what is there now, and how to write it."""

    code: str
    item: str
    value: str
    how: str
    choices: tuple[str, ...] = ()
    longest: int = 0


def questions(subject: Subject, evaluation: Evaluation | None) -> list[Question]:
    """The cells of the first stage, in the order of the page."""
    stored = evaluation or Evaluation(subject=subject)
    scale = subject.cycle.scale
    grades = tuple(grade(letter, scale) for letter in GRADES)
    found = [
        Question(
            f"score_{each}",
            str(Criterion(each).label),
            grade(stored.scores[each], scale) if stored.scores.get(each) else "",
            str(QUESTIONS.get(each, "")),
            grades,
        )
        for each in judged_criteria(subject.cycle)
    ]
    words = tuple(judgement_words(subject, letter) for letter in Judgement.values)
    delta = in_yen(stored.expected_delta_yen) if stored.expected_delta_yen is not None else ""
    merged = str(stored.merges_into) if stored.merges_into else ""
    return [
        *found,
        Question(
            "judgement", _("判定"), judgement_words(subject, stored.judgement), _("選んでください"), words
        ),
        Question(
            "departure_reason",
            _("計算と判定が離れる理由"),
            stored.departure_reason,
            _("計算した判定と2段階以上違うときだけ"),
            longest=1_000,
        ),
        Question(
            "comment",
            _("成果と課題"),
            stored.comment,
            _("数字の理由と、困っていることを2〜4文で"),
            longest=2_000,
        ),
        Question(
            "direction", _("今後の方向"), stored.direction, _("選んでください"), tuple(Direction.values)
        ),
        Question(
            "merges_into", _("統合先の事務事業"), merged, _("「統合」のときだけ。事業番号6桁"), longest=150
        ),
        Question(
            "improvement",
            _("改善の内容"),
            stored.improvement,
            _("だれが、いつまでに、何を変えるか"),
            longest=2_000,
        ),
        Question(
            "expected_delta_yen",
            _("予算の増減の見込み"),
            delta,
            _("円。△500千円、120万円 とも書けます"),
            longest=40,
        ),
    ]


# --- Out ----------------------------------------------------------------------------------------------------------------


def as_xlsx(sheet: Sheet, evaluation: Evaluation | None) -> bytes:
    """The facts in grey, the cells to fill in yellow and unlocked, lists to choose from where there is a choice."""
    book = Workbook()
    page: Any = book.active
    page.title = "評価シート"
    widths = {"A": 18, "B": 26, "C": 46, "D": 52, "E": 34}
    for column, width in widths.items():
        page.column_dimensions[column].width = width
    subject = sheet.subject
    page.append([f"{subject.cycle.title}　{subject.title}"])
    page["A1"].font = Font(bold=True, size=14)
    page.append(list(HEADINGS))
    for cell in page[2]:
        cell.font, cell.fill, cell.border = Font(bold=True), _GREY, _BOX
    page.freeze_panes = "A3"
    _put(page, NUMBER, _("シート番号(書き換えないでください)"), str(subject.pk))
    _put(
        page,
        VERSION,
        _("書き出したときの版(書き換えないでください)"),
        str(evaluation.version if evaluation else 0),
    )
    asked = questions(subject, evaluation)
    for title, known, codes in _groups(sheet):
        _head(page, title)
        for item, value in known:
            _put(page, "", item, value)
        for question in asked:
            if question.code.startswith(codes):
                _ask(page, question, sheet)
    page.protection.sheet = True
    page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight = "landscape", 9, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


Lines = Iterable[tuple[str, str]]


def _groups(sheet: Sheet) -> list[tuple[str, Lines, tuple[str, ...]]]:
    """As on the page: what the records say, and right below it what people answer to that."""
    facts = sheet.facts
    known = [(item["label"], item["value"]) for item in [*facts["basics"], *facts["purpose"]]]
    computed: dict[str, list[tuple[str, str]]] = {"judgement": [], "criteria": []}
    for key, each in facts["computed"].items():
        label = (
            _("計算した判定") if key == "judgement" else _("計算: %(what)s") % {"what": Criterion(key).label}
        )
        kind = "judgement" if key == "judgement" else "criteria"
        computed[kind].append((label, f"{each['letter'] or _('判定不能')} {each['why']}"))
    last = [(text["label"], text["value"]) for text in facts["last"]]
    comment = [(_("前回の成果と課題"), facts["previous"].get("comment", ""))]
    improvement = [(_("前回の改善の内容"), facts["previous"].get("improvement", ""))]
    written = [line for line in comment if line[1]], [line for line in improvement if line[1]]
    return [
        (_("1 何をしたか"), [*known, *computed["criteria"]], ("score_",)),
        (
            _("2 どれだけ進んだか"),
            [*_indicator_lines(facts), *computed["judgement"]],
            ("judgement", "departure_reason"),
        ),
        (_("3 いくらかかったか、何に困ったか"), [*_money_lines(facts), *last, *written[0]], ("comment",)),
        (
            _("4 これからどうするか"),
            written[1],
            ("direction", "merges_into", "improvement", "expected_delta_yen"),
        ),
    ]


def _indicator_lines(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in facts["yardsticks"]:
        for year in each["years"]:
            if year["year"] > facts["year"]:
                continue
            words = _("%(year)s 目標 %(target)s 実績 %(value)s %(status)s")
            whose = f" {each['stage']}" if each["role"] == ABOVE else ""
            yield f"{each['name']}({each['unit']}){whose}", words % {**year, "year": year_words(year["year"])}


def _money_lines(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in facts["money"]:
        if any(row["values"]):
            pairs = zip(facts["years"], row["values"], strict=True)
            yield row["label"], " / ".join(f"{year_words(year)} {value or '—'}" for year, value in pairs)


def _head(page: Any, title: str) -> None:
    page.append([title])
    page.cell(page.max_row, 1).font = Font(bold=True, size=12)
    page.row_dimensions[page.max_row].height = 26


def _put(page: Any, code: str, item: str, known: str) -> None:
    page.append([code, item, _plain(known), "", ""])
    for cell in page[page.max_row]:
        cell.fill, cell.border, cell.alignment = _GREY, _BOX, _WRAP


def _ask(page: Any, question: Question, sheet: Sheet) -> None:
    page.append([question.code, question.item, "", _plain(question.value), _plain(question.how)])
    row = page.max_row
    for cell in page[row]:
        cell.border, cell.alignment = _BOX, _WRAP
    answer = page.cell(row, 4)
    answer.fill, answer.protection = _YELLOW, Protection(locked=False)
    page.row_dimensions[row].height = 75 if question.longest >= 1_000 else 30
    if question.choices:
        choice = DataValidation(
            type="list", formula1='"' + ",".join(question.choices) + '"', allow_blank=True
        )
        choice.error = _("並んでいるものから選んでください。")
        page.add_data_validation(choice)
        choice.add(answer)


def _plain(text: str) -> object:
    return ILLEGAL_CHARACTERS_RE.sub("", str(defused(text)))


# --- In -----------------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    changes: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0


def take_in(
    *,
    subject: Subject,
    evaluation: Evaluation | None,
    content: bytes,
    name: str,
    actor: Person,
    at: dt.datetime,
) -> SheetUpload:
    """Read a filled-in workbook and keep what it would change, for somebody to look at first."""
    if len(content) > MOST_BYTES:
        raise RefusedError(_("ファイルは5MBまでです。"))
    digest = hashlib.sha256(content).hexdigest()
    if SheetUpload.objects.filter(subject=subject, sha256=digest, applied_at__isnull=False).exists():
        raise RefusedError(_("同じファイルは、もう取り込んであります。直したものを選んでください。"))
    try:
        table = read_table(content, max_rows=MOST_ROWS, is_heading=lambda text: text in HEADINGS)
    except UnreadableTableError as unreadable:
        raise RefusedError(str(unreadable)) from unreadable
    missing = [heading for heading in (CODE, TYPED) if heading not in table.headings]
    if missing:
        raise RefusedError(
            _("見出し「%(headings)s」がありません。この評価シートから書き出したファイルに記入してください。")
            % {"headings": _("」「").join(missing)}
        )
    _refuse_joined(content, list(table.headings).index(TYPED))
    written = _own_sheet(subject, list(table.rows))
    reading = compare(subject, evaluation, list(table.rows), actor)
    return SheetUpload.objects.create(
        subject=subject,
        person=actor,
        filename=file_name(name, unnamed="sheet.xlsx"),
        sha256=digest,
        sheet_version=evaluation.version if evaluation else 0,
        written_version=written,
        changes=reading.changes,
        faults=reading.faults,
        unchanged=reading.unchanged,
        made_at=at,
    )


def _refuse_joined(content: bytes, column: int) -> None:
    """Excel keeps only the first of joined answers: what stood in the others would be lost without a word."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pages = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
    for page in pages:
        for joined in joins_of(content, page):
            if joined.first_row > 2 and joined.covers(column):
                raise RefusedError(
                    _(
                        "セル %(cells)s が結合されています。結合を解き、空になった欄を書き直してから、もう一度選んでください。"
                    )
                    % {"cells": joined.cells}
                )


def _own_sheet(subject: Subject, rows: list[Row]) -> int:
    """Refuse another sheet's file; answer the version it was written out from."""
    told = {_text(row, CODE): _text(row, KNOWN) for row in rows if _text(row, CODE) in {NUMBER, VERSION}}
    if told.get(NUMBER) != str(subject.pk):
        raise RefusedError(
            _(
                "これは「%(title)s」のファイルではありません。このシートから書き出したファイルを選んでください。"
            )
            % {"title": subject.title}
        )
    version = told.get(VERSION, "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0


def compare(subject: Subject, evaluation: Evaluation | None, rows: list[Row], actor: Person) -> Reading:
    """The differences between a filled workbook and the sheet as it is now, cell by cell."""
    asked = {question.code: question for question in questions(subject, evaluation)}
    reading, seen = Reading(), set[str]()
    for row in rows:
        code = _text(row, CODE)
        question = asked.get(code)
        if question is None:
            if code not in {"", NUMBER, VERSION} and _text(row, TYPED):
                _fault(
                    reading, row, code, _("このシートにない符号です。書き出したままの符号にしてください。")
                )
            continue
        if code in seen:
            _fault(reading, row, code, _("同じ符号の行が二つあります。一つにしてください。"))
            continue
        seen.add(code)
        _compare(reading, subject, actor, row, question)
    for code, question in asked.items():
        if code not in seen:
            reading.faults.append(
                {
                    "row": "",
                    "column": CODE,
                    "value": question.item,
                    "reason": _("この欄の行がファイルにありません。行を消さずに、空のままにしてください。"),
                }
            )
    return reading


def _compare(reading: Reading, subject: Subject, actor: Person, row: Row, question: Question) -> None:
    typed = _text(row, TYPED)
    if typed == question.value.strip():
        reading.unchanged += 1
        return
    try:
        after, shown = _read(subject, actor, question, typed)
    except ValidationError as refused:
        _fault(reading, row, typed, " ".join(refused.messages))
        return
    if shown == question.value.strip():
        reading.unchanged += 1
        return
    reading.changes.append(
        {
            "row": row.number,
            "key": question.item,
            "column": TYPED,
            "name": question.code,
            "before": question.value,
            "after": after,
            "shown": shown,
        }
    )


def _read(subject: Subject, actor: Person, question: Question, typed: str) -> tuple[Any, str]:
    """The value as it is stored and as people read it, or a ``ValidationError`` with the sentence."""
    if not typed:
        return (None if question.code in {"expected_delta_yen", "merges_into"} else ""), ""
    if question.code == "expected_delta_yen":
        yen = read_yen(typed)
        return yen, in_yen(yen)
    if question.code == "merges_into":
        return _programme(subject, actor, typed)
    if question.choices:
        return _choice(subject, question, typed)
    if len(typed) > question.longest:
        raise ValidationError(
            _("%(most)d字までです(いま%(count)d字)。") % {"most": question.longest, "count": len(typed)}
        )
    return typed, typed


def _programme(subject: Subject, actor: Person, typed: str) -> tuple[int, str]:
    uid = clean_text(typed).strip()[:6]
    rows = Programme.objects.visible_to(actor).filter(organization_id=subject.organization_id)
    found = rows.filter(uid=uid).first()
    if found is None:
        raise ValidationError(_("事業番号「%(uid)s」の事務事業がありません。") % {"uid": shortened(typed)})
    return found.pk, str(found)


def _choice(subject: Subject, question: Question, typed: str) -> tuple[str, str]:
    """Choices are understood as they are written out, as the letter alone, and in full width."""
    folded = shortened(typed).translate(str.maketrans("ＡＢＣＤａｂｃｄ１２３abcd", "ABCDABCD123ABCD"))
    for choice in question.choices:
        if folded == choice or (question.code == "judgement" and folded == choice[:1]):
            return _stored(question, choice), choice
    raise ValidationError(
        _("「%(offered)s」のどれかを書いてください。") % {"offered": _("・").join(question.choices)}
    )


def _stored(question: Question, choice: str) -> str:
    if question.code == "judgement":
        return choice[:1]
    letters = {number: letter for letter, number in NUMBERS.items()}
    return letters.get(choice, choice) if question.code.startswith("score_") else choice


def _fault(reading: Reading, row: Row, value: str, reason: str) -> None:
    reading.faults.append(
        {"row": row.number, "column": f"{TYPED}(D{row.number})", "value": shortened(value), "reason": reason}
    )


def _text(row: Row, heading: str) -> str:
    return clean_text(row.cells.get(heading, ""), lines=True).strip()


def values_of(upload: SheetUpload, evaluation: Evaluation | None) -> Mapping[str, Any]:
    """What applying the upload would write."""
    values: dict[str, Any] = {}
    scores = dict(evaluation.scores) if evaluation else {}
    for change in upload.changes:
        name = change["name"]
        if name.startswith("score_"):
            scores[name.removeprefix("score_")] = change["after"]
        elif name == "merges_into":
            values[name] = Programme.objects.filter(pk=change["after"]).first() if change["after"] else None
        else:
            values[name] = change["after"]
    return values | {"scores": scores}
