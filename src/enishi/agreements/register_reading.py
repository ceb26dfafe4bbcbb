"""A municipality's list of agreements (協定一覧) as it is kept: joined cells, headings of two lines, old sections, notes below.

What cannot be used without doubt is said at its row and kept in words, and only what an agreement cannot be without is a fault.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.agreements.calculations import add_months
from enishi.agreements.enums import AgreementKind, Renewal
from enishi.agreements.knowledge import knowledge
from enishi.exchange.models import Field
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import clean_text, read_date, too_long
from enishi.foundation.numbers import whole
from enishi.foundation.spreadsheets import Table
from enishi.organizations.models import Organization, Section

MOST_ROWS = 2_000
MOST_REMARK = 500
NAMES: dict[str, tuple[str, ...]] = {
    "number": ("管理番号", "番号", "協定番号", "No", "№"),
    "title": ("名称", "協定名", "協定の名称", "協定名称", "協定等名称", "協定書名", "件名"),
    "kind": ("種類", "協定の種類", "区分", "種別"),
    "scheme": ("制度", "根拠制度"),
    "counterparts": ("相手方", "相手", "協定先", "締結先", "締結相手方", "協定の相手方", "締結事業者"),
    "purpose": ("目的", "協定の目的", "概要", "内容", "協定内容", "連携事項"),
    "signed_on": ("締結日", "協定締結日", "締結年月日"),
    "starts_on": ("始まり", "開始日", "始期", "有効期間(始)", "期間開始"),
    "ends_on": ("終わり", "終了日", "終期", "有効期限", "有効期間(終)", "期間終了", "満了日"),
    "period": ("有効期間", "協定期間", "期間"),
    "renewal": ("更新", "更新方法", "自動更新", "自動更新の有無"),
    "notice_months": ("予告月数", "申し出(月前)", "更新申出"),
    "section": ("担当課", "所管課", "担当", "主管課", "所管", "担当部署"),
    "field": ("分野",),
}
_WANTED = ("title", "counterparts")
_LIKE = (
    ("signed_on", re.compile(r"締結.*(日|年月)")),
    ("counterparts", re.compile(r"相手|締結(先|団体|企業)|協定先|事業者名|企業名|団体名")),
    ("starts_on", re.compile(r"期間.*(始|開始|自)|始期|開始(年月)?日")),
    ("ends_on", re.compile(r"期間.*(終|満了|至)|終期|終了(年月)?日|有効期限|満了")),
    ("title", re.compile(r"^協定(等|書)?の?(名|名称|件名)$")),
    ("renewal", re.compile(r"更新")),
    ("section", re.compile(r"(担当|所管|主管|所属)(部|課|局|室|部署|部課)")),
    ("field", re.compile(r"分野")),
    ("purpose", re.compile(r"^(協定)?(の)?(概要|内容|目的)")),
)
LONGEST_HEADING = 24
_NOTHING = {
    "",
    "-",
    "―",
    "ー",
    "—",
    "なし",
    "無し",
    "無",
    "定めなし",
    "期限なし",
    "無期限",
    "期限の定めなし",
    "期間の定めなし",
}
_TOTAL = re.compile(r"^(合計|総計|小計|計|※|\*|注|\(注)")
_DATE = re.compile(
    r"(?:令和|平成|昭和|[RHS令平昭])?\.?(?:元|\d{1,4})[年./-]\d{1,2}[月./-](?:\d{1,2}|末)日?|\d{8}", re.I
)
_LENGTH = re.compile(r"(\d{1,2})(年|か月|ヶ月|カ月|箇月|月)間?")
_FIRST_SERIAL, _LAST_SERIAL = 15_000, 80_000
_KINDS = (
    ("disaster", ("災害", "防災", "帰宅困難", "避難", "応急")),
    ("comprehensive", ("包括",)),
    ("trial", ("実証",)),
    ("memorandum", ("覚書",)),
    ("covenant", ("連携協約", "事務委託", "規約")),
    ("facility", ("指定管理", "管理運営", "基本協定")),
    ("individual", ("協定",)),
)
_YES = ("有", "あり", "○", "〇", "◯", "◎", "可", "自動")
_NO = ("無", "なし", "×", "✕", "不可", "更新しない", "-", "―")
_ASKED = ("申", "協議", "双方", "合意")


def plain(text: str) -> str:
    """Half width, without spaces and line breaks: how headings and words are compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


_HEADINGS = {plain(name): key for key, names in NAMES.items() for name in names}


def subject_of(heading: str) -> str | None:
    """What a column of this heading is about.

    >>> subject_of("締結\\n相手方"), subject_of("有効期間 始期"), subject_of("備考")
    ('counterparts', 'starts_on', None)
    """
    text = plain(heading)
    found = _HEADINGS.get(text) or _HEADINGS.get(text.rstrip("."))
    if found is not None or not text or len(text) > LONGEST_HEADING:
        return found
    return next((name for name, pattern in _LIKE if pattern.search(text)), None)


def is_heading(text: str) -> bool:
    return subject_of(text) is not None


@dataclass
class Read:
    """What a list says: rows ready to be taken over, faults that must be mended first, and what was not read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Line:
    """One row being read: its cells by subject (heading and text), the rest in words, and what is to be said of it."""

    number: int
    cells: Mapping[str, tuple[str, str]]
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.cells.get(name, ("", ""))[1]

    def heading(self, name: str) -> str:
        return self.cells.get(name, ("", ""))[0] or NAMES[name][0]

    def keep(self, name: str, why: str) -> None:
        """Left out of its place, kept in words."""
        self.notes.append(why)
        self.remarks.append(f"{self.heading(name)}: {self.text(name)}")


class RegisterReader:
    """Turns the cells of the sheet into values, and says what cannot be one."""

    def __init__(self, organization: Organization, today: dt.date) -> None:
        self.today = today
        self.read = Read()
        self.sections = {
            plain(row.name): row.pk
            for row in Section.objects.filter(organization=organization).open_on(today)
        }
        self.fields = {plain(each.name): each.pk for each in Field.objects.filter(is_active=True)}
        self.schemes = {plain(scheme.name): key for key, scheme in knowledge().schemes.items()}
        self.kinds = {plain(str(kind.label)): kind.value for kind in AgreementKind}

    def table(self, table: Table) -> Read:
        columns = self._columns(table)
        missing = [NAMES[name][0] for name in _WANTED if name not in columns.values()]
        if missing:
            found = "、".join(" ".join(each.split()) for each in table.headings if each.strip())[:200]
            why = _("この見出しの列がありません。読み取った見出し: %(found)s") % {"found": found}
            self._fault(1, "、".join(missing), "", why)
        elif len(table.rows) > MOST_ROWS:
            self._fault(1, "", "", _("一度に取り込めるのは%(most)s行までです。") % {"most": f"{MOST_ROWS:,}"})
        else:
            for line in self._lines(table, columns):
                self.read.rows.append(self._row(line))
            self._once()
        return self.read

    def _columns(self, table: Table) -> dict[str, str]:
        """The first column of each subject; the others are kept in words."""
        columns: dict[str, str] = {}
        for heading in table.headings:
            subject = subject_of(heading)
            if subject is not None and subject not in columns.values():
                columns[heading] = subject
        other = [" ".join(each.split()) for each in table.headings if each.strip() and each not in columns]
        if other:
            self.read.notes.append(
                _("次の列は、協定ごとの「活動」に言葉のまま残します: %(columns)s")
                % {"columns": _("、").join(other)[:300]}
            )
        return columns

    def _lines(self, table: Table, columns: Mapping[str, str]) -> Iterator[_Line]:
        left_out: list[str] = []
        for row in table.rows:
            texts = {heading: clean_text(value).strip() for heading, value in row.cells.items()}
            cells = {
                columns[heading]: (" ".join(heading.split()), text)
                for heading, text in texts.items()
                if heading in columns
            }
            said = next((text for text in texts.values() if text), "")
            named = [cells.get(name, ("", ""))[1] for name in _WANTED]
            if _TOTAL.match(plain(said)) or not any(named):
                if said and not said.isdecimal():
                    left_out.append(f"{row.number}行目「{said[:40]}」")
                continue
            line = _Line(row.number, cells)
            line.remarks += [
                f"{' '.join(heading.split())}: {text}"
                for heading, text in texts.items()
                if text and heading not in columns
            ]
            yield line
        if left_out:
            words = _("協定の名称も相手方もない行や合計は、読みませんでした: %(rows)s")
            self.read.notes.append(words % {"rows": _("、").join(left_out)[:500]})

    def _row(self, line: _Line) -> dict[str, Any]:
        row: dict[str, Any] = {"row": line.number, "number": self._number(line)}
        for name, limit in (("title", 150), ("purpose", 4_000), ("counterparts", 1_000)):
            row[name] = self._text(line, name, limit)
        for name in ("signed_on", "starts_on", "ends_on"):
            row[name] = self._day(line, name)
        row["renewal"], row["renewal_months"] = self._renewal(line)
        self._period(line, row)
        row["kind"] = self._kind(line, row["title"])
        row["scheme"] = self._known(line, "scheme", self.schemes) or ""
        row["section_id"] = self._known(line, "section", self.sections)
        row["field_id"] = self._known(line, "field", self.fields)
        row["notice_months"] = self._months(line)
        self._whole(line, row)
        self._go_on(line, row)
        row["notes"], row["remark"] = line.notes, "\n".join(line.remarks)
        return row

    def _number(self, line: _Line) -> str:
        """A number given by the office; the running number of a list says nothing of the agreement."""
        text = self._text(line, "number", 30)
        is_running = plain(line.heading("number")).lower().startswith("no") and plain(text).isdecimal()
        return "" if is_running else text

    def _text(self, line: _Line, name: str, limit: int) -> str:
        text = line.text(name)
        if len(text) > limit:
            self._fault(line.number, line.heading(name), text[:40], too_long(limit))
        return text

    def _day(self, line: _Line, name: str) -> str | None:
        text = line.text(name)
        if plain(text) in _NOTHING:
            return None
        serial = whole(plain(text), _FIRST_SERIAL, _LAST_SERIAL)
        if serial is not None:
            return (dt.date(1899, 12, 30) + dt.timedelta(days=serial)).isoformat()
        try:
            return read_date(text).isoformat()
        except ValidationError as error:
            dates = _DATE.findall(plain(text))
            if len(dates) == 1:
                try:
                    day = read_date(dates[0])
                except ValidationError:
                    pass
                else:
                    line.remarks.append(f"{line.heading(name)}: {text}")
                    return day.isoformat()
            self._fault(line.number, line.heading(name), text, " ".join(error.messages))
            return None

    def _renewal(self, line: _Line) -> tuple[str, int | None]:
        text = plain(line.text("renewal"))
        length = _length(text)
        if not text or text.startswith(_NO) or "しない" in text:
            return Renewal.NONE.value, None
        if text.startswith(_YES) or "自動" in text:
            return Renewal.AUTOMATIC.value, length
        if any(word in text for word in _ASKED):
            return Renewal.BY_NOTICE.value, length
        line.keep("renewal", _("更新の書き方が分からないため「更新しない」とします。"))
        return Renewal.NONE.value, None

    def _period(self, line: _Line, row: dict[str, Any]) -> None:
        """「H28.4.1～H29.3.31(以後自動更新)」 in one cell, or 「締結日から1年間」."""
        text = plain(line.text("period"))
        if not text or text in _NOTHING:
            return
        days = _days_in(text)
        begins = row["starts_on"] or row["signed_on"]
        length = _length(text)
        if len(days) >= 2:
            row["starts_on"], row["ends_on"] = row["starts_on"] or days[0], row["ends_on"] or days[1]
        elif len(days) == 1 and re.search(r"まで|迄|^[~～〜-]", text):
            row["ends_on"] = row["ends_on"] or days[0]
        elif days:
            row["starts_on"] = row["starts_on"] or days[0]
            begins = row["starts_on"]
        term = _length(text.partition("更新")[0])
        if row["ends_on"] is None and term and begins:
            last = add_months(dt.date.fromisoformat(begins), term) - dt.timedelta(days=1)
            row["ends_on"] = last.isoformat()
        if "更新" in text and "しない" not in text and not line.text("renewal"):
            row["renewal"], row["renewal_months"] = Renewal.AUTOMATIC.value, length
        if row["ends_on"] is None and not (days or length):
            line.keep("period", _("有効期間の書き方が分からないため、期間を入れずに取り込みます。"))

    def _kind(self, line: _Line, title: str) -> str:
        text = plain(line.text("kind"))
        if text in self.kinds:
            return self.kinds[text]
        for words in filter(None, (text, title)):
            for kind, marks in _KINDS:
                if any(mark in words for mark in marks):
                    if text and words == title:
                        line.keep("kind", _("種類は、名称から選びました。"))
                    return kind
        if text:
            line.keep("kind", _("種類が分からないため「その他」とします。"))
        return AgreementKind.OTHER.value

    def _known(self, line: _Line, name: str, known: Mapping[str, Any]) -> Any:
        """The one meant: by its name, by its name without what stands in brackets, or the only one that holds these words."""
        text = plain(line.text(name))
        if not text or text in _NOTHING:
            return None
        bare = re.sub(r"\(.*?\)", "", text)
        if text in known or bare in known:
            return known.get(text, known.get(bare))
        near = [key for key in known if bare and (bare in key or key in bare)]
        if len(near) == 1:
            line.notes.append(
                _("%(heading)s「%(text)s」を「%(near)s」と読みました。")
                % {"heading": line.heading(name), "text": line.text(name)[:40], "near": near[0]}
            )
            return known[near[0]]
        line.keep(
            name,
            _("%(heading)s「%(text)s」は登録がないため、空のまま取り込みます。")
            % {"heading": line.heading(name), "text": line.text(name)[:40]},
        )
        return None

    def _months(self, line: _Line) -> int | None:
        text = plain(line.text("notice_months"))
        if not text or text in _NOTHING:
            return None
        months = whole(re.sub(r"(か|ヶ|カ|箇)?月(間|前)?(まで)?$", "", text), 1, 60)
        if months is None:
            line.keep("notice_months", _("申し出の期限の書き方が分からないため、入れずに取り込みます。"))
        return months

    def _whole(self, line: _Line, row: Mapping[str, Any]) -> None:
        for name in _WANTED:
            if not row[name]:
                self._fault(line.number, line.heading(name), "", _("空欄にはできません。"))
        begins = row["starts_on"] or row["signed_on"]
        if begins and row["ends_on"] and row["ends_on"] < begins:
            self._fault(line.number, line.heading("ends_on"), row["ends_on"], _("始まりより前の日です。"))
        if row["signed_on"] and row["signed_on"] > self.today.isoformat():
            why = _("先の日付です。締結した協定だけを取り込めます。")
            self._fault(line.number, line.heading("signed_on"), row["signed_on"], why)
        is_told = any(fault["row"] == line.number for fault in self.read.faults)
        if not row["signed_on"] and not row["starts_on"] and not is_told:
            why = _("締結日か始まりのどちらかが要ります。")
            self._fault(line.number, line.heading("signed_on"), line.text("signed_on"), why)

    def _go_on(self, line: _Line, row: dict[str, Any]) -> None:
        """An agreement that renews itself and is still listed has gone on: its end is the next one."""
        if row["renewal"] == Renewal.NONE:
            return
        if row["ends_on"] is None:
            line.keep("renewal", _("終わりの日がないので、期限の定めのない協定として取り込みます。"))
            row["renewal"] = Renewal.NONE.value
            return
        written = ends = dt.date.fromisoformat(row["ends_on"])
        months = row["renewal_months"] or 12
        turns = 0
        while row["renewal"] == Renewal.AUTOMATIC and ends < self.today:
            turns += 1
            ends = add_months(written + dt.timedelta(days=1), months * turns) - dt.timedelta(days=1)
        if ends != written:
            row["ends_on"] = ends.isoformat()
            words = {"old": day_in_words(written, weekday=False), "new": day_in_words(ends, weekday=False)}
            line.notes.append(_("自動更新のため、終わりを%(new)sとします(一覧では%(old)s)。") % words)
            line.remarks.append(f"{line.heading('ends_on')}: {words['old']}")

    def _once(self) -> None:
        seen: dict[str, int] = {}
        for row in self.read.rows:
            key = key_of(row)
            if key in seen:
                why = _("%(row)d行目と同じ協定です。") % {"row": seen[key]}
                self._fault(row["row"], NAMES["title"][0], row["title"], why)
            seen[key] = row["row"]

    def _fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.read.faults.append({"row": row, "column": column, "value": value[:60], "reason": reason})


def key_of(row: Mapping[str, Any]) -> str:
    """By which a row is known again: its number, else its name and first counterpart."""
    if row["number"]:
        return f"no-{row['number']}"
    return f"{row['title'][:60]}|{row['counterparts'][:40]}"


def _length(text: str) -> int | None:
    """Months of 「1年間」 or 「6か月」."""
    match = _LENGTH.search(_DATE.sub("", text))
    if match is None:
        return None
    months = int(match.group(1)) * (12 if match.group(2) == "年" else 1)
    return months if 1 <= months <= 600 else None


def _days_in(text: str) -> list[str]:
    found = []
    for written in _DATE.findall(text):
        try:
            found.append(read_date(written).isoformat())
        except ValidationError:
            continue
    return found
