"""Confirmed items become branches, indicators and evidence: all of it in one transaction, and all of it undone in one."""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation.numbers import whole
from enishi.foundation.refusals import RefusedError
from enishi.indicators.models import Indicator
from enishi.indicators.services import changes as change_services
from enishi.indicators.services import indicators as indicator_services
from enishi.indicators.services import targets as target_services
from enishi.plans import services
from enishi.plans.evidence import services as evidence_services
from enishi.plans.evidence.enums import EvidenceKind, Use
from enishi.plans.models import Evidence, PlanNode, PlanVersion, Reading, ReadingItem
from enishi.plans.reading.changes import change_of, counts_from, is_change
from enishi.plans.reading.enums import TAKEN, ItemKind
from enishi.plans.reading.items import LEVELS, current

_LOWER = re.compile(r"以下|以内|未満|削減|縮減|低減|短縮|減|圧縮|抑制|引き?下げ|縮小|解消")
_STATISTIC = re.compile(r"統計|白書|年報|国勢|台帳|決算")
_TRIAL = re.compile(r"実証|試行|試験|実験|検証")
_SURVEY = re.compile(r"調査|アンケート|意識|研究")


@dataclass
class Written:
    """What was made, by kind, and what could not be taken over, in sentences."""

    nodes: dict[str, PlanNode] = field(default_factory=dict)
    uids: list[str] = field(default_factory=list)
    indicators: list[int] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "nodes": self.uids,
            "indicators": self.indicators,
            "evidence": self.evidence,
            "left": self.left,
        }


@dataclass
class Writer:
    """One run of writing. ``parent`` is the branch under which measures go; the top of the plan without one."""

    reading: Reading
    version: PlanVersion
    parent: PlanNode | None
    actor: Person
    at: dt.datetime
    goal_year: int | None = None
    base_year: int | None = None
    made: Written = field(default_factory=Written)
    cited: set[int] = field(default_factory=set)

    def write(self) -> Written:
        rows = list(self.reading.items.filter(choice__in=TAKEN).order_by("order"))
        readers = (
            (ItemKind.MEASURE, self._measure),
            (ItemKind.ACTION, self._action),
            (ItemKind.INDICATOR, self._indicator),
            (ItemKind.CHALLENGE, self._challenge),
            (ItemKind.EVIDENCE, self._evidence),
            (ItemKind.CASE, self._case),
            (ItemKind.SOURCE, self._source),
        )
        for kind, write in readers:
            for row in rows:
                if row.kind == kind:
                    write(row, current(row.kind, row.data, row.edited))
        return self.made

    def _measure(self, row: ReadingItem, says: dict[str, str]) -> None:
        values = {"title": says["title"][:200], "intent": says["intent"][:2_000]}
        node = self._add(self.parent, values)
        # Others name a measure as the document does, whatever a person made of its title.
        self.made.nodes[row.data.get("title") or says["title"]] = node
        self.made.nodes.setdefault(says["title"], node)

    def _add(self, parent: PlanNode | None, values: dict[str, Any]) -> PlanNode:
        node = services.add_node(
            version_id=self.version.pk,
            parent_id=parent.pk if parent else None,
            values=values | {"section": self.reading.section},
            actor=self.actor,
            at=self.at,
        )
        self.made.uids.append(node.uid)
        return node

    def _action(self, row: ReadingItem, says: dict[str, str]) -> None:
        parent = self.made.nodes.get(says["measure"])
        if parent is None:
            self._leave(
                _("取組「%(title)s」: 属する支援策を採用していないため、書き込みませんでした。"), says
            )
            return
        deepest = self.version.levels.order_by("-order").values_list("order", flat=True).first() or 0
        if parent.level.order >= deepest:
            self._leave(
                _(
                    "取組「%(title)s」: 支援策より下の階層がないため、枝にしませんでした。事務事業として登録してください。"
                ),
                says,
            )
            return
        details = "\n".join(str(each.get("quote", "")) for each in row.data.get("details") or ())
        node = self._add(parent, {"title": says["title"][:200], "intent": details[:2_000]})
        self.made.nodes.setdefault(says["title"], node)

    def _leave(self, sentence: str, says: dict[str, str]) -> None:
        self.made.left.append(sentence % {"title": says["title"][:80]})

    def _indicator(self, row: ReadingItem, says: dict[str, str]) -> None:
        name = says["title"][:150]
        house = self.reading.organization
        old = Indicator.objects.in_use().filter(organization=house, name=name).first()
        indicator = old or self._new_indicator(row, says, name)
        if old is None:
            self.made.indicators.append(indicator.pk)
            self._values(indicator, row, says)
        else:
            self._leave(_("指標「%(title)s」: 同じ名前の指標があるため、新しく作らず結びました。"), says)
        node = self.made.nodes.get(says["measure"]) or self.parent
        if node is not None:
            services.add_indicator(
                node_id=node.pk, indicator_id=indicator.pk, weight=None, actor=self.actor, at=self.at
            )

    def _new_indicator(self, row: ReadingItem, says: dict[str, str], name: str) -> Indicator:
        target, base = _decimal(says["target_value"]), _decimal(says["baseline_value"])
        level = says["level"] if says["level"] in LEVELS else "KPI"
        unit = "" if self._says_how_much_only(row, target) else says["unit"][:20]
        values = {
            "name": name,
            "role": level,
            "stage": _stage(level, row.data.get("kind")),
            "unit": unit,
            "value_type": "ratio" if unit in ("%", "%", "ポイント") else "money" if unit == "円" else "count",
            "decimals": min(6, max(_places(target), _places(base))),
            "direction": _direction(row.data.get("target") or {}, target, base),
            "section": self.reading.section,
        }
        return indicator_services.create_indicator(
            organization=self.reading.organization,
            values=values,
            definition=self._definition(row, says),
            actor=self.actor,
            at=self.at,
        )

    def _says_how_much_only(self, row: ReadingItem, target: Decimal | None) -> bool:
        """30%削減 says in what the change is counted, not the indicator: its unit is that of the present value, if any."""
        read, present = row.data.get("target") or {}, row.data.get("baseline") or {}
        if target is None or "unit" in row.edited or present.get("unit"):
            return False
        return is_change(read) and read.get("unit") in ("%", "倍")

    def _definition(self, row: ReadingItem, says: dict[str, str]) -> str:
        """The words of the document, with their place: what was read can be looked up."""
        lines = [
            _("「%(title)s」%(place)d文字目から読み取り: %(quote)s")
            % {"title": self.reading.title, "place": row.start, "quote": row.data.get("quote", "")}
        ]
        for label, key in ((_("目標"), "target"), (_("現状"), "baseline")):
            part = row.data.get(key)
            if part:
                lines.append(f"{label}: {part['quote']}")
        if says["method"]:
            lines.append(_("取得方法: %(method)s") % {"method": says["method"]})
        return "\n".join(lines)[:2_000]

    def _values(self, indicator: Indicator, row: ReadingItem, says: dict[str, str]) -> None:
        """Baseline and target where both number and year are known; what lacks either stays in the definition."""
        base = _decimal(says["baseline_value"])
        base_year = _year(says["baseline_year"]) or self.base_year
        if base is not None and base_year is not None:
            self._try(
                says,
                lambda: target_services.set_baseline(
                    indicator_id=indicator.pk,
                    fiscal_year=base_year,
                    value=base,
                    basis=self.reading.title[:300],
                    actor=self.actor,
                    at=self.at,
                ),
            )
        goal = _decimal(says["target_value"])
        goal_year = _year(says["target_year"]) or self.goal_year
        is_typed = "target_value" in row.edited
        if goal is not None and not is_typed and is_change(row.data.get("target") or {}):
            self._change(indicator, row, says, goal, base_year)
        elif goal is None or goal_year is None:
            self._leave(
                _("指標「%(title)s」: 目標の年度か数が書かれていないため、目標値は入れていません。"), says
            )
        else:
            self._try(
                says,
                lambda: target_services.set_target(
                    indicator_id=indicator.pk,
                    fiscal_year=goal_year,
                    value=goal,
                    rationale=self._why(row, says),
                    actor=self.actor,
                    at=self.at,
                ),
            )
        if says["method"]:
            indicator_services.set_acquisition(
                owner=indicator,
                values={
                    "method": "survey" if _SURVEY.search(says["method"]) else "manual",
                    "source": says["method"][:200],
                },
                actor=self.actor,
                at=self.at,
            )

    def _why(self, row: ReadingItem, says: dict[str, str]) -> str:
        """The words of the document; whoever wrote it into the plan answers for the year."""
        quote = str((row.data.get("target") or {}).get("quote", ""))[:400]
        return (
            quote
            if _year(says["target_year"])
            else _("%(quote)s(年度は書き込むときに決めた)") % {"quote": quote}
        )

    def _change(
        self,
        indicator: Indicator,
        row: ReadingItem,
        says: dict[str, str],
        goal: Decimal,
        base_year: int | None,
    ) -> None:
        """30%削減, 対前年比5%増: kept as what it is, and worked out once there is something to change from."""
        read = row.data.get("target") or {}
        # 対前年比 without a year holds every year; a change from the baseline needs one.
        found = change_of(read, goal, _year(says["target_year"]), self.goal_year)
        # 2013年度比50%削減 is no half of the present value.
        if found is None or counts_from(read) not in (None, base_year):
            self._leave(
                _(
                    "指標「%(title)s」: 目標が増減や比で書かれていて、年度か増減の向きが分からないため、目標値は入れていません。「目標を増減で書く」で入れてください。"
                ),
                says,
            )
            return
        self._try(
            says,
            lambda: change_services.set_change(
                indicator_id=indicator.pk,
                **found,
                words=read.get("quote", "")[:300],
                actor=self.actor,
                at=self.at,
            ),
        )

    def _try(self, says: dict[str, str], write: Any) -> None:
        """A value that the indicators room refuses is left out and told; the indicator itself stays."""
        try:
            with transaction.atomic():
                write()
        except RefusedError as refused:
            self.made.left.append(f"{says['title'][:80]}: {refused.sentence}")
        except ValidationError as refused:
            self.made.left.append(f"{says['title'][:80]}: {' '.join(refused.messages)}")

    def _challenge(self, row: ReadingItem, says: dict[str, str]) -> None:
        """What troubles people stays beside the plan, as evidence that it is needed."""
        claim = says["title"] + (f"({says['who']})" if says["who"] else "")
        if says["harm"]:
            claim += _("。放置した場合: %(harm)s") % {"harm": says["harm"]}
        values = {"claim": claim[:1_000], "kind": EvidenceKind.OPINION, **self._in_document(row)}
        self._rest_on(values, self._everywhere(), Use.NEED)

    def _in_document(self, row: ReadingItem) -> dict[str, Any]:
        return {
            "source_title": self.reading.title[:300],
            "locator": _("%(place)d文字目") % {"place": row.start},
        }

    def _everywhere(self) -> list[PlanNode]:
        if self.parent is not None:
            return [self.parent]
        return [node for node in dict.fromkeys(self.made.nodes.values()) if node.parent_id is None]

    def _evidence(self, row: ReadingItem, says: dict[str, str]) -> None:
        source = f"{says['source_title']}{says['publisher']}"
        section, about = row.data.get("section"), row.data.get("about")
        self.cited.add((row.data.get("source") or {}).get("start", -1))
        values = {
            "claim": says["title"][:1_000],
            "figure": says["figure"][:200],
            "source_title": says["source_title"][:300],
            "publisher": says["publisher"][:150],
            "year": _year(says["year"]),
            "url": (says.get("url") or "")[:500],
            "kind": _kind(f"{source}{says['title']}", section),
        }
        node = self.made.nodes.get(about or "")
        use = Use.NEED if section == "課題" else Use.EFFECT if node is not None else Use.CONTEXT
        self._rest_on(values, [node] if node else self._everywhere(), use)

    def _case(self, row: ReadingItem, says: dict[str, str]) -> None:
        details = " ".join(str(each.get("quote", "")) for each in row.data.get("details") or ())
        values = {
            "claim": f"{says['title']} {details}".strip()[:1_000],
            "kind": EvidenceKind.CASE,
            "publisher": says["place"][:150],
            **self._in_document(row),
        }
        self._rest_on(values, self._everywhere(), Use.CONTEXT)

    def _source(self, row: ReadingItem, says: dict[str, str]) -> None:
        """A source that no claim cites: the document leaned on it, and somebody can look whether it exists."""
        if row.start in self.cited:
            return
        values = {
            "claim": _("文書が参考にした資料: %(source)s") % {"source": says["title"][:900]},
            "source_title": (row.data.get("title") or says["title"])[:300],
            "publisher": (row.data.get("publisher") or "")[:150],
            "year": row.data.get("year"),
            "url": (row.data.get("url") or "")[:500],
            "kind": EvidenceKind.REFERENCE,
            "locator": _("%(place)d文字目") % {"place": row.start},
        }
        node = self.made.nodes.get(row.data.get("about") or "")
        self._rest_on(values, [node] if node else self._everywhere(), Use.CONTEXT)

    def _rest_on(self, values: dict[str, Any], nodes: list[PlanNode], use: Use) -> None:
        row = evidence_services.create_evidence(
            organization=self.reading.organization,
            values=values | {"section": self.reading.section},
            actor=self.actor,
            at=self.at,
        )
        self.made.evidence.append(row.pk)
        for node in nodes:
            evidence_services.use_evidence(
                evidence_id=row.pk, owner=node.identity, purpose=use, actor=self.actor, at=self.at
            )


def take_back(reading: Reading, *, actor: Person, at: dt.datetime) -> list[str]:
    """Take out what was written, except what somebody went on with since; that is said."""
    kept: list[str] = []
    uids = reading.made.get("nodes", [])
    if reading.plan_version_id:
        tops = PlanNode.objects.filter(version_id=reading.plan_version_id, uid__in=uids).select_related(
            "parent"
        )
        for node in tops.order_by("path"):
            if node.parent is None or node.parent.uid not in uids:
                services.remove_node(node_id=node.pk, actor=actor, at=at)
    for row in Evidence.objects.kept().filter(pk__in=reading.made.get("evidence", [])):
        if row.checks.exists():
            kept.append(_("根拠「%(claim)s」: 原典の確認が進んでいるため残しました。") % {"claim": row})
        else:
            evidence_services.delete_evidence(evidence_id=row.pk, actor=actor, at=at)
    for indicator in Indicator.objects.kept().filter(pk__in=reading.made.get("indicators", [])):
        try:
            with transaction.atomic():
                indicator_services.delete_indicator(indicator_id=indicator.pk, actor=actor, at=at)
        except RefusedError as refused:
            kept.append(f"{indicator}: {refused.sentence}")
    return kept


def _stage(level: str, kind: str | None) -> str:
    if kind == "output":
        return "output"
    return {"KGI": "final", "KSI": "intermediate"}.get(level, "initial")


def _direction(target: dict[str, Any], goal: Decimal | None, base: Decimal | None) -> str:
    words = f"{target.get('comparator') or ''}{target.get('change') or ''}{target.get('quote') or ''}"
    if goal is not None and base is not None and goal != base and not is_change(target):
        return "UP" if goal > base else "DOWN"
    return "DOWN" if _LOWER.search(words) else "UP"


def _kind(words: str, section: str | None) -> str:
    if section == "先進事例":
        return EvidenceKind.CASE
    for kind, pattern in (
        (EvidenceKind.TRIAL, _TRIAL),
        (EvidenceKind.STATISTIC, _STATISTIC),
        (EvidenceKind.SURVEY, _SURVEY),
    ):
        if pattern.search(words):
            return kind
    return EvidenceKind.OPINION


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _places(value: Decimal | None) -> int:
    exponent = value.as_tuple().exponent if value is not None else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _year(text: str) -> int | None:
    return whole(text, 1900, 2200)
