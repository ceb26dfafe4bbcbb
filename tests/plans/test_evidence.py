"""Evidence: looked up in the original by somebody, marked wherever it appears, counted for plans and branches."""

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from enishi.foundation.downloads import sheet
from enishi.foundation.metrics import Period, metric
from enishi.foundation.spreadsheets import read_table
from enishi.plans.errors import PlanError
from enishi.plans.evidence import selectors, services, transfer
from enishi.plans.evidence.enums import Verification
from enishi.plans.logic import services as logic
from enishi.plans.models import Evidence
from tests.factories import NOON, TODAY
from tests.plans.making import approved, cast, draft_of, node, plan_of, programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return cast()


def evidence(who, claim="通院を見送った人は18.4%", **values):
    given = {
        "claim": claim,
        "figure": "18.4%",
        "source_title": "高齢者くらし調査",
        "year": 2023,
        "section": who.section,
    }
    return services.create_evidence(organization=who.town, values=given | values, actor=who.officer, at=NOON)


def check(who, row, result, found="", note=""):
    return services.check_evidence(
        evidence_id=row.pk, result=result, found=found, note=note, actor=who.officer, at=NOON
    )


@pytest.fixture
def branch(who):
    from enishi.plans import services as tree

    plan = plan_of(who)
    version = draft_of(plan)
    tree.set_levels(version_id=version.pk, labels=[("政策", ""), ("施策", "")], actor=who.planner, at=NOON)
    top = node(who, version, "健康")
    made = node(who, version, "通院の足", top)
    approved(who, version)
    made.refresh_from_db()
    return made


def test_checking_keeps_who_and_when_and_every_look(who):
    row = evidence(who)
    check(who, row, Verification.MISSING, note="図書館にもない")
    check(who, row, Verification.VERIFIED)

    row.refresh_from_db()
    assert (row.verification, row.checked_by, row.checked_at) == ("verified", who.officer, NOON)
    assert [each.verification for each in row.checks.order_by("pk")] == ["missing", "verified"]


@pytest.mark.parametrize("name", ["claim", "figure", "source_title", "publisher", "locator", "url"])
def test_writing_what_was_checked_makes_it_unverified_again(who, name):
    row = evidence(who)
    check(who, row, Verification.VERIFIED)

    services.edit_evidence(
        evidence_id=row.pk, values={name: "https://example.jp/x"}, version=None, actor=who.officer, at=NOON
    )

    row.refresh_from_db()
    assert (row.verification, row.checked_by) == ("unverified", None)


def test_writing_its_level_keeps_the_verification(who):
    row = evidence(who)
    check(who, row, Verification.VERIFIED)

    services.edit_evidence(evidence_id=row.pk, values={"level": 3}, version=None, actor=who.officer, at=NOON)

    row.refresh_from_db()
    assert row.is_verified


def test_mismatch_says_what_stands_there_and_verified_needs_a_source(who):
    with pytest.raises(PlanError, match="原典にあった値"):
        check(who, evidence(who), Verification.MISMATCH)
    with pytest.raises(PlanError, match="出典の名前か番地"):
        check(who, evidence(who, source_title=""), Verification.VERIFIED)


def test_database_insists_on_a_checker(who):
    row = evidence(who)

    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=row.pk).update(verification="verified")


@pytest.mark.parametrize("values", [{"claim": " "}, {"url": "javascript:alert(1)"}])
def test_empty_claim_and_strange_address_are_refused(who, values):
    with pytest.raises((PlanError, ValidationError)):
        evidence(who, **values)


def test_share_counts_the_branch_and_all_below_and_its_arrows(who, branch):
    """Evidence of a branch, of one below it and of an arrow of its logic model, each once."""
    first, second, third = (evidence(who, f"主張{n}") for n in range(3))
    check(who, first, Verification.VERIFIED)
    check(who, second, Verification.MISMATCH, "12%")
    for row in (first, second):
        services.use_evidence(
            evidence_id=row.pk, owner=branch.identity, purpose="need", actor=who.officer, at=NOON
        )
    model = logic.start_model(owner=branch, actor=who.officer, at=NOON)
    boxes = [
        logic.put_node(
            model_id=model.pk,
            values={"stage": stage, "text": stage},
            indicators=[],
            actor=who.officer,
            at=NOON,
        )
        for stage in ("activity", "output")
    ]
    logic.put_edge(
        model_id=model.pk,
        source=boxes[0],
        target=boxes[1],
        values={},
        evidence=[first, third],
        actor=who.officer,
        at=NOON,
    )

    share = selectors.share_of(selectors.used_by_branch(who.officer, branch.parent))

    assert (share.verified, share.mismatch, share.unverified, share.whole) == (1, 1, 1, 3)
    assert selectors.share_of(selectors.used_by_plan(who.officer, branch.version.plan)).whole == 3
    assert selectors.used_by(who.officer, [branch.parent.uid]).count() == 0
    assert selectors.share_of(selectors.used_by_branch(who.stranger, branch.parent)).whole == 0


def test_use_stays_within_the_house_and_can_be_taken_back(who, branch):
    row = evidence(who)
    other = cast()
    with pytest.raises(PlanError, match="ほかの団体"):
        services.use_evidence(
            evidence_id=row.pk, owner=programme(other, "100101"), purpose="need", actor=who.officer, at=NOON
        )
    use = services.use_evidence(
        evidence_id=row.pk, owner=branch.identity, purpose="need", actor=who.officer, at=NOON
    )
    again = services.use_evidence(
        evidence_id=row.pk, owner=branch.identity, purpose="effect", actor=who.officer, at=NOON
    )
    assert (again.pk, again.purpose) == (use.pk, "effect")
    services.stop_using(use_id=use.pk, actor=who.officer, at=NOON)
    assert not row.uses.exists()


def test_unverified_figure_is_marked_on_the_page_of_the_branch(client, who, branch):
    row = evidence(who, visibility="public")
    services.use_evidence(
        evidence_id=row.pk, owner=branch.identity, purpose="need", actor=who.officer, at=NOON
    )

    body = client.get(branch.get_absolute_url()).content.decode()

    assert "通院を見送った人は18.4%" in body and "未確認" in body and "0.0%(0/1)" in body


def test_strangers_do_not_write_and_officers_of_other_sections_neither(who):
    row = evidence(who)

    with pytest.raises(PermissionDenied):
        services.delete_evidence(evidence_id=row.pk, actor=who.stranger, at=NOON)


def test_trash_and_back(client, who):
    row = evidence(who)
    services.delete_evidence(evidence_id=row.pk, actor=who.officer, at=NOON)
    assert not Evidence.objects.kept().exists()
    client.force_login(who.officer)

    client.post(reverse("plans:evidence_restore", args=[row.pk]))

    assert Evidence.objects.kept().get() == row


def test_metric_counts_verified_ones(who):
    check(who, evidence(who), Verification.VERIFIED)
    evidence(who, "別の主張")

    found = metric("plans.verified_evidence").figure(who.town.pk, Period(TODAY, TODAY), TODAY)

    assert (found.value, found.numerator, found.denominator) == (50, 1, 2)


HEAD = ",".join(transfer.HEADINGS)


def look(who, text):
    return transfer.look(read_table(f"{HEAD}\n{text}\n".encode()), organization=who.town, actor=who.officer)


def test_table_goes_out_comes_back_and_never_verifies(who):
    row = evidence(who)
    file = sheet("xlsx", transfer.HEADINGS, transfer.rows_of([row], inside=frozenset()), title="根拠").content
    same = transfer.look(read_table(file), organization=who.town, actor=who.officer)
    assert (same.added, same.changed, same.unchanged) == (0, 0, 1)

    preview = look(
        who,
        f"{row.pk},通院を見送った人は18.4%,19.0%,高齢者くらし調査,,令和5年,,,公的統計,2,原典確認済,,\n,新しい主張,,,,,,,調査・アンケート,,,,",
    )
    transfer.take_over(organization=who.town, rows=preview.rows, actor=who.officer, at=NOON)

    assert (preview.added, preview.changed) == (1, 1)
    row.refresh_from_db()
    assert (row.figure, row.level, row.verification) == ("19.0%", 2, "unverified")
    assert Evidence.objects.get(claim="新しい主張").kind == "survey"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",,,,,,,,公的統計,,,,", "主張"),
        (",主張,,,,昔,,,公的統計,,,,", "資料の年"),
        (",主張,,,,,,ftp:/x,公的統計,,,,", "URL"),
        (",主張,,,,,,,うわさ,,,,", "種類"),
        (",主張,,,,,,,公的統計,9,,,", "根拠の水準"),
        ("99999,主張,,,,,,,公的統計,,,,", "番号"),
    ],
)
def test_each_bad_cell_is_named(who, line, column):
    assert [fault.column for fault in look(who, line).faults] == [column]


def test_pages_work_for_the_officer(client, who, branch, django_assert_max_num_queries):
    row = evidence(who)
    client.force_login(who.officer)
    for name in ("evidence_detail", "evidence_edit", "evidence_check", "evidence_use", "evidence_delete"):
        assert client.get(reverse(f"plans:{name}", args=[row.pk])).status_code == 200
    client.post(
        reverse("plans:evidence_check", args=[row.pk]), {"result": "mismatch", "found": "原典では17%"}
    )
    client.post(reverse("plans:evidence_use", args=[row.pk]), {"node": branch.uid, "purpose": "need"})
    row.refresh_from_db()
    assert (row.verification, row.uses.get().identity_id) == ("mismatch", branch.uid)
    with django_assert_max_num_queries(30):
        listed = client.get(reverse("plans:evidence_list"), {"state": "mismatch"}).content.decode()
    assert "根拠 1件" in listed
    refused = client.post(
        reverse("plans:evidence_new"), {"claim": "", "kind": "survey", "level": "0", "visibility": "internal"}
    )
    assert refused.status_code == 422


def test_import_page_refuses_what_is_no_table(client, who):
    client.force_login(who.officer)
    upload = io.BytesIO(b"\x00\x01\x02")
    upload.name = "x.csv"

    answer = client.post(reverse("plans:evidence_import"), {"file": upload})

    assert answer.status_code == 422 and Evidence.objects.count() == 0
