"""The plans of あおば市, made through the room's own doors: read from a table, approved by somebody else, made anew."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.config.demo.files import lines
from enishi.foundation.spreadsheets import write_csv
from enishi.indicators.models import Indicator
from enishi.organizations.models import Organization, Section
from enishi.plans import services
from enishi.plans.models import NodeIdentity, Plan, PlanVersion, StatutoryPlan
from enishi.plans.transfer import importing

HEADINGS = ("番号", "名称", "担当課", "対象", "意図", "結果", "住民への説明", "事業番号", "位置づけ")


def fill(
    organizations: Mapping[str, Organization],
    sections: Mapping[tuple[str, str], Section],
    people: Mapping[str, Person],
    at: dt.datetime,
) -> None:
    """Bring in the plans one after the other, the vision first."""
    teller = _Teller(organizations["aoba"], sections, people, at)
    for row in lines("plans"):
        teller.tell(row)
    teller.statutory()


class _Teller:
    """Tells each plan from its first draft on: 水瀬 writes, 篠宮 approves."""

    def __init__(
        self,
        town: Organization,
        sections: Mapping[tuple[str, str], Section],
        people: Mapping[str, Person],
        at: dt.datetime,
    ) -> None:
        self.town, self.at = town, at
        self.sections = {code: section for (house, code), section in sections.items() if house == "aoba"}
        self.writer, self.approver = people["planner"], people["planner2"]
        self.plans: dict[str, Plan] = {}
        self.uids: dict[tuple[str, str], str] = {}
        known = set(Programme.objects.filter(organization=town).values_list("uid", flat=True))
        self.work = [row for row in lines("budgets") if row["uid"] in known]

    def moment(self, day: str) -> dt.datetime:
        return min(timezone.make_aware(dt.datetime.fromisoformat(f"{day}T10:00:00")), self.at)

    def tell(self, row: Mapping[str, Any]) -> None:
        first = row["versions"][0]
        values = {
            name: row[name]
            for name in (
                "kind",
                "name",
                "summary",
                "start_fy",
                "end_fy",
                "rolling",
                "approval",
                "statutory",
                "legal_basis",
                "visibility",
            )
        }
        plan = services.create_plan(
            organization=self.town,
            values=values
            | {"parent": self.plans.get(row["parent"] or ""), "section": self.sections[row["section"]]},
            actor=self.writer,
            at=self.moment(first["made_on"]),
            levels=tuple(row["levels"]),
            is_demo=True,
        )
        self.plans[row["key"]] = plan
        for number, version in enumerate(row["versions"]):
            self._version(row, plan, version, is_first=number == 0)

    def _version(
        self, row: Mapping[str, Any], plan: Plan, told: Mapping[str, Any], *, is_first: bool
    ) -> None:
        at = self.moment(told["made_on"])
        if is_first:
            version = plan.versions.get()
        else:
            version = services.new_version(
                plan_id=plan.pk, actor=self.writer, at=at, change_summary=told["change_summary"]
            )
        if "rows" in told:
            self._read(row, version, told, at)
        self._edit(version, told, at)
        self.uids |= {(row["key"], code): uid for code, uid in version.nodes.values_list("code", "uid")}
        if is_first:
            self._link(row, version, at)
        if told.get("programmes"):
            self._hang_indicators(version, at)
        self._approve(version, told, at)

    def _read(
        self, row: Mapping[str, Any], version: PlanVersion, told: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """The tree as a table, the way a municipality would bring its own in."""
        work = self.work if told.get("programmes") else []
        again = [pair for pair in told.get("again", []) if any(row["uid"] == pair[0] for row in self.work)]
        table: list[list[str]] = []
        for code, depth, title, section, target, intent, result, plain in told["rows"]:
            table.append(
                [code, "\u3000" * (depth - 1) + title, section, target, intent, result, plain, "", ""]
            )
            if depth == 2:
                mine = [
                    each
                    for each in work
                    if code.endswith(f"-{int(each['measure_no'])}") and not each["merged_into"]
                ]
                table += [self._programme(each["uid"], each["title"], "主") for each in mine]
                table += [
                    self._programme(uid, self._title(uid), "副") for uid, place in again if place == code
                ]
        batch = importing.read(
            version_id=version.pk,
            name=f"{row['name']} 体系表.csv",
            content=write_csv(HEADINGS, table),
            actor=self.writer,
            at=at,
        )
        assert not batch.faults, batch.faults
        importing.apply(import_id=batch.pk, actor=self.writer, at=at)

    def _programme(self, uid: str, title: str, standing: str) -> list[str]:
        return ["", f"\u3000\u3000{title}", "", "", "", "", "", uid, standing]

    def _title(self, uid: str) -> str:
        title: str = next(each["title"] for each in self.work if each["uid"] == uid)
        return title

    def _edit(self, version: PlanVersion, told: Mapping[str, Any], at: dt.datetime) -> None:
        for edit in told.get("edits", []):
            node = version.nodes.get(code=edit["code"])
            values = {name: text for name, text in edit.items() if name != "code"}
            services.write_node(node_id=node.pk, revision=None, values=values, actor=self.writer, at=at)

    def _link(self, row: Mapping[str, Any], version: PlanVersion, at: dt.datetime) -> None:
        for kind in ("implements", "contributes"):
            for code, end in row.get(kind, {}).items():
                services.link_nodes(
                    node_id=version.nodes.get(code=code).pk,
                    target_uid=self.uids[tuple(end)],
                    kind=kind,
                    actor=self.writer,
                    at=at,
                )

    def _hang_indicators(self, version: PlanVersion, at: dt.datetime) -> None:
        """Each indicator under the 施策 that its number names, where the region has indicators."""
        nodes = {node.code.rpartition("-")[2]: node for node in version.nodes.filter(depth=2)}
        for indicator in Indicator.objects.filter(organization=self.town).order_by("code"):
            node = nodes.get(_measure_of(indicator.code))
            if node is not None:
                services.add_indicator(
                    node_id=node.pk, indicator_id=indicator.pk, weight=None, actor=self.writer, at=at
                )

    def _approve(self, version: PlanVersion, told: Mapping[str, Any], at: dt.datetime) -> None:
        if told["effective_on"] is None:
            return
        services.describe_version(
            version_id=version.pk,
            revision=None,
            effective_on=dt.date.fromisoformat(told["effective_on"]),
            change_summary=told["change_summary"],
            actor=self.writer,
            at=at,
        )
        services.approve_version(
            version_id=version.pk, actor=self.approver, at=self.moment(told["approved_on"])
        )

    def statutory(self) -> None:
        """What laws ask for, with the document that serves it."""
        for row in lines("plans_statutory"):
            made = services.save_statutory(
                row=StatutoryPlan(
                    organization=self.town,
                    name=row["name"],
                    law=row["law"],
                    article=row["article"],
                    obligation=row["obligation"],
                    integrated_into=self.plans.get(row["integrated_into"] or ""),
                    section=self.sections[row["section"]],
                    source=row["source"],
                    source_status=row["source_status"],
                ),
                actor=self.writer,
                at=self.at,
            )
            made.chapters.set(
                NodeIdentity.objects.filter(
                    pk__in=[self.uids[row["integrated_into"], code] for code in row["chapters"]]
                )
            )


def _measure_of(code: str) -> str:
    """The number of the 施策 that an indicator's own number begins with."""
    digits = "".join(each for each in code.partition("-")[0] if each.isdecimal())
    return str(int(digits)) if digits else ""
