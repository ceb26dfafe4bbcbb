"""課と事務分掌 from a sheet: what it would do is shown first, then all of it happens or nothing."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.desk.triage import look
from enishi.organizations.enums import Role
from enishi.organizations.models import Section
from tests.desk.making import Desk
from tests.factories import MembershipFactory, SectionFactory

pytestmark = pytest.mark.django_db
HEADINGS = ["組織コード", "名称", "上位の組織", "事務分掌", "電話"]


@pytest.fixture
def house(client):
    place = MembershipFactory(role=Role.ADMINISTRATOR)
    client.force_login(place.person)
    return place.organization


def looked_at(client, house, rows, headings=HEADINGS):
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    file = SimpleUploadedFile("課.csv", text.getvalue().encode("cp932"))
    return client.post(reverse("organizations:section_import", args=[house.pk]), {"file": file})


def take_over(client, house):
    return client.post(reverse("organizations:section_import_start", args=[house.pk]))


def test_new_sections_open_under_their_parents_and_known_ones_are_corrected(client, house):
    known = SectionFactory(organization=house, name="福祉課", code="20", duties="", phone="0000-00-0001")
    rows = [
        ["21", "見守り係", "福祉課", "高齢者の見守りに関すること", ""],
        ["20", "福祉課", "", "高齢者の福祉に関すること\n民生委員に関すること", "0000-00-0001"],
        ["31", "道路係", "建設部", "道路の補修に関すること", ""],
        ["30", "建設部", "", "", ""],
    ]

    page = looked_at(client, house, rows)

    preview = page.context["preview"]
    assert (preview.added, preview.changed, preview.faults) == (3, 1, [])
    assert [row.column for row in preview.differences] == ["事務分掌"]
    assert Section.objects.count() == 1
    take_over(client, house)
    known.refresh_from_db()
    assert known.duties == "高齢者の福祉に関すること\n民生委員に関すること"
    assert set(Section.objects.values_list("name", "parent__name")) == {
        ("福祉課", None),
        ("見守り係", "福祉課"),
        ("建設部", None),
        ("道路係", "建設部"),
    }


def test_a_column_the_sheet_does_not_have_changes_nothing(client, house):
    SectionFactory(organization=house, name="福祉課", phone="0000-00-0001", parent=None)

    looked_at(client, house, [["福祉課", "見守りに関すること"]], ["名称", "事務分掌"])
    take_over(client, house)

    section = Section.objects.get()
    assert (section.duties, section.phone) == ("見守りに関すること", "0000-00-0001")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (["", "", "", "", ""], None, ""),
        (["1", "", "", "見守り", ""], "名称", "課の名前"),
        (["1", "福祉課", "ない部", "", ""], "上位の組織", "名前の組織がありません"),
        (["1", "福祉課", "福祉課", "", ""], "上位の組織", "名前の組織がありません"),
        (["1", "あ" * 101, "", "", ""], "名称", "100文字まで"),
    ],
)
def test_faults_name_row_column_and_reason_and_nothing_is_taken_over(client, house, row, column, reason):
    page = looked_at(client, house, [["9", "出納室", "", "", ""], row])

    faults = page.context["preview"].faults
    if column is None:
        assert faults == []
        return
    assert [(fault.row, fault.column) for fault in faults] == [(3, column)]
    assert reason in faults[0].reason
    take_over(client, house)
    assert Section.objects.count() == 0


def test_what_goes_out_comes_back_unchanged(client, house):
    top = SectionFactory(
        organization=house, name="総務部", code="1", duties="文書に関すること\n選挙に関すること"
    )
    SectionFactory(organization=house, name="総務課", code="2", parent=top)
    sheet = client.get(reverse("organizations:section_import", args=[house.pk]), {"format": "xlsx"})

    page = client.post(
        reverse("organizations:section_import", args=[house.pk]),
        {"file": SimpleUploadedFile("課.xlsx", sheet.content)},
    )

    preview = page.context["preview"]
    assert (preview.added, preview.changed, preview.unchanged, preview.faults) == (0, 0, 2, [])


def test_triage_suggests_a_section_by_the_duties_that_were_brought_in(client):
    desk = Desk()
    administrator = MembershipFactory(role=Role.ADMINISTRATOR, organization=desk.town).person
    client.force_login(administrator)
    rows = [
        ["1", "第一課", "", "高齢者の見守り、通報機器の貸与に関すること", ""],
        ["2", "第二課", "", "道路の補修に関すること", ""],
    ]
    looked_at(client, desk.town, rows)
    take_over(client, desk.town)
    proposal = desk.proposal(
        title="高齢者の見守りに通報機器を使う", summary="高齢者の見守りに通報機器を貸し出す。"
    )

    found = look(proposal, desk.planner, list(Section.objects.filter(organization=desk.town)))

    sections = [one.section.name for one in found if one.section is not None]
    assert sections[:1] == ["第一課"] and "第二課" not in sections
