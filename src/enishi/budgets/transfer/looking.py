"""What a file would do to the books, found out without writing: a reading and a judgement for each of its stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from enishi.budgets import totals
from enishi.budgets.enums import RunState, Stage
from enishi.budgets.models import Account, BudgetCode, BudgetEntry, BudgetImport
from enishi.budgets.rolling import Raw
from enishi.budgets.transfer.checking import Checked, check, let_in
from enishi.budgets.transfer.model import Ask, AskedStage, Reading, ancestors
from enishi.budgets.transfer.reading import Tell, read
from enishi.budgets.transfer.stages import STAGE_COLUMNS, column_name
from enishi.budgets.transfer.writing import chain_of


@dataclass
class Books:
    """What a year holds: the names of its codes by path and of its accounts, and what its entries sum to."""

    names: dict[str, str]
    accounts: dict[str, str]
    sums: dict[str, Raw]

    @classmethod
    def of(cls, organization_id: int, fiscal_year: int) -> "Books":
        codes = BudgetCode.objects.filter(organization_id=organization_id, fiscal_year=fiscal_year)
        accounts = Account.objects.filter(organization_id=organization_id)
        return cls(
            names=dict(codes.values_list("path", "name")),
            accounts=dict(accounts.values_list("code", "name")),
            sums=totals.raw_of_year(organization_id, fiscal_year),
        )

    def grow(self, run: BudgetImport, checked: Checked, taken_back: Mapping[str, int]) -> None:
        """As if the run were in them already: the next stage of the same file is spent from this one."""
        let_in(self.sums, Stage(run.stage), run.round_no, checked.sums, taken_back)
        for path in checked.sums:
            for above in ancestors(path)[:-1]:
                self.names.setdefault(above, "")


@dataclass(frozen=True)
class Look:
    """What was found about one run. ``known`` are the codes that the books had before its file."""

    run: BudgetImport
    reading: Reading
    checked: Checked
    known: frozenset[str]
    before: Mapping[str, int]

    @property
    def state(self) -> RunState:
        if self.reading.fault_count:
            return RunState.REFUSED
        return RunState.READY if self.reading.count or self.run.batch is None else RunState.EMPTY

    def findings(self) -> dict[str, Any]:
        """As it is kept with the run and shown to a person."""
        return {
            "stated": self.run.findings.get("stated", {}),
            "faults": [fault.as_json() for fault in self.reading.faults],
            "fault_count": self.reading.fault_count,
            "lines": [line.as_json() for line in self.checked.lines],
            "remarks": [*self.reading.remarks, *self._remarks()],
            "encoding": self.reading.encoding,
            "differences": self._differences(),
        }

    def _remarks(self) -> list[str]:
        remarks = [*self.checked.remarks]
        if self.run.corrects is not None and self.before == self.checked.sums:
            remarks.append(_("訂正する元のファイルと、科目ごとの金額に違いはありません。"))
        if self.reading.revenue_rows:
            remarks.append(
                _("歳入の行 %(count)s 行は読みません(歳出だけを扱います)。")
                % {"count": f"{self.reading.revenue_rows:,}"}
            )
        new = [path for path in self.checked.sums if path not in self.known]
        if new:
            remarks.append(_("新しくできる科目は %(count)s 件です。") % {"count": f"{len(new):,}"})
        tops = sorted({"-".join(path.split("-")[:2]) for path in new} - self.known)
        if self.known and tops:
            remarks.append(
                _(
                    "この年度の予算にない款ができます: %(codes)s。会計や科目の読み違いでないか、取り込む前に確かめてください。"
                )
                % {"codes": "、".join(tops[:8])}
            )
        return remarks

    def _differences(self) -> list[list[Any]]:
        """What a correction changes: path, before, after."""
        if self.run.corrects is None:
            return []
        before, after = self.before, self.checked.sums
        paths = sorted(path for path in {*before, *after} if before.get(path, 0) != after.get(path, 0))
        return [[path, before.get(path, 0), after.get(path, 0)] for path in paths[:200]]


def look_at(runs: Sequence[BudgetImport], tell: Tell | None = None) -> list[Look]:
    """Read a file for all of its runs and judge each against the books, in the order of the stages; write nothing."""
    books = Books.of(runs[0].organization_id, runs[0].fiscal_year)
    with runs[0].file.open("rb") as file:
        readings = read(file, _ask(runs), tell)
    found = []
    for run, reading in zip(runs, readings, strict=True):
        look = _look(run, reading, books)
        books.grow(run, look.checked, look.before)
        found.append(look)
    return found


def _look(run: BudgetImport, reading: Reading, books: Books) -> Look:
    known, before = frozenset(books.names), sums_of_run(run.corrects)
    if run.batch is not None and not reading.count and not reading.fault_count:
        # It will not come in, so what it would have corrected stays.
        return Look(run, reading, Checked(), known, {})
    checked = check(
        reading,
        fiscal_year=run.fiscal_year,
        stage=Stage(run.stage),
        round_no=run.round_no,
        stated_total=run.stated_total_yen,
        stated=run.findings.get("stated", {}),
        names=books.names | books.accounts,
        before=books.sums,
        taken_back=before,
    )
    return Look(run, reading, checked, known, before)


def _ask(runs: Sequence[BudgetImport]) -> Ask:
    """How the file is read. Of several stages, side by side or line by line, those that the runs are of are read."""
    profile = runs[0].profile
    assert profile is not None
    parts = {part.name: part for part in profile.parts}
    stages = []
    for run in runs:
        name = column_name(Stage(run.stage), run.round_no)
        amount = profile.columns.get(name) or profile.columns["amount"]
        said = parts[name].said if name in parts else ""
        stages.append(AskedStage(run.stage, run.dated_on.isoformat(), amount, said))
    return Ask(
        fiscal_year=runs[0].fiscal_year,
        columns={
            name: heading
            for name, heading in profile.columns.items()
            if name != "amount" and name not in STAGE_COLUMNS
        },
        stages=tuple(stages),
        unit=profile.unit,
        account_code=profile.account_code,
        code_layout=profile.code_layout,
        stage_words=frozenset(part.said for part in parts.values()),
        holds_several=bool(parts),
    )


def sums_of_run(run: BudgetImport | None) -> dict[str, int]:
    """Yen by path that a run and the corrections of it brought into the books."""
    if run is None:
        return {}
    codes = BudgetCode.objects.filter(organization_id=run.organization_id, fiscal_year=run.fiscal_year)
    paths = dict(codes.values_list("pk", "path"))
    found: dict[str, int] = {}
    for each in chain_of(run):
        rows = BudgetEntry.objects.filter(import_run=each).order_by().values_list("code_id")
        for code_id, amount in rows.annotate(amount=Sum("amount_yen")):
            found[paths[code_id]] = found.get(paths[code_id], 0) + amount
    return found
