"""Questions about programmes and the budget. Whoever shows the answers has asked ``access`` first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from enishi.budgets import dividing, rolling
from enishi.budgets.calculations import personnel_yen
from enishi.budgets.dividing import Part
from enishi.budgets.enums import CURRENT_PARTS, FundKind, Level, Stage
from enishi.budgets.models import (
    Account,
    Allocation,
    BudgetCode,
    BudgetYear,
    CodeTotal,
    FundSource,
    ProgrammeMoney,
    ProgrammeYear,
    YearClosure,
)

MOST_SETSU = 30


@dataclass(frozen=True)
class Money:
    """A programme's year in yen; ``None`` where nothing was recorded, which is not zero."""

    amounts: Mapping[str, int]
    fte: Decimal | None = None
    personnel_yen: int | None = None

    def at(self, stage: Stage | str) -> int | None:
        return self.amounts.get(Stage(stage).value)

    @property
    def request(self) -> int | None:
        return self.at(Stage.REQUEST)

    @property
    def assessment(self) -> int | None:
        return self.at(Stage.ASSESSMENT)

    @property
    def initial(self) -> int | None:
        return self.at(Stage.INITIAL)

    @property
    def current(self) -> int | None:
        """予算現額 (B1)."""
        return rolling.current(self.amounts)

    @property
    def spending(self) -> int | None:
        return self.at(Stage.SPENDING)

    @property
    def settlement(self) -> int | None:
        return self.at(Stage.SETTLEMENT)

    @property
    def spent(self) -> int | None:
        """決算 once there is one, 支出 until then."""
        return self.settlement if self.settlement is not None else self.spending

    @property
    def full_cost(self) -> int | None:
        """What was spent, with the work of the staff; ``None`` while either is unknown."""
        if self.spent is None or self.personnel_yen is None:
            return None
        return self.spent + self.personnel_yen


NOTHING = Money({})


def programme_money(programme_ids: Iterable[int], fiscal_year: int) -> dict[int, Money]:
    """What each programme gets and spends in a year; every asked programme answers, with nothing where nothing is."""
    ids = list(programme_ids)
    years = list(
        ProgrammeYear.objects.filter(programme_id__in=ids, fiscal_year=fiscal_year).select_related(
            "programme"
        )
    )
    amounts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = ProgrammeMoney.objects.filter(
        programme_year__programme_id__in=ids, programme_year__fiscal_year=fiscal_year
    )
    for key, stage, amount in rows.values_list("programme_year_id", "stage", "amount_yen"):
        amounts[key][stage] = amount
    rates = yen_per_fte({year.programme.organization_id for year in years}, fiscal_year)
    found = dict.fromkeys(ids, NOTHING)
    for year in years:
        rate = rates.get(year.programme.organization_id)
        found[year.programme_id] = Money(amounts.get(year.pk, {}), year.fte, personnel_yen(year.fte, rate))
    return found


def yen_per_fte(organization_ids: Iterable[int], fiscal_year: int) -> dict[int, int | None]:
    """What one full-time member of staff costs in a year, by municipality."""
    rows = BudgetYear.objects.filter(organization_id__in=set(organization_ids), fiscal_year=fiscal_year)
    return dict(rows.values_list("organization_id", "yen_per_fte"))


def money_of_years(programme_id: int) -> dict[int, Money]:
    """All recorded years of one programme, the earliest first."""
    years = list(
        ProgrammeYear.objects.filter(programme_id=programme_id)
        .select_related("programme")
        .prefetch_related("money")
        .order_by("fiscal_year")
    )
    if not years:
        return {}
    rows = BudgetYear.objects.filter(
        organization_id=years[0].programme.organization_id,
        fiscal_year__in=[year.fiscal_year for year in years],
    )
    rates = dict(rows.values_list("fiscal_year", "yen_per_fte"))
    return {
        year.fiscal_year: Money(
            {row.stage: row.amount_yen for row in year.money.all()},
            year.fte,
            personnel_yen(year.fte, rates.get(year.fiscal_year)),
        )
        for year in years
    }


@dataclass(frozen=True)
class CodeShare:
    """A code that pays for a programme, and how much of it."""

    code: BudgetCode
    allocation: Allocation
    amounts: Mapping[str, int]


def codes_of_programmes(programme_ids: Iterable[int], fiscal_year: int) -> dict[int, list[CodeShare]]:
    """The codes behind each programme's money, with their part to the yen. Four queries, however many programmes."""
    ids = list(programme_ids)
    allocations = list(
        Allocation.objects.filter(
            programme_year__programme_id__in=ids, programme_year__fiscal_year=fiscal_year
        )
        .select_related("code__total", "code__account", "programme_year")
        .order_by("code__path")
    )
    parts = _all_parts({each.code_id for each in allocations})
    found: dict[int, list[CodeShare]] = {key: [] for key in ids}
    for each in allocations:
        total = getattr(each.code, "total", None)
        amounts = part_of(each.programme_year_id, total, parts[each.code_id]) if total else {}
        found[each.programme_year.programme_id].append(CodeShare(each.code, each, amounts))
    return found


def _all_parts(code_ids: Iterable[int]) -> dict[int, list[Part]]:
    rows = Allocation.objects.filter(code_id__in=set(code_ids)).order_by("code_id", "programme_year_id")
    found: dict[int, list[Part]] = defaultdict(list)
    for code_id, key, share, fixed in rows.values_list(
        "code_id", "programme_year_id", "share_bp", "fixed_yen"
    ):
        found[code_id].append(Part(key, share, fixed))
    return found


def part_of(programme_year_id: int, total: CodeTotal, parts: Sequence[Part]) -> dict[str, int]:
    """One programme's part of a code, stage by stage."""
    found = {}
    for stage in Stage:
        amount = total.amount(stage.value)
        if amount is not None:
            changes = stage in CURRENT_PARTS and stage is not Stage.INITIAL
            divided = dividing.divide(amount, parts, fixed_applies=not changes)
            found[stage.value] = divided.parts[programme_year_id]
    return found


def programme_funds(
    programme_ids: Iterable[int], fiscal_year: int, stage: Stage
) -> dict[int, dict[str, int]]:
    """Where each programme's money of a stage comes from, by ``FundKind``; it sums to the programme's amount (B3)."""
    shares = codes_of_programmes(programme_ids, fiscal_year)
    codes = {share.code.pk: share.code for several in shares.values() for share in several}
    funds = {code.pk: funds_of_code(code, stage) for code in codes.values()}
    found: dict[int, dict[str, int]] = {}
    for key, several in shares.items():
        sums: dict[str, int] = {}
        for share in several:
            whole = share.code.total.amount(stage.value) if hasattr(share.code, "total") else None
            mine = share.amounts.get(stage.value)
            if whole and mine is not None:
                for kind, yen in dividing.funds_of(mine, whole, funds[share.code.pk]).items():
                    sums[kind] = sums.get(kind, 0) + yen
        found[key] = sums
    return found


def funds_of_code(code: BudgetCode, stage: Stage) -> dict[str, int]:
    """What pays for a code and all below it at a stage (of 査定 the last round); empty where no file said so."""
    rows = FundSource.objects.filter(code__in=below(code).values("pk"), stage=stage.value)
    if stage is Stage.ASSESSMENT:
        last = rows.order_by("-round_no").values_list("round_no", flat=True).first()
        rows = rows.filter(round_no=last or 0)
    sums = dict(rows.order_by().values_list("kind").annotate(amount=Sum("amount_yen")))
    return {kind: sums[kind] for kind in FundKind.values if kind in sums}


def below(code: BudgetCode) -> QuerySet[BudgetCode, BudgetCode]:
    """The code and everything under it."""
    rows = BudgetCode.objects.filter(organization_id=code.organization_id, fiscal_year=code.fiscal_year)
    return rows.filter(path=code.path) | rows.filter(path__startswith=f"{code.path}-")


def lineage(code: BudgetCode) -> list[BudgetCode]:
    """What lies above, the 款 first, and the code itself."""
    parts = code.path.split("-")
    paths = ["-".join(parts[:depth]) for depth in range(2, len(parts) + 1)]
    rows = BudgetCode.objects.filter(
        organization_id=code.organization_id, fiscal_year=code.fiscal_year, path__in=paths
    )
    return list(rows.order_by("path"))


def years_with_budget(organization_id: int) -> list[int]:
    """Fiscal years that have codes, the latest first; not those whose files were all taken back."""
    rows = BudgetCode.objects.listed().filter(organization_id=organization_id, level=1)
    return sorted(set(rows.values_list("fiscal_year", flat=True)), reverse=True)


def accounts_of(organization_id: int) -> QuerySet[Account, Account]:
    return Account.objects.filter(organization_id=organization_id).order_by("code")


def budget_year(organization_id: int, fiscal_year: int) -> BudgetYear | None:
    return BudgetYear.objects.filter(organization_id=organization_id, fiscal_year=fiscal_year).first()


def is_closed(organization_id: int, fiscal_year: int) -> bool:
    return YearClosure.objects.filter(
        organization_id=organization_id, fiscal_year=fiscal_year, reopened_at__isnull=True
    ).exists()


def setsu_below(codes: Sequence[BudgetCode]) -> dict[int, list[BudgetCode]]:
    """The 節 under each of some codes of one year. One query, however many codes."""
    if not codes:
        return {}
    wanted = Q(pk__in=[])
    for code in codes:
        wanted |= Q(path__startswith=f"{code.path}-")
    rows = BudgetCode.objects.listed().filter(
        wanted,
        organization_id=codes[0].organization_id,
        fiscal_year=codes[0].fiscal_year,
        level=Level.SETSU,
    )
    found = list(rows.order_by("path"))
    return {
        code.pk: [each for each in found if each.path.startswith(f"{code.path}-")][:MOST_SETSU]
        for code in codes
    }


def allocations_above(code: BudgetCode) -> list[Allocation]:
    """Who is paid from the one code above that pays for this one, too."""
    above = [each.pk for each in lineage(code) if each.pk != code.pk]
    rows = Allocation.objects.filter(code__in=above).select_related("code", "programme_year__programme")
    return list(rows.order_by("-share_bp", "-fixed_yen", "pk"))


def allocations_of_code(code: BudgetCode) -> list[Allocation]:
    """Who is paid from this code, those who get the most first."""
    rows = Allocation.objects.filter(code=code).select_related(
        "programme_year__programme__section", "programme_year__programme__organization"
    )
    return list(rows.order_by("-share_bp", "-fixed_yen", "pk"))
