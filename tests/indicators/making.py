"""The smallest world of indicators: one house, one section, an officer, a manager, a resident."""

import datetime as dt
from decimal import Decimal

from enishi.indicators import services
from enishi.indicators.models import DataElement, Indicator
from enishi.indicators.periods import fiscal
from enishi.indicators.services import Entry
from enishi.organizations.enums import Role, Visibility
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

SOURCE = "令和7年度 市民アンケート報告書 12頁"


class House:
    """A municipality with the people every test needs."""

    def __init__(self):
        self.organization = OrganizationFactory()
        self.section = SectionFactory(organization=self.organization)
        self.officer = self._person(Role.OFFICER, self.section)
        self.manager = self._person(Role.MANAGER, self.section)
        self.planner = self._person(Role.PLANNER, None)

    def _person(self, role, section):
        person = PersonFactory()
        MembershipFactory(person=person, organization=self.organization, section=section, role=role)
        return person

    def indicator(self, **values):
        values = {
            "name": "健康診査を受けた人の割合",
            "unit": "人",
            "section": self.section,
            "visibility": Visibility.PUBLIC,
            "direction": "UP",
            "aggregation": "last",
            **values,
        }
        definition = values.pop("definition", "受けた人の数")
        return services.create_indicator(
            organization=self.organization, values=values, definition=definition, actor=self.officer, at=NOON
        )

    def element(self, code, **values):
        values = {"code": code, "name": code, "section": self.section, "visibility": "public", **values}
        return services.create_element(
            organization=self.organization, values=values, actor=self.officer, at=NOON
        )

    def write(self, owner, year, value=None, *, submit=True, actor=None, source=SOURCE, **more):
        span = fiscal(year)
        number = None if value is None else Decimal(str(value))
        (row,) = services.record_values(
            owner=owner,
            entries=[Entry(span.start, span.end, number, **more)],
            source=source,
            submit=submit,
            actor=actor or self.officer,
            at=NOON,
        )
        return row

    def approved(self, owner: Indicator | DataElement, year: int, value=None, **more):
        row = self.write(owner, year, value, **more)
        services.approve_values(measurement_ids=[row.pk], actor=self.manager, at=NOON)
        row.refresh_from_db()
        return row

    def goals(self, indicator, base, target, *, base_year=2023, target_year=2027):
        services.set_baseline(
            indicator_id=indicator.pk, fiscal_year=base_year, value=Decimal(base), actor=self.officer, at=NOON
        )
        services.set_target(
            indicator_id=indicator.pk,
            fiscal_year=target_year,
            value=Decimal(target),
            actor=self.officer,
            at=NOON,
        )


TODAY = dt.date(2026, 11, 22)
