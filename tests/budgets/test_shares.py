"""The sheet of shares: proposals out, all of it or nothing in."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from enishi.budgets import services
from enishi.budgets.models import Allocation
from enishi.budgets.transfer import shares
from tests.budgets.making import ROWS, TOTAL, YEAR, bring_in, cast, code, programme, text
from tests.factories import NOON

pytestmark = pytest.mark.django_db
PAGE = "/budgets/unallocated/sheet/"


def filled(**cells: str) -> SimpleUploadedFile:
    """A sheet with a text for each code."""
    book = openpyxl.Workbook()
    book.active.append(list(shares.HEADINGS))
    for path, words in cells.items():
        book.active.append([path.replace("_", "-")[1:], "", "", "", words])
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("配賦.xlsx", target.getvalue())


def test_proposals_come_from_the_year_before_over_renumbered_codes_and_from_equal_names():
    who = cast()
    bring_in(who, text())
    next_year = ROWS.replace("9110", "9115")
    bring_in(who, text(next_year), fiscal_year=YEAR + 1, stated_total_yen=TOTAL)
    services.link_codes(
        old=code(who, "01-08-02-02-9110"),
        new=code(who, "01-08-02-02-9115", YEAR + 1),
        note="",
        actor=who.planner,
        at=NOON,
    )
    watch, road = programme(who, title="見守り 事業"), programme(who, "100102")
    services.allocate(
        code_id=code(who, "01-08-02-02-9110").pk,
        shares=[services.NewShare(road.pk, share_bp=6_000, note="延長で按分")],
        actor=who.planner,
        at=NOON,
    )

    rows = {row[0]: row[4:] for row in shares.rows(who.town, YEAR + 1)}

    assert rows["01-03-01-02-2010"] == [f"{watch.uid} 100%", "名称が同じ事業"]
    assert rows["01-08-02-02-9115"] == [f"{road.uid} 60% 延長で按分", "令和8年度"]
    assert rows["01-03-01-02-2020"] == ["", ""]


def test_a_filled_sheet_is_looked_at_and_comes_in_altogether_or_not_at_all(client: Client):
    who = cast()
    bring_in(who, text())
    programme(who)
    programme(who, "100102", start_fy=YEAR + 1)
    client.force_login(who.planner)
    wrong = filled(
        _01_03_01_02_2010="100101 60%;100101 50%",
        _01_03_01_02_2020="100102 100%",
        _01_03_01_02="100101 100%",
        _01_99="100101 100%",
    )

    refused = client.post(PAGE, {"file": wrong})
    nested = client.post(PAGE, {"file": filled(_01_03="100101 10%", _01_03_01_02_2010="100101 10%")})
    looked = client.post(
        PAGE, {"file": filled(_01_03_01_02_2010="100101　６０％ 面積", _01_08_02_02_9110="100101 1,000円")}
    )
    before = Allocation.objects.count()
    client.post(PAGE, {"then": "save", "seen": "of another look"})
    stale = Allocation.objects.count()
    client.post(PAGE, {"then": "save", "seen": looked.context["preview"].mark})

    reasons = [fault.reason for fault in refused.context["preview"].faults]
    assert refused.status_code == 422 and (before, stale) == (0, 0)
    assert [
        words in reason for words, reason in zip(("二度", "始まる事業", "ありません"), reasons, strict=True)
    ]
    assert "二度数える" in nested.context["preview"].faults[0].reason
    assert looked.status_code == 200
    found = Allocation.objects.order_by("code__path").values_list("share_bp", "fixed_yen", "note")
    assert list(found) == [(6_000, None, "面積"), (None, 1_000, "")]
    assert code(who, "01-03-01-02-2010").unallocated.initial_yen == 8_000_000

    emptied = client.post(PAGE, {"file": filled(_01_03_01_02_2010="")})
    client.post(PAGE, {"then": "save", "seen": emptied.context["preview"].mark})
    assert code(who, "01-03-01-02-2010").unallocated.initial_yen == 20_000_000
