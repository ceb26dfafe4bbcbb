"""What the budget made of a decision: R1, R2 and R3, E4, and the way from the decision to the entries and back."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from enishi.budgets.dividing import Part
from enishi.budgets.enums import Stage
from enishi.evaluation.models import Reflection
from enishi.evaluation.reflection import selectors, services, transfer
from enishi.evaluation.reflection.comparing import Code, Comparison, Line, compare, refusal, suggested
from enishi.evaluation.reflection.selectors import Moment
from enishi.evaluation.reflection.services import Said
from enishi.foundation.refusals import RefusedError
from enishi.foundation.spreadsheets import write_csv
from tests.evaluation.money_world import (
    MILLION,
    YEAR,
    allocate,
    budget,
    cycle,
    decision,
    programme,
    same,
    town,
)
from tests.factories import NOON

AT = Moment(YEAR)


# --- Without a database -------------------------------------------------------------------------------------------------------


def moved(before, after):
    return Comparison(
        (Line(Code(1, "01-01", "前", before), before),), (Line(Code(2, "01-01", "後", after), after),)
    )


@pytest.mark.parametrize(
    ("direction", "status", "before", "after", "reason", "refused"),
    [
        ("拡充", "反映", 100, 200, "", False),
        ("拡充", "反映", 200, 100, "", True),
        ("拡充", "反映", 100, 100, "", True),
        ("縮小", "反映", 200, 100, "", False),
        ("縮小", "反映", 100, 200, "", True),
        ("廃止", "反映", 100, 0, "", False),
        ("廃止", "反映", 100, 10, "", True),
        ("廃止", "反映", 100, 10, "清算事務が残るため", False),
        ("改善", "反映", 100, 90, "", False),
        ("縮小", "一部反映", 100, 200, "", False),
        ("縮小", "未反映", 100, 200, "", True),
        ("縮小", "未反映", 100, 200, "契約が残る", False),
        ("縮小", "次年度以降", 100, 100, "", True),
        ("縮小", "対象外", 100, 100, "", True),
    ],
)
def test_r1_and_r3_by_direction_and_sign(direction, status, before, after, reason, refused):
    sentence = refusal(
        direction=direction, status=status, delta_yen=after - before, after_yen=after, reason=reason
    )

    assert bool(sentence) == refused


@pytest.mark.parametrize(
    ("direction", "decided", "before", "after", "status"),
    [
        ("拡充", 100, 100, 200, "反映"),
        ("拡充", 100, 100, 150, "一部反映"),
        ("拡充", 100, 100, 90, "未反映"),
        ("縮小", -100, 200, 100, "反映"),
        ("縮小", None, 200, 100, "反映"),
        ("縮小", None, 100, 200, "未反映"),
        ("廃止", None, 100, 0, "反映"),
        ("廃止", None, 100, 50, "一部反映"),
        ("改善", None, 100, 120, ""),
    ],
)
def test_the_amounts_speak_for_a_status(direction, decided, before, after, status):
    found = suggested(direction=direction, decided_yen=decided, comparison=moved(before, after))

    assert (found.status, bool(found.why)) == (status, True)


def test_r2_refuses_to_compare_with_money_nobody_claims():
    before = [Code(1, "01-01", "旧科目", 1_000)]
    after = [Code(2, "01-02", "新科目", 800, (Part(70, share_bp=10_000),), {70: 7})]

    found = compare(
        programme_ids=frozenset({7}),
        before=before,
        after=after,
        same={2: frozenset({1})},
        budget_before=True,
        budget_after=True,
    )

    assert found.delta_yen is None
    assert "01-01(旧科目)に、どの事業にも配賦されていない額" in found.problem


# --- With a budget ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(db):
    return town()


def test_r2_before_and_after_over_the_same_codes_after_equivalence(place):
    """The code of 2025 was split in two: both belong to the comparison, and another programme's half does not."""
    budget(place, [(2025, "0100", 10 * MILLION), (2026, "0101", 6 * MILLION), (2026, "0102", 2 * MILLION)])
    same(place, (2025, "0100"), (2026, "0101"))
    same(place, (2025, "0100"), (2026, "0102"))
    row = decision(place, cycle(place), "100101", "縮小", -2 * MILLION)
    programme(place, "100102")
    allocate(place, "100101", (2025, "0100"), (2026, "0101"))
    allocate(place, "100101", (2026, "0102"), share_bp=5_000)
    allocate(place, "100102", (2026, "0102"), share_bp=5_000)

    found = selectors.comparisons([row], AT)[row.pk]

    assert (found.before_yen, found.after_yen, found.delta_yen) == (10 * MILLION, 7 * MILLION, -3 * MILLION)
    assert [line.code.path[-4:] for line in found.after] == ["0101", "0102"]


def reduced(place, direction="縮小", yen=-2 * MILLION, after=8 * MILLION):
    budget(place, [(2025, "0100", 10 * MILLION), (2026, "0100", after)])
    row = decision(place, cycle(place), "100101", direction, yen)
    allocate(place, "100101", (2025, "0100"), (2026, "0100"))
    return row


def record(place, row, status, reason="", at=AT, actor=None):
    return services.record_reflection(
        decision_id=row.pk, moment=at, said=Said(status, reason), actor=actor or place.finance, at=NOON
    )


def test_a_recorded_decision_walks_to_its_entries_and_back(place):
    row = reduced(place)

    made = record(place, row, "反映")

    assert (made.before_yen, made.after_yen, made.delta_yen) == (10 * MILLION, 8 * MILLION, -2 * MILLION)
    sides = [(e.side, e.share_yen, [x.amount_yen for x in e.entries.all()]) for e in made.evidence.all()]
    assert sides == [("before", 10 * MILLION, [10 * MILLION]), ("after", 8 * MILLION, [8 * MILLION])]
    code = place.codes[2026, "0100"]
    assert [e.reflection.decision for e in code.reflection_evidence.all()] == [row]


def test_r1_is_refused_by_the_service_and_by_the_database(place):
    row = reduced(place, after=12 * MILLION)

    with pytest.raises(RefusedError, match="額が減っていない"):
        record(place, row, "反映")
    made = record(place, row, "未反映", "契約が残るため")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reflection.objects.filter(pk=made.pk).update(status="反映")


def test_r3_only_another_person_of_finance_approves(place):
    made = record(place, reduced(place), "反映")

    with pytest.raises(RefusedError, match="自分が記録した"):
        services.approve(reflection_ids=[made.pk], actor=place.finance, at=NOON)
    with pytest.raises(PermissionDenied):
        services.approve(reflection_ids=[made.pk], actor=place.officer, at=NOON)
    services.approve(reflection_ids=[made.pk], actor=place.second, at=NOON)

    made.refresh_from_db()
    assert (made.approved_by, made.is_approved) == (place.second, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reflection.objects.filter(pk=made.pk).update(approved_by=place.finance)


def test_writing_again_asks_for_approval_again(place):
    row = reduced(place)
    made = record(place, row, "反映")
    services.approve(reflection_ids=[made.pk], actor=place.second, at=NOON)

    again = record(place, row, "一部反映", "人件費だけ残る")

    assert (again.pk, again.version, again.is_approved) == (made.pk, 3, False)


def test_only_finance_records(place):
    with pytest.raises(PermissionDenied):
        record(place, reduced(place), "反映", actor=place.officer)


def test_without_a_budget_nothing_can_be_called_reflected(place):
    row = decision(place, cycle(place), "100101", "縮小", -100)

    with pytest.raises(RefusedError, match="まだ取り込まれていません"):
        record(place, row, "反映")
    assert record(place, row, "次年度以降", "来年度に行う").delta_yen is None


def test_an_abolished_programme_without_a_code_is_zero(place):
    budget(place, [(2025, "0100", 10 * MILLION), (2026, "0900", MILLION)])
    row = decision(place, cycle(place), "100101", "廃止", -10 * MILLION)
    allocate(place, "100101", (2025, "0100"))

    made = record(place, row, "反映")

    assert (made.after_yen, made.delta_yen) == (0, -10 * MILLION)
    assert made.evidence.get().note == "翌年度に対応する科目がない"


def test_a_supplementary_budget_is_compared_within_its_year(place):
    row = reduced(place, after=10 * MILLION)
    budget(place, [(2026, "0100", -3 * MILLION)], stage=Stage.SUPPLEMENT, round_no=2)

    made = record(place, row, "反映", at=Moment(YEAR, "supplement", 2))

    assert (made.before_yen, made.after_yen, made.delta_yen) == (10 * MILLION, 7 * MILLION, -3 * MILLION)


def test_e4_the_worklist_holds_what_needs_a_row(place):
    of_cycle = cycle(place)
    wanted = decision(place, of_cycle, "100101", "改善", 100)
    decision(place, of_cycle, "100102", "改善", relevant=False)
    decision(place, of_cycle, "100103", "継続")
    rows = selectors.worklist(place.house.pk, YEAR)

    assert list(rows) == [wanted]
    assert selectors.counts(rows, AT) == {"total": 1, "missing": 1, "waiting": 0, "approved": 0}


def test_comparing_takes_the_same_questions_for_any_number(place, django_assert_num_queries):
    budget(place, [(y, c, MILLION) for y in (2025, 2026) for c in ("0100", "0200", "0300")])
    of_cycle = cycle(place)
    rows = [decision(place, of_cycle, f"10010{n}", "改善", 100) for n in range(3)]
    for n, code in enumerate(("0100", "0200", "0300")):
        allocate(place, f"10010{n}", (2025, code), (2026, code))

    for count in (1, 3):
        with django_assert_num_queries(6):
            selectors.comparisons(rows[:count], AT)


# --- The table in and out, and the pages ------------------------------------------------------------------------------------


def table(*rows):
    return write_csv(("決定番号", "反映の状況", "理由"), rows)


def test_a_filled_table_is_previewed_then_applied_whole(place):
    row = reduced(place)
    upload = transfer.take_in(
        house=place.house.pk,
        moment=AT,
        filename="x.csv",
        content=table((row.pk, "一部反映", "半分だけ")),
        actor=place.finance,
        at=NOON,
    )
    assert not Reflection.objects.exists()

    transfer.apply(upload_id=upload.pk, actor=place.finance, at=NOON)

    assert row.reflections.get().status == "一部反映"
    with pytest.raises(RefusedError, match="もう取り込みました"):
        transfer.apply(upload_id=upload.pk, actor=place.finance, at=NOON)


def test_faults_of_a_filled_table_name_row_and_column(place):
    row = reduced(place, after=12 * MILLION)
    upload = transfer.take_in(
        house=place.house.pk,
        moment=AT,
        filename="x.csv",
        content=table((row.pk, "反映", ""), (row.pk, "未反映", "x"), (999, "反映", ""), ("あ", "反映", "")),
        actor=place.finance,
        at=NOON,
    )

    assert [(f["row"], f["column"]) for f in upload.faults] == [
        (2, "反映の状況"),
        (3, "決定番号"),
        (4, "決定番号"),
        (5, "決定番号"),
    ]
    with pytest.raises(RefusedError, match="直すところ"):
        transfer.apply(upload_id=upload.pk, actor=place.finance, at=NOON)


def test_pages_record_and_approve(place, client):
    row = reduced(place)
    client.force_login(place.finance)
    page = client.get(reverse("evaluation:reflection_list"), {"year": YEAR}).content.decode()
    assert "計算からの案: 反映" in page
    bad = client.post(
        reverse("evaluation:reflection_record", args=[row.pk]), {"status": "未反映", "version": 0}
    )
    assert (bad.status_code, "理由を書いてください" in bad.content.decode()) == (422, True)
    client.post(reverse("evaluation:reflection_record", args=[row.pk]), {"status": "反映", "version": 0})

    client.force_login(place.second)
    client.post(reverse("evaluation:reflection_approve"), {"year": YEAR, "stage": "initial"})

    assert row.reflections.get().approved_by == place.second
    detail = client.get(reverse("evaluation:reflection_detail", args=[row.pk])).content.decode()
    assert "10,000,000円 → 8,000,000円(△2,000,000円)" in detail


def test_the_list_goes_out_and_comes_back_unchanged(place, client):
    row = reduced(place)
    record(place, row, "反映", "")
    client.force_login(place.finance)

    out = client.get(reverse("evaluation:reflection_list"), {"year": YEAR, "format": "xlsx"})
    upload = transfer.take_in(
        house=place.house.pk,
        moment=AT,
        filename="x.xlsx",
        content=out.content,
        actor=place.finance,
        at=NOON,
    )

    assert (upload.unchanged, upload.changes, upload.faults) == (1, [], [])
