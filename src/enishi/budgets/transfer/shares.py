"""Which programmes the codes of a year pay for, as a sheet: out with proposals, filled in, and back in after a look."""

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets import services
from enishi.budgets.comparing import groups
from enishi.budgets.dividing import WHOLE_BP
from enishi.budgets.enums import AllocationMethod
from enishi.budgets.errors import RefusedError
from enishi.budgets.models import Allocation, BudgetCode, CodeEquivalence, Programme
from enishi.budgets.services.allocations import NewShare, check_shares
from enishi.budgets.services.many import refuse_two_levels
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text, read_yen, shortened
from enishi.foundation.previews import Difference, Fault, Preview
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations.models import Organization

CODE, SHARES = "予算科目コード", "事業への配賦"
HEADINGS = (CODE, "名称", "当初(円)", "予算現額(円)", SHARES, "案のもと")
MOST = 20_000


@dataclass
class Sheet(Preview):
    """A look at a filled sheet, and what it says of each code whose shares change."""

    shares: dict[str, list[NewShare]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Stands for what was seen: somebody may decide shares before the sheet comes in."""
        return hashlib.sha256(repr(self.differences).encode()).hexdigest()


def share_line(row: Allocation) -> str:
    """「100101 60% 利用者数で按分」."""
    return f"{row.programme_year.programme.uid} {row.part_in_words} {row.note}".strip()


def read_share(line: str, programmes: Mapping[str, Programme], method: str) -> NewShare:
    """What ``share_line`` writes, as people write it."""
    uid, _space, rest = unicodedata.normalize("NFKC", line).replace("\t", " ").partition(" ")
    programme = programmes.get(uid)
    if programme is None:
        raise ValidationError(_("番号 %(uid)s の事業はありません。") % {"uid": uid[:12]})
    written, _space, note = rest.strip().partition(" ")
    if written.endswith("%"):
        try:
            share = round(float(written[:-1]) * 100)
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("割合が読めません。例: 60%") % {}) from error
        if not 1 <= share <= WHOLE_BP or abs(share - float(written[:-1]) * 100) > 1e-6:
            raise ValidationError(_("割合は 0.01%% から 100%% まで、小数は2桁までです。") % {})
        return NewShare(programme.pk, share_bp=share, method=method, note=note)
    if not written:
        raise ValidationError(_("割合(60%%)か金額(1,200,000円)を書いてください。") % {})
    return NewShare(programme.pk, fixed_yen=read_yen(written), method=method, note=note)


# --- Out -----------------------------------------------------------------------------------------------------------------


def rows(organization: Organization, fiscal_year: int) -> Iterator[list[object]]:
    """Every code that pays for a programme or could; where nobody said anything yet, a proposal and where it is from."""
    now = _written(organization, fiscal_year)
    earlier = _earlier(organization, fiscal_year)
    titles = _titles(organization, fiscal_year)
    for code in _codes(organization, fiscal_year):
        text, source = now.get(code.pk, ""), ""
        if not text and code.pk in earlier:
            text, source = earlier[code.pk], str(FiscalYear(fiscal_year - 1))
        elif not text and _plain(code.name) in titles:
            text, source = f"{titles[_plain(code.name)]} 100%", _("名称が同じ事業")
        total = code.total
        yield [code.path, code.name, total.initial_yen, total.current_yen, text, source]


def _codes(organization: Organization, fiscal_year: int) -> list[BudgetCode]:
    """Codes with shares, and those with a rest that nobody claims."""
    codes = BudgetCode.objects.filter(organization=organization, fiscal_year=fiscal_year)
    rest = codes.filter(unallocated__share_bp__gt=0)
    given = codes.filter(allocations__isnull=False).distinct()
    found = {code.pk: code for some in (rest, given) for code in some.select_related("total")}
    return sorted(found.values(), key=lambda code: code.path)


def _written(organization: Organization, fiscal_year: int) -> dict[int, str]:
    allocations = Allocation.objects.filter(code__organization=organization, code__fiscal_year=fiscal_year)
    found: dict[int, str] = {}
    for row in allocations.select_related("programme_year__programme").order_by("code_id", "pk"):
        found[row.code_id] = (
            f"{found[row.code_id]}\n{share_line(row)}" if row.code_id in found else share_line(row)
        )
    return found


def _earlier(organization: Organization, fiscal_year: int) -> dict[int, str]:
    """What the code that this one was a year before paid for, where it was exactly one."""
    codes = BudgetCode.objects.filter(organization=organization)
    old = dict(codes.filter(fiscal_year=fiscal_year - 1).values_list("pk", "path"))
    new = dict(codes.filter(fiscal_year=fiscal_year).values_list("pk", "path"))
    links = CodeEquivalence.objects.filter(new__organization=organization, new__fiscal_year=fiscal_year)
    known = [link for link in links.values_list("old_id", "new_id") if link[0] in old]
    written = _written(organization, fiscal_year - 1)
    return {
        after: written[olds[0]]
        for olds, news, _linked in groups(old, new, known)
        for after in news
        if len(olds) == 1 and olds[0] in written
    }


def _titles(organization: Organization, fiscal_year: int) -> dict[str, str]:
    """Numbers of the year's programmes by their titles; a title that two have is nobody's."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    active = Programme.objects.active_in(fiscal_year).filter(organization=organization, zero_budget=False)
    for uid, title in active.values_list("uid", "title"):
        twice |= {_plain(title)} & found.keys()
        found[_plain(title)] = uid
    return {title: uid for title, uid in found.items() if title not in twice}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


# --- In ------------------------------------------------------------------------------------------------------------------


def look(*, organization: Organization, fiscal_year: int, content: bytes) -> Sheet:
    """Read the sheet and compare it with what is stored; write nothing."""
    found = Sheet()
    try:
        table = read_table(content, max_rows=MOST, is_heading=lambda cell: cell in HEADINGS)
    except UnreadableTableError as refusal:
        found.faults.append(Fault(0, _("ファイル"), "", str(refusal)))
        return found
    lacking = [name for name in (CODE, SHARES) if name not in table.headings]
    if lacking:
        found.faults.append(Fault(1, _("見出し"), "、".join(lacking), _("この見出しの列を加えてください。")))
        return found
    reader = _Reader(organization, fiscal_year)
    for row in table.rows:
        reader.read(row.number, row.cells, found)
    if not found.faults:
        try:
            refuse_two_levels(reader.given, found.shares)
        except RefusedError as refused:
            found.faults.append(Fault(0, SHARES, "", refused.sentence))
    return found


def bring_in(
    *, organization: Organization, fiscal_year: int, content: bytes, seen: str, actor: Person, at: dt.datetime
) -> None:
    """Do what the look said whose mark was ``seen``: all codes or none."""
    found = look(organization=organization, fiscal_year=fiscal_year, content=content)
    if found.faults:
        raise RefusedError(_("直すところがあるため、何も取り込みませんでした。"))
    if found.mark != seen:
        raise RefusedError(
            _(
                "確かめたあとに配賦が変わりました。もう一度ファイルを選び、変わるところを見てから決めてください。"
            )
        )
    services.allocate_many(
        organization=organization, fiscal_year=fiscal_year, shares=found.shares, actor=actor, at=at
    )


class _Reader:
    """Holds a line of the sheet against what the books say now."""

    def __init__(self, organization: Organization, fiscal_year: int) -> None:
        codes = BudgetCode.objects.filter(organization=organization, fiscal_year=fiscal_year)
        self.fiscal_year = FiscalYear(fiscal_year)
        self.codes = {code.path: code for code in codes}
        written = _written(organization, fiscal_year)
        self.now = {path: written[code.pk] for path, code in self.codes.items() if code.pk in written}
        programmes = list(Programme.objects.filter(organization=organization))
        self.by_uid = {row.uid: row for row in programmes}
        self.by_key = {row.pk: row for row in programmes}
        self.seen: dict[str, int] = {}

    @property
    def given(self) -> set[str]:
        return set(self.now)

    def read(self, number: int, cells: Mapping[str, Any], found: Sheet) -> None:
        path, text = clean_text(cells[CODE]).strip(), clean_text(cells[SHARES], lines=True).strip()
        before = self.now.get(path, "")
        if not path and not text:
            return
        why = self._why_not(path)
        if why:
            found.faults.append(Fault(number, CODE, shortened(path), why))
            return
        self.seen[path] = number
        lines = [" ".join(line.split()) for line in text.replace(";", "\n").replace("；", "\n").split("\n")]
        lines = [line for line in lines if line]
        if lines == [" ".join(line.split()) for line in before.split("\n") if line]:
            found.unchanged += 1
            return
        method = AllocationMethod.SHARED if len(lines) > 1 else AllocationMethod.DIRECT
        try:
            shares = [read_share(line, self.by_uid, method) for line in lines]
            check_shares(self.codes[path], shares, self.by_key)
        except ValidationError as refused:
            found.faults.append(Fault(number, SHARES, shortened(text), " ".join(refused.messages)))
            return
        except RefusedError as refused:
            found.faults.append(Fault(number, SHARES, shortened(text), refused.sentence))
            return
        found.shares[path] = shares
        found.changed += bool(before)
        found.added += not before
        found.differences.append(Difference(number, f"{path} {self.codes[path].name}", SHARES, before, text))

    def _why_not(self, path: str) -> str:
        if path in self.seen:
            return _("%(row)d行目と同じ科目です。一つの行にまとめてください。") % {"row": self.seen[path]}
        if path not in self.codes:
            return _("この科目は%(year)sにありません。書き出した表のコードのまま使ってください。") % {
                "year": self.fiscal_year
            }
        return ""
