"""Expenses and settlement: never approved by who claimed them, the same receipt once, sums exact to the yen."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from enishi.exchange.errors import AttachmentRefusedError
from enishi.projects import selectors, services
from enishi.projects.errors import RefusedError, StaleVersionError
from enishi.projects.models import Expense
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, PDF, cast, draft, expense, running

pytestmark = pytest.mark.django_db


def decide(actor, claim, approve=True, note=""):
    return services.decide_expense(expense_id=claim.pk, approve=approve, note=note, actor=actor, at=NOON)


def test_nobody_approves_the_own_claim():
    who = cast()
    claim = expense(who, running(who), who.manager)

    with pytest.raises(RefusedError, match="自分では承認できません"):
        decide(who.manager, claim)
    assert decide(who.planner, claim).state == "approved"
    with pytest.raises(IntegrityError), transaction.atomic():
        Expense.objects.filter(pk=claim.pk).update(decided_by=who.manager)


def test_an_officer_and_a_partner_do_not_approve():
    who = cast()
    claim = expense(who, running(who), who.manager)

    for person in (who.officer, who.member):
        with pytest.raises(PermissionDenied):
            decide(person, claim)


def test_a_partner_claims_for_itself_only():
    who = cast()
    project = running(who)

    with pytest.raises(PermissionDenied):
        expense(who, project, who.member)
    own = expense(who, project, who.member, participant=project.participants.get(organization=who.partner))

    assert own.participant.organization == who.partner


def test_no_claim_before_the_approval():
    who = cast()

    with pytest.raises(RefusedError, match="承認されたあと"):
        expense(who, draft(who), who.officer)


def test_the_same_receipt_twice_is_found():
    who = cast()
    project = running(who)
    expense(who, project, who.officer, receipt=("a.pdf", PDF))

    with pytest.raises(AttachmentRefusedError, match="同じ領収書が「電池」に"):
        expense(who, project, who.officer, what="電池(2回目)", receipt=("b.pdf", PDF))
    assert project.expenses.count() == 1


def test_a_claim_without_receipt_says_why():
    who = cast()
    project = running(who)

    with pytest.raises(ValidationError):
        expense(who, project, who.officer, receipt=None)
    assert expense(who, project, who.officer, receipt=None, no_receipt_reason="自動販売機").pk


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_is_some_yen(amount):
    who = cast()

    with pytest.raises(ValidationError):
        expense(who, running(who), who.officer, amount_yen=amount)


def test_what_was_sent_back_is_mended_and_claimed_again():
    who = cast()
    claim = expense(who, running(who), who.officer)
    with pytest.raises(ValidationError):
        decide(who.manager, claim, approve=False)
    returned = decide(who.manager, claim, approve=False, note="支払先がありません")

    mended = services.edit_expense(
        expense_id=claim.pk,
        values={"payee": "でんきや"},
        version=returned.version,
        actor=who.officer,
        at=NOON,
    )

    assert (mended.state, mended.decided_by) == ("claimed", None)
    with pytest.raises(StaleVersionError):
        services.edit_expense(
            expense_id=claim.pk, values={"payee": "x"}, version=returned.version, actor=who.officer, at=NOON
        )


def test_two_managers_at_once_decide_once():
    who = cast()
    claim = expense(who, running(who), who.officer)
    decide(who.manager, claim)

    with pytest.raises(RefusedError, match="ほかの人が先に"):
        decide(who.planner, claim)


def test_a_settlement_closes_what_was_approved_to_the_yen(client):
    who = cast()
    project = running(who)
    amounts = [333_333, 1, 9_007_199_254_740_993 - 333_334]
    for number, amount in enumerate(amounts):
        claim = expense(
            who, project, who.officer, amount_yen=amount, what=f"品{number}", spent_on=TODAY - number * DAY
        )
        decide(who.manager, claim)
    expense(who, project, who.officer, what="まだ", amount_yen=500)

    settlement = services.settle(
        project_id=project.pk,
        participant=project.participants.get(organization=who.town),
        actor=who.manager,
        at=NOON,
    )

    # Beyond 2**53 a float would have lost the last yen.
    assert settlement.total_yen == 9_007_199_254_740_993
    sums = selectors.sums_of(project.expenses.all())
    assert (sums.claimed, sums.approved, sums.settled) == (500, 0, 9_007_199_254_740_993)
    with pytest.raises(RefusedError):
        services.settle(
            project_id=project.pk,
            participant=project.participants.get(organization=who.town),
            actor=who.manager,
            at=NOON,
        )
    client.force_login(who.manager)
    answer = client.get(reverse("projects:settlement_detail", args=[settlement.pk]), {"format": "xlsx"})
    counted = openpyxl.load_workbook(io.BytesIO(answer.content), data_only=True)
    rows = list(counted["精算書"].iter_rows(values_only=True))
    assert [row[5] for row in rows[5:8]] == [9_007_199_254_407_659, 1, 333_333]
    assert (rows[-1][0], rows[-1][5]) == ("合計", 9_007_199_254_740_993)


def test_a_settlement_goes_on_counting_in_excel_and_tells_what_each_side_brought(client):
    who = cast()
    project = running(who)
    project.participants.filter(organization=who.partner).update(
        provided_yen=120_000, provided_hours=Decimal("37.5")
    )
    for amount in (4_000, 600):
        decide(who.manager, expense(who, project, who.officer, amount_yen=amount, what=f"品{amount}"))
    place = project.participants.get(organization=who.town)
    settlement = services.settle(project_id=project.pk, participant=place, actor=who.manager, at=NOON)
    client.force_login(who.manager)
    address = reverse("projects:settlement_detail", args=[settlement.pk])

    content = io.BytesIO(client.get(address, {"format": "xlsx"}).content)

    formulas, results = openpyxl.load_workbook(content), openpyxl.load_workbook(content, data_only=True)
    assert (formulas["精算書"]["F8"].value, results["精算書"]["F8"].value) == ("=SUM(F6:F7)", 4_600)
    assert formulas["費目ごと"]["B2"].value.startswith("=SUMIF(精算書!$C$6:$C$7,A2,")
    assert results["費目ごと"]["B3"].value == 4_600
    brought = list(results["持ち寄り"].iter_rows(values_only=True))
    assert (brought[-1][0], brought[-1][4], brought[-1][6]) == ("合計", 120_000, 37.5)


def test_a_settled_expense_is_closed():
    who = cast()
    project = running(who)
    claim = expense(who, project, who.officer)
    decide(who.manager, claim)
    services.settle(project_id=project.pk, participant=claim.participant, actor=who.manager, at=NOON)

    with pytest.raises(RefusedError):
        decide(who.planner, claim, approve=False, note="やり直し")
    with pytest.raises(RefusedError):
        services.withdraw_expense(expense_id=claim.pk, actor=who.officer, at=NOON)
