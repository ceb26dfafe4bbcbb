"""The indicators of あおば市: six years of values with gaps, first figures and corrections, and a few things still under way."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.config.demo.files import lines
from enishi.foundation import trail
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators import periods, services, standings
from enishi.indicators.models import (
    Acquisition,
    AcquisitionRun,
    Baseline,
    DataElement,
    Indicator,
    IndicatorDefinition,
    Measurement,
    Target,
)
from enishi.indicators.offices import Offices
from enishi.indicators.services.writing import due_again
from enishi.organizations.models import Organization, Section

FIRST, BASE, MID, FINAL = 2020, 2022, 2027, 2031
PLANNED_ON = "2024-03-15T10:00:00"
ELEMENTS = (
    # code, name, unit, section, values of 2020 to 2025, source
    ("人口", "年度末の人口", "人", "030100", (181920, 181210, 180460, 179580, 178690, 177850), "住民基本台帳"),
    ("図書貸出冊数", "図書館の貸出冊数", "冊", "080200", (582144, 779203, 884254, 897900, 911319, 889250), "図書館年報"),
    ("ごみ総排出量", "ごみの総排出量", "t", "060300", (61840, 60363, 58228, 57092, 55962, 55113), "一般廃棄物処理実態調査"),
    ("資源回収量", "資源の回収量", "t", "060300", (12863, 12133, 11413, 10962, 10913, 11243), "一般廃棄物処理実態調査"),
)  # fmt: skip
METRICS = (
    ("期限内更新率", "indicators.in_time", "%", "010100"),
    ("提案の採択率", "desk.adoption_share", "%", "010100"),
)


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Rows at once, because there are hundreds; what is still under way goes through the services."""
    _Teller(organizations["aoba"], sections, people, at).tell()


class _Teller:
    def __init__(
        self,
        town: Organization,
        sections: Mapping[tuple[str, str], Section],
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.town, self.at = town, at
        self.sections = {code: section for (house, code), section in sections.items() if house == "aoba"}
        self.officer, self.planner = people["officer"], people["planner"]
        self.approver = people["planner2"]
        self.planned = min(timezone.make_aware(dt.datetime.fromisoformat(PLANNED_ON)), at)
        self.current = FiscalYear.of(timezone.localdate(at)).year
        self.runs: dict[tuple[str, int], AcquisitionRun] = {}
        self.found: list[Measurement] = []

    def tell(self) -> None:
        rows = list(lines("indicators"))
        made = self._indicators(rows)
        self._elements()
        self._goals(rows, made)
        self._values(rows, made)
        self._offices()
        keys = [each.pk for each in made.values()]
        due_again(keys, at=self.at)
        standings.rebuild(keys, at=self.at)
        self._under_way(made)
        trail.record(
            *(
                trail.Act(
                    self.planner, "create", each, self.planned, organization_id=self.town.pk, note=each.name
                )
                for each in made.values()
            )
        )

    def _indicators(self, rows: list[dict[str, Any]]) -> dict[str, Indicator]:
        found = [self._indicator(row) for row in rows]
        Indicator.objects.bulk_create(found)
        made = {each.code: each for each in Indicator.objects.filter(organization=self.town)}
        definitions, ways = [], []
        for row in rows:
            indicator = made[row["code"]]
            top, bottom, scale = row.get("formula") or ("", "", "1")
            first = {
                "indicator": indicator, "text": row["definition"], "created_by": self.planner, "created_at": self.planned,
                "numerator": top, "denominator": bottom, "scale": Decimal(scale),
            }  # fmt: skip
            definitions.append(IndicatorDefinition(version=1, valid_from=dt.date(2010, 4, 1), **first))
            if row.get("break_on"):
                definitions.append(
                    IndicatorDefinition(
                        version=2,
                        valid_from=dt.date.fromisoformat(row["break_on"]),
                        comparability_break=True,
                        reason=row["break_reason"],
                        **first,
                    )
                )
            ways.append(
                Acquisition(
                    indicator=indicator,
                    method="formula" if top else "open_dataset" if row.get("national") else "manual",
                    source=row["source"],
                    schedule="年度が終わってから、担当課がまとめて入れる",
                    updated_at=self.planned,
                )
            )
        IndicatorDefinition.objects.bulk_create(definitions)
        Acquisition.objects.bulk_create(ways)
        return made

    def _indicator(self, row: Mapping[str, Any]) -> Indicator:
        parts = row.get("parts") or {}
        is_ratio = row.get("ratio") or bool(row.get("formula") and row["unit"] == "%")
        return Indicator(
            organization=self.town,
            section=self.sections[row["section"]],
            officer=self.officer if row["section"] == "040100" else None,
            code=row["code"],
            name=row["name"],
            unit=row["unit"],
            role=row["role"],
            stage=row["stage"],
            value_type=row.get("value_type") or ("ratio" if is_ratio else "count"),
            direction=row["direction"],
            decimals=row["decimals"],
            tolerance=Decimal(row.get("tolerance", "0")),
            aggregation=row.get("agg", "last"),
            cumulative=row.get("cumulative", False),
            frequency=row.get("frequency", "yearly"),
            publication_lag_days=row.get("lag", 210),
            dims=[parts["dim"]] if parts else [],
            suppress_below=parts.get("suppress", 0),
            visibility="public",
            created_at=self.planned,
            updated_at=self.planned,
            updated_by=self.planner,
            is_demo=True,
        )

    def _elements(self) -> None:
        for code, name, unit, section, values, source in ELEMENTS:
            element = DataElement.objects.create(
                organization=self.town, section=self.sections[section], code=code, name=name, unit=unit,
                visibility="public", created_at=self.planned, updated_at=self.planned, is_demo=True,
            )  # fmt: skip
            Acquisition.objects.create(
                element=element, method="manual", source=source, updated_at=self.planned
            )
            self.found += [
                self._value(year, Decimal(value), source, element=element)
                for year, value in enumerate(values, FIRST)
            ]
        for code, metric, unit, section in METRICS:
            DataElement.objects.create(
                organization=self.town, section=self.sections[section], code=code, name=code, unit=unit, metric=metric,
                visibility="internal", created_at=self.planned, updated_at=self.planned, is_demo=True,
            )  # fmt: skip

    def _goals(self, rows: list[dict[str, Any]], made: Mapping[str, Indicator]) -> None:
        common: dict[str, Any] = {"created_by": self.planner, "created_at": self.planned}
        bases, targets = [], []
        for row in rows:
            indicator = made[row["code"]]
            if row["base"] is not None:
                year = row.get("base_year", BASE)
                bases.append(
                    Baseline(
                        indicator=indicator,
                        fiscal_year=year,
                        value=Decimal(row["base"]),
                        basis=row["source"],
                        **common,
                    )
                )
            for year, goal in ((MID, row["mid"]), (row.get("final_year", FINAL), row["final"])):
                if goal is not None:
                    targets.append(self._target(indicator, year, goal, common))
        Baseline.objects.bulk_create(bases)
        Target.objects.bulk_create(targets)

    def _target(self, indicator: Indicator, year: int, goal: Any, common: Mapping[str, Any]) -> Target:
        bounds = (
            {"lower": Decimal(goal[0]), "upper": Decimal(goal[1])}
            if isinstance(goal, list)
            else {"value": Decimal(goal)}
        )
        return Target(
            indicator=indicator,
            fiscal_year=year,
            source="trend" if year == MID else "law",
            rationale="これまでの推移と、計画期間の取組から"
            if year == MID
            else "基本計画の最終年度にめざす水準",
            **bounds,
            **common,
        )

    def _values(self, rows: list[dict[str, Any]], made: Mapping[str, Indicator]) -> None:
        found = self.found
        for row in rows:
            indicator = made[row["code"]]
            quarters = row.get("quarters") or {}
            for year, told in enumerate(row["values"], FIRST):
                if str(year) in quarters:
                    found += self._quarters(indicator, year, quarters[str(year)], row["source"])
                else:
                    found.append(self._told(indicator, year, told, row))
            if row.get("parts"):
                found += self._parts(indicator, row)
        AcquisitionRun.objects.bulk_create(self.runs.values())
        Measurement.objects.bulk_create(found, batch_size=500)

    def _told(self, indicator: Indicator, year: int, told: Any, row: Mapping[str, Any]) -> Measurement:
        if told is None:
            told = {"missing": row["missing"]}
        known = told if isinstance(told, dict) else {}
        text = known.get("provisional", None if known else told)
        value = self._value(year, None if text is None else Decimal(text), row["source"], indicator=indicator)
        value.missing_reason = known.get("missing", "")
        value.status = "provisional" if "provisional" in known else "confirmed"
        if row.get("break_on") and value.period_end >= dt.date.fromisoformat(row["break_on"]):
            value.definition = 2
        if row.get("ratio") and value.value is not None:
            value.no_denominator_reason = "資料に割合だけがある"
        return value

    def _quarters(self, indicator: Indicator, year: int, told: list[str], source: str) -> list[Measurement]:
        found = []
        for number, text in enumerate(told):
            month = 4 + 3 * number
            span = periods.months(year + (month > 12), (month - 1) % 12 + 1, 3)
            found.append(self._value(year, Decimal(text), source, span=span, indicator=indicator))
        return found

    def _parts(self, indicator: Indicator, row: Mapping[str, Any]) -> list[Measurement]:
        parts = row["parts"]
        found = []
        for name, (text, below) in parts["rows"].items():
            value = self._value(parts["year"], Decimal(text), row["source"], indicator=indicator)
            value.dims = f"{parts['dim']}={name}"
            if below:
                value.denominator = Decimal(below)
                value.numerator = (Decimal(text) * below / 100).quantize(Decimal(1))
            found.append(value)
        return found

    def _value(
        self, year: int, value: Decimal | None, source: str, *, span: periods.Span | None = None, **owner: Any
    ) -> Measurement:
        span = span or periods.fiscal(year)
        moment = min(timezone.make_aware(dt.datetime.fromisoformat(f"{year + 1}-06-10T11:00:00")), self.at)
        return Measurement(
            fiscal_year=year,
            period_start=span.start,
            period_end=span.end,
            value=value,
            state="approved",
            run=self._run(source, year, moment),
            recorded_by=self.planner,
            recorded_at=moment,
            approved_by=self.approver,
            approved_at=moment,
            **owner,
        )

    def _run(self, source: str, year: int, moment: dt.datetime) -> AcquisitionRun:
        """One document of one year is one run; all are stored together."""
        if (source, year) not in self.runs:
            self.runs[source, year] = AcquisitionRun(
                organization=self.town, kind="entry", method="manual", source=f"{source} {FiscalYear(year)}",
                person=self.planner, at=moment,
            )  # fmt: skip
        return self.runs[source, year]

    def _offices(self) -> None:
        Offices.objects.create(
            organization=self.town,
            planning_section=self.sections["010100"],
            review_section=self.sections["010100"],
            finance_section=self.sections["020200"],
            updated_at=self.planned,
        )

    def _under_way(self, made: Mapping[str, Indicator]) -> None:
        """A correction that waits, a value that was given back, a draft, and a target that was moved."""
        last = periods.fiscal(self.current - 1)
        running = periods.fiscal(self.current)

        def write(
            code: str, value: str, span: periods.Span, *, submit: bool = True, **more: Any
        ) -> Measurement:
            entry = services.Entry(span.start, span.end, Decimal(value), **more)
            (row,) = services.record_values(
                owner=made[code],
                entries=[entry],
                source="担当課の集計表",
                submit=submit,
                actor=self.officer,
                at=self.at,
            )
            return row

        write("01-2", "891", last, change_reason="3月末の登録7件が翌月に入力されていた")
        wrong = write("01-3", "1953", last, change_reason="サロン2か所の報告が届いた")
        services.return_values(
            measurement_ids=[wrong.pk],
            reason="2か所の報告書の写しを付けてください。",
            actor=self.approver,
            at=self.at,
        )
        write("01-1", "81.6", running, status="provisional", note="10月末の速報")
        services.set_target(
            indicator_id=made["24-1"].pk, fiscal_year=MID, value=Decimal("50.0"), source="other",
            rationale="対象の手続を広げたあとの推移から", reason="対象の手続を52から60に増やしたため、目標も見直した",
            actor=self.planner, at=self.at,
        )  # fmt: skip
