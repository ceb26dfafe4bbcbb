"""The budget of あおば市: three years of 款項目節 through the same files as anybody's, and what they pay for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.budgets import services
from enishi.budgets.enums import AllocationMethod, Stage
from enishi.budgets.models import BudgetCode, MappingProfile, Programme
from enishi.budgets.services import NewProgramme, ProfileValues, ProgrammeValues, YearValues
from enishi.budgets.transfer import importing
from enishi.config.demo.files import lines
from enishi.foundation.spreadsheets import write_csv
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization, Section

YEARS = (2025, 2026, 2027)
CODES = ("款", "項", "目", "事業", "節")
FUNDS = ("国庫支出金", "県支出金", "市債", "その他特定財源", "一般財源")
COLUMNS = {
    **{"account": "会計", "account_name": "会計名", "amount": "金額"},
    **{"kan": "款", "kan_name": "款名", "ko": "項", "ko_name": "項名", "moku": "目", "moku_name": "目名"},
    **{"jigyo": "事業", "jigyo_name": "事業名", "setsu": "節", "setsu_name": "節名"},
}
WITH_FUNDS = COLUMNS | dict(zip(("national", "prefectural", "bond", "other", "general"), FUNDS, strict=True))
RUNS: tuple[tuple[int, str, Stage, int, str, str], ...] = (
    (2025, "initial", Stage.INITIAL, 0, "2025-03-21", "議案第12号"),
    (2025, "supplement1", Stage.SUPPLEMENT, 1, "2025-09-26", "議案第58号"),
    (2025, "reserve", Stage.RESERVE, 0, "2026-01-30", "予備費第3号"),
    (2025, "transfer", Stage.TRANSFER, 0, "2026-02-27", ""),
    (2025, "supplement2", Stage.SUPPLEMENT, 2, "2026-03-19", "議案第21号"),
    (2025, "commitment", Stage.COMMITMENT, 0, "2026-03-31", ""),
    (2025, "spending", Stage.SPENDING, 0, "2026-05-29", ""),
    (2025, "settlement", Stage.SETTLEMENT, 0, "2026-09-25", "認定第1号"),
    (2026, "request", Stage.REQUEST, 0, "2025-10-31", ""),
    (2026, "assessment1", Stage.ASSESSMENT, 1, "2025-12-12", "課長査定"),
    (2026, "assessment2", Stage.ASSESSMENT, 2, "2026-01-23", "市長査定"),
    (2026, "initial", Stage.INITIAL, 0, "2026-03-24", "議案第9号"),
    (2026, "supplement1", Stage.SUPPLEMENT, 1, "2026-09-25", "議案第61号"),
    (2026, "commitment", Stage.COMMITMENT, 0, "2026-10-30", ""),
    (2026, "spending", Stage.SPENDING, 0, "2026-10-30", ""),
    (2027, "request", Stage.REQUEST, 0, "2026-10-30", ""),
    (2027, "assessment1", Stage.ASSESSMENT, 1, "2026-11-18", "課長査定"),
)
STAFF_COST = {2025: 7_852_000, 2026: 7_984_000, 2027: 8_060_000}
SHARED = {
    "03-01-02-2020": {"100102": 7_000, "100107": 2_500},
    "04-02-01-8120": {"601702": 8_500, "601703": 1_000},
}
"""Codes that pay for two programmes; a small part of each is claimed by none."""
OTHER_CODES = {
    2025: {
        "03-01-02-2010": ("03-01-02-2011", "03-01-02-2012"),
        "02-01-06-1110": ("02-01-06-1109",),
    }
}
"""Under which codes a programme's money stood before they were joined or renumbered."""
OUTPUTS = {
    "100101": "01-2",
    "100103": "01-4",
    "100305": "03-4",
    "300703": "07-2",
    "300802": "08-2",
    "601601": "16-2",
    "802305": "23-3",
}
"""By which indicator a programme's output is counted: the denominator of its unit cost."""
TOLD = {
    "100101": "見守り機器を延べ1,240台に増やし、協力員を86人から112人にした。気づきの通報から安否の確認までは平均1.4日。",
    "100105": "77歳の支給をやめることを議会と老人クラブ連合会に説明し、令和7年度を最後とした。",
    "200403": "夏休みの受け入れを3校で始めた。待機は18人に減ったが、支援員の確保が続く課題。",
    "300801": "校内の別室を全中学校に置き、オンラインの学びに54人が参加した。",
    "401005": "低地12か所に水位計を置き、7月の大雨では避難の呼びかけを40分早めた。",
    "501402": "寄附は3億4千万円。返礼品の事業者が41から58に増えた。",
    "601601": "小学校4校の屋根に太陽光を載せた。家庭の省エネ診断は目標の6割にとどまった。",
    "701901": "利用の少ない2路線の減便を協議会で合意し、朝夕の便を残した。",
    "702101": "空き家バンクの成約は23件。解体の補助は予算を使い切り、補正で増やした。",
    "802401": "転入と子育ての42手続きを電子申請に移した。窓口の待ち時間は平均6分短くなった。",
}


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Programmes first, then each file on its day, then who is paid from which code."""
    town, clerk = organizations["aoba"], people["finance"]
    _programmes(town, sections, clerk)
    _Files(town, clerk).bring_in(at)
    for year in YEARS:
        importing.settle_year(organization=town, fiscal_year=year, actor=clerk)
    _links(town, clerk)
    _shares(town, clerk)
    _years(town, clerk)


def _moment(day: str | dt.date) -> dt.datetime:
    date = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return timezone.make_aware(dt.datetime.combine(date, dt.time(10, 15)))


def _programmes(town: Organization, sections: Mapping[tuple[str, str], Section], clerk: Person) -> None:
    outputs = dict(Indicator.objects.filter(organization=town).values_list("code", "pk"))
    rows = [_programme(row, sections, outputs) for row in lines("budgets")]
    services.register_many(organization=town, rows=rows, actor=clerk, at=_moment("2025-04-02"))


def _programme(
    row: Mapping[str, Any], sections: Mapping[tuple[str, str], Section], outputs: Mapping[str, int]
) -> NewProgramme:
    names = (
        *("title", "start_fy", "summary", "legal_basis", "legal_kind", "delivery", "origin"),
        *("end_fy", "end_reason", "zero_budget"),
    )
    values = ProgrammeValues(
        section_id=sections["aoba", row["section"]].pk,
        output_indicator_id=outputs.get(OUTPUTS.get(row["uid"], "")),
        **{name: row[name] for name in names},
    )
    work = Decimal(row["fte"])
    years = {
        year: YearValues(
            status=_status(row, year),
            fte=work,
            staff_hours=work * 1_860,
            narrative=TOLD.get(row["uid"], "") if year == 2025 else "",
        )
        for year in YEARS
        if row["start_fy"] <= year and (row["end_fy"] is None or year <= row["end_fy"])
    }
    return NewProgramme(row["uid"], values, years, merged_into=row["merged_into"] or "", is_demo=True)


def _status(row: Mapping[str, Any], year: int) -> str:
    if year == 2027:
        return "planned"
    return "ended" if row["end_fy"] == year == 2025 else "running"


class _Files:
    """The financial system's files, as it would have written them."""

    def __init__(self, town: Organization, clerk: Person) -> None:
        self.town, self.clerk = town, clerk
        rows = list(lines("budgets_amounts"))
        self.names: Mapping[str, str] = rows[0]["names"]
        self.setsu: Mapping[str, str] = rows[0]["setsu"]
        self.rows = rows[1:]

    def bring_in(self, at: dt.datetime) -> None:
        plain = self._profile("財務会計 歳出一覧", COLUMNS, "予算要求・査定・執行の一覧。金額は円。")
        funded = self._profile(
            "財務会計 歳出一覧(財源付き)", WITH_FUNDS, "当初予算の一覧。財源の内訳が付く。"
        )
        for year, key, stage, round_no, day, number in RUNS:
            has_funds = stage is Stage.INITIAL
            content, total = self._file(year, key, has_funds)
            importing.receive_now(
                organization=self.town,
                profile=funded if has_funds else plain,
                arrival=importing.Arrival(
                    fiscal_year=year,
                    stage=stage,
                    dated_on=dt.date.fromisoformat(day),
                    round_no=round_no,
                    resolution_no=number,
                    stated_total_yen=total,
                ),
                file=ContentFile(content),
                filename=f"R{year - 2018}_{stage.label}{round_no or ''}.csv",
                actor=self.clerk,
                at=min(_moment(dt.date.fromisoformat(day) + dt.timedelta(days=3)), at),
                settle=False,
            )

    def _profile(self, name: str, columns: Mapping[str, str], note: str) -> MappingProfile:
        return services.save_profile(
            organization=self.town,
            values=ProfileValues(name, columns, note=note),
            actor=self.clerk,
            at=_moment("2025-03-10"),
        )

    def _file(self, year: int, key: str, has_funds: bool) -> tuple[bytes, int]:
        headings = ["会計", "会計名"]
        for level in CODES:
            headings += [level, f"{level}名"]
        headings += ["金額", *(FUNDS if has_funds else ())]
        found = [row for row in self.rows if row["fy"] == year and key in row["s"]]
        body = [self._line(row, row["s"][key], has_funds) for row in found]
        total = sum(row["s"][key] for row in found)
        last = ["合計", *[""] * (len(headings) - 2 - (len(FUNDS) if has_funds else 0)), total]
        return write_csv(headings, [*body, last], encoding="cp932"), total

    def _line(self, row: Mapping[str, Any], amount: int, has_funds: bool) -> list[object]:
        kan, ko, moku, jigyo, *setsu = row["path"].split("-")
        cells: list[object] = ["01", "一般会計", kan, self.names[kan], ko, self.names[f"{kan}-{ko}"]]
        cells += [moku, self.names[f"{kan}-{ko}-{moku}"], jigyo, row["name"]]
        cells += [setsu[0], self.setsu[setsu[0]]] if setsu else ["", ""]
        return [*cells, amount, *(row["funds"] if has_funds else ())]


def _paths(code: str, year: int) -> Iterator[str]:
    for other in OTHER_CODES.get(year, {}).get(code, (code,)):
        yield f"01-{other}"


def _links(town: Organization, clerk: Person) -> None:
    """What was joined and renumbered from 令和7年度 to 令和8年度."""
    for new, olds in OTHER_CODES[2025].items():
        later = BudgetCode.objects.get(organization=town, fiscal_year=2026, path=f"01-{new}")
        for old in olds:
            services.link_codes(
                old=BudgetCode.objects.get(organization=town, fiscal_year=2025, path=f"01-{old}"),
                new=later,
                note="事業の統合" if len(olds) > 1 else "番号の整理",
                actor=clerk,
                at=_moment("2026-03-25"),
            )


def _shares(town: Organization, clerk: Person) -> None:
    programmes = [row for row in lines("budgets") if row["code"]]
    keys = dict(Programme.objects.filter(organization=town).values_list("uid", "pk"))
    for year in YEARS:
        known = set(
            BudgetCode.objects.filter(organization=town, fiscal_year=year).values_list("path", flat=True)
        )
        shares: dict[str, list[services.NewShare]] = defaultdict(list)
        for row in programmes:
            if row["end_fy"] is not None and year > row["end_fy"]:
                continue
            for path in _paths(row["code"], year):
                if path in known:
                    share = SHARED.get(row["code"], {}).get(row["uid"])
                    method = AllocationMethod.SHARED if share else AllocationMethod.DIRECT
                    shares[path].append(services.NewShare(keys[row["uid"]], share or 10_000, method=method))
        services.allocate_many(
            organization=town, fiscal_year=year, shares=shares, actor=clerk, at=_moment("2026-10-30")
        )


def _years(town: Organization, clerk: Person) -> None:
    for year, yen in STAFF_COST.items():
        services.set_budget_year(
            organization=town,
            fiscal_year=year,
            yen_per_fte=yen,
            hours_per_fte=1_860,
            fte_source="見本の額(架空)。前年度の職員給与費 ÷ 平均職員数",
            actor=clerk,
            at=_moment("2026-04-10"),
        )
    for year, day in ((2025, "2025-04-01"), (2026, "2026-04-01")):
        services.publish_year(organization=town, fiscal_year=year, actor=clerk, at=_moment(day))
