"""Logic models in the database: written, proposed, approved by another, counted, drawn, and through a table."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.budgets.models import ProgrammeYear
from enishi.foundation.downloads import sheet
from enishi.foundation.metrics import Period, metric
from enishi.foundation.spreadsheets import read_table
from enishi.indicators.models import Indicator
from enishi.plans import services as tree
from enishi.plans.errors import PlanError, StaleVersionError
from enishi.plans.evidence import services as evidence_services
from enishi.plans.logic import calculations, services, transfer
from enishi.plans.logic.enums import ModelState
from enishi.plans.models import LogicModel
from tests.factories import NOON, TODAY
from tests.plans.making import approved, cast, draft_of, node, plan_of, programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return cast()


@pytest.fixture
def branch(who):
    """A 施策 in force with one programme that has staff, and an indicator."""
    plan = plan_of(who)
    version = draft_of(plan)
    tree.set_levels(version_id=version.pk, labels=[("政策", ""), ("施策", "")], actor=who.planner, at=NOON)
    policy = node(who, version, "健康")
    made = node(
        who,
        version,
        "通院の足",
        policy,
        target="通院に困る高齢者",
        intent="通院できる人が増える。",
        result="健康に暮らせる。",
        section=who.section,
    )
    work = programme(who, "100101", "乗合交通")
    year = ProgrammeYear.objects.create(
        programme=work, fiscal_year=2026, fte=2, narrative="予約便を1,200回運行した。", updated_at=NOON
    )
    tree.place_programme(node_id=made.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON)
    tree.add_indicator(
        node_id=made.pk, indicator_id=indicator(who).pk, weight=None, actor=who.planner, at=NOON
    )
    approved(who, version)
    made.refresh_from_db()
    made.work, made.year = work, year
    return made


def indicator(who, code="K1", stage="output"):
    return Indicator.objects.create(
        organization=who.town, code=code, name=f"便数{code}", stage=stage, created_at=NOON, updated_at=NOON
    )


def box(who, model, stage, text, indicators=(), **values):
    return services.put_node(
        model_id=model.pk,
        values={"stage": stage, "text": text} | values,
        indicators=indicators,
        actor=who.officer,
        at=NOON,
    )


def arrow(who, model, source, target, assumption=""):
    return services.put_edge(
        model_id=model.pk,
        source=source,
        target=target,
        values={"assumption": assumption},
        evidence=[],
        actor=who.officer,
        at=NOON,
    )


def whole(who, owner, **values):
    """A model in which L1 to L5 hold."""
    model = services.start_model(owner=owner, actor=who.officer, at=NOON)
    paid = box(who, model, "input", "職員", fte=1)
    done = box(who, model, "activity", "便を走らせる")
    made = box(who, model, "output", "便数", [indicator(who, f"A{model.pk}")])
    first = box(who, model, "outcome_1", "通院できる", [indicator(who, f"B{model.pk}", "initial")])
    last = box(who, model, "outcome_3", "健康に暮らせる", **values)
    for source, target in ((paid, done), (done, made), (made, first), (first, last)):
        arrow(who, model, source, target, "そうなると見込む")
    model.refresh_from_db()
    return model


def approve(who, model, **values):
    services.submit_model(model_id=model.pk, actor=who.officer, at=NOON)
    return services.approve_model(model_id=model.pk, actor=who.planner, at=NOON, **values)


def test_broken_rules_follow_every_write(who, branch):
    model = services.start_model(owner=branch, actor=who.officer, at=NOON)
    assert model.broken_rules == ["L2", "L3"]

    model.delete()
    model = whole(who, branch)

    assert model.broken_rules == []
    services.remove_edge(model_id=model.pk, edge_id=model.edges.first().pk, actor=who.officer, at=NOON)
    services.remove_node(
        model_id=model.pk, node_id=model.nodes.get(stage="outcome_3").pk, actor=who.officer, at=NOON
    )
    model.refresh_from_db()
    assert "L2" in model.broken_rules


def test_approval_is_anothers_and_makes_it_introduced(who, branch):
    model = whole(who, branch)
    services.submit_model(model_id=model.pk, actor=who.planner, at=NOON)

    with pytest.raises(PlanError, match="自分で承認を求めた"):
        services.approve_model(model_id=model.pk, actor=who.planner, at=NOON)
    with pytest.raises(PermissionDenied):
        services.approve_model(model_id=model.pk, actor=who.officer, at=NOON)
    done = services.approve_model(model_id=model.pk, actor=who.second, at=NOON)
    assert done.is_introduced


def test_broken_model_needs_a_reason_and_is_not_introduced(who, branch):
    model = whole(who, branch)
    services.put_edge(
        model_id=model.pk,
        source=model.nodes.get(stage="output"),
        target=model.nodes.get(stage="outcome_1"),
        values={"assumption": ""},
        evidence=[],
        actor=who.officer,
        at=NOON,
    )
    with pytest.raises(PlanError, match="規則L4"):
        approve(who, model)

    done = services.approve_model(model_id=model.pk, actor=who.planner, at=NOON, note="次の見直しで書く")
    assert (done.state, done.broken, done.is_introduced) == (ModelState.APPROVED, "L4", False)


def test_new_version_copies_and_replaces_the_old(who, branch):
    first = approve(who, whole(who, branch))

    second = services.start_model(owner=branch, actor=who.officer, at=NOON)

    assert (second.no, second.based_on, second.nodes.count(), second.edges.count()) == (2, first, 5, 4)
    assert second.broken == ""
    assert first.nodes.count() == 5
    with pytest.raises(PlanError, match="書きかけ"):
        services.start_model(owner=branch, actor=who.officer, at=NOON)
    approve(who, second)
    first.refresh_from_db()
    assert first.state == ModelState.SUPERSEDED


def test_approved_model_is_not_written(who, branch):
    model = approve(who, whole(who, branch))

    with pytest.raises(PlanError, match="書き換えられません"):
        box(who, model, "activity", "追加")


def test_proposal_says_where_each_text_came_from_and_waits_for_people(who, branch):
    model = services.start_model(owner=branch, actor=who.officer, at=NOON, propose=True)

    boxes = list(model.nodes.all())
    assert {each.text for each in boxes} == {
        "乗合交通の予算と人員",
        "乗合交通",
        "予約便を1,200回運行した",
        "便数K1",
        "通院できる人が増える",
        "健康に暮らせる",
    }
    assert all(each.is_proposed and each.origin and each.origin_url for each in boxes)
    assert not model.edges.exclude(assumption="").exists()
    assert model.target_population == "通院に困る高齢者"
    with pytest.raises(PlanError, match="確かめていない案"):
        services.submit_model(model_id=model.pk, actor=who.officer, at=NOON)
    services.confirm_proposed(model_id=model.pk, actor=who.officer, at=NOON)
    services.submit_model(model_id=model.pk, actor=who.officer, at=NOON)


def test_programme_model_serves_the_branch_it_hangs_from(who, branch):
    model = whole(who, branch.work)
    assert model.broken_rules == ["L5"]

    final = model.nodes.get(stage="outcome_3")
    services.put_node(
        model_id=model.pk,
        node_id=final.pk,
        values={"stage": "outcome_3", "text": final.text, "serves": branch.identity},
        indicators=[],
        actor=who.officer,
        at=NOON,
    )

    model.refresh_from_db()
    assert model.broken == ""


def test_input_of_a_programme_with_staff_counts_as_paid(who, branch):
    model = whole(who, branch)
    services.put_node(
        model_id=model.pk,
        node_id=model.nodes.get(stage="input").pk,
        values={"stage": "input", "text": "予算", "programme": branch.work, "fte": None},
        indicators=[],
        actor=who.officer,
        at=NOON,
    )

    model.refresh_from_db()
    assert model.broken == ""
    branch.year.fte = None
    branch.year.save()
    assert services.recheck_all(NOON) == 1
    model.refresh_from_db()
    assert model.broken == "L3"


def test_rate_counts_introduced_ones_and_shows_the_rest(who, branch):
    programme(who, "100102", "内部管理", legal_kind="internal")
    invalid = approve(who, whole(who, branch.work), note="あとで直す")

    of_branches, of_programmes = metric("plans.logic_of_branches"), metric("plans.logic_of_programmes")
    period = Period(TODAY, TODAY)
    found = of_programmes.figure(who.town.pk, period, TODAY)

    assert (found.numerator, found.denominator) == (0, 1)
    assert {str(name): value for name, value in found.beside}["承認済みだが規則を満たさない"] == "1"
    rows = of_programmes.rows(who.town.pk, period, TODAY, who.planner)
    assert [(row.counts, row.note) for row in rows] == [(False, "満たしていない規則: L5")]
    approve(who, whole(who, branch))
    assert of_branches.figure(who.town.pk, period, TODAY).value == 100
    assert invalid.broken == "L5"


def test_strangers_and_other_sections_do_not_write(who, branch):
    model = whole(who, branch)

    with pytest.raises(PermissionDenied):
        services.put_node(
            model_id=model.pk,
            values={"stage": "activity", "text": "x"},
            indicators=[],
            actor=who.stranger,
            at=NOON,
        )
    with pytest.raises(PermissionDenied):
        services.start_model(owner=branch.work, actor=who.stranger, at=NOON)


def test_second_writer_is_told(who, branch):
    model = whole(who, branch)

    with pytest.raises(StaleVersionError):
        services.edit_model(model_id=model.pk, values={"title": "x"}, version=1, actor=who.officer, at=NOON)


def test_arrows_stay_within_the_model(who, branch):
    model, other = whole(who, branch), whole(who, branch.work)

    with pytest.raises(PlanError, match="同じロジックモデル"):
        arrow(who, model, model.nodes.first(), other.nodes.first())
    with pytest.raises(PlanError, match="同じです"):
        arrow(who, model, model.nodes.first(), model.nodes.first())


def test_table_goes_out_and_comes_back(who, branch):
    model = whole(who, branch)
    loaded = calculations.load(model)
    file = sheet("xlsx", transfer.HEADINGS, transfer.rows_of(loaded), title="表").content

    same = transfer.look(read_table(file), loaded, known=transfer.Known())

    assert (same.added, same.changed, same.unchanged, same.faults) == (0, 0, 9, [])
    text = sheet("csv", transfer.HEADINGS, transfer.rows_of(loaded), title="表").content.decode("utf-8-sig")
    changed = text.replace("便を走らせる", "予約便を走らせる").encode()
    preview = transfer.look(read_table(changed), loaded, known=transfer.Known())
    services.take_over(model_id=model.pk, rows=preview.rows, version=None, actor=who.officer, at=NOON)
    model.refresh_from_db()
    assert (preview.changed, model.broken) == (1, "")
    assert model.nodes.get(number=2).text == "予約便を走らせる"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("要素,1,どこか,本文,,,,,,,,,,", "段階"),
        ("要素,x,活動,本文,,,,,,,,,,", "番号"),
        ("要素,1,活動,,,,,,,,,,,", "内容"),
        ("要素,1,活動,本文,,Z9,,,,,,,,", "指標番号"),
        ("要素,1,投入,本文,,,999999,,,,,,,", "事務事業番号"),
        ("矢印,,,,,,,,1,9,,0,,", "元の番号"),
        ("矢印,,,,,,,,1,1,,9,,", "根拠の水準"),
        ("その他,,,,,,,,,,,,,", "種類"),
    ],
)
def test_each_bad_cell_is_named(who, branch, line, column):
    loaded = calculations.load(services.start_model(owner=branch, actor=who.officer, at=NOON))
    table = read_table(f"{','.join(transfer.HEADINGS)}\n{line}\n".encode())

    assert column in {fault.column for fault in transfer.look(table, loaded, known=transfer.Known()).faults}


def test_pages_show_rules_picture_and_tables(client, who, branch, django_assert_max_num_queries):
    model = whole(who, branch)
    client.force_login(who.officer)

    with django_assert_max_num_queries(60):
        body = client.get(model.get_absolute_url()).content.decode()
    drawn = client.get(reverse("plans:logic_picture", args=[model.pk]))

    assert body.count("成り立つ</span>") >= 5 or body.count("成り立つ") >= 5
    assert "便を走らせる" in body and "そうなると見込む" in body
    assert drawn["Content-Type"] == "image/svg+xml" and b"<svg" in drawn.content
    for_word = client.get(reverse("plans:logic_picture", args=[model.pk]), {"download": "png"})
    assert for_word.content.startswith(b"\x89PNG")
    for name in ("logic_node_new", "logic_edge_new", "logic_edit", "logic_import", "logic_delete"):
        assert client.get(reverse(f"plans:{name}", args=[model.pk])).status_code == 200


def test_forms_write_boxes_and_arrows_without_script(client, who, branch):
    model = services.start_model(owner=branch, actor=who.officer, at=NOON)
    client.force_login(who.officer)
    new = reverse("plans:logic_node_new", args=[model.pk])
    client.post(new, {"stage": "activity", "text": "便を走らせる"})
    client.post(new, {"stage": "output", "text": "便数", "more_indicators": "K1"})
    refused = client.post(new, {"stage": "output", "text": "便数", "more_indicators": "K999"})
    first, second = model.nodes.order_by("number")
    client.post(
        reverse("plans:logic_edge_new", args=[model.pk]),
        {
            "source": first.pk,
            "target": second.pk,
            "evidence_level": "2",
            "confidence": "",
            "assumption": "走れば使われる",
        },
    )

    assert refused.status_code == 422 and "K999" in refused.content.decode()
    assert [each.code for each in second.indicators.all()] == ["K1"]
    assert model.edges.get().assumption == "走れば使われる"


def test_draft_is_for_the_house_and_the_approved_one_as_open_as_it_says(client, who, branch):
    model = whole(who, branch)
    services.edit_model(
        model_id=model.pk, values={"visibility": "public"}, version=None, actor=who.officer, at=NOON
    )

    assert client.get(model.get_absolute_url()).status_code == 404
    approve(who, LogicModel.objects.get(pk=model.pk))
    assert client.get(model.get_absolute_url()).status_code == 200


def test_start_page_makes_the_proposal(client, who, branch):
    client.force_login(who.officer)

    answer = client.post(f"{reverse('plans:logic_new')}?node={branch.pk}", {"how": "propose"})

    assert LogicModel.objects.get().get_absolute_url() == answer["Location"]
    assert LogicModel.objects.get().nodes.count() == 6


def test_import_page_shows_first_and_writes_after(client, who, branch):
    model = services.start_model(owner=branch, actor=who.officer, at=NOON)
    client.force_login(who.officer)
    here = reverse("plans:logic_import", args=[model.pk])
    upload = io.BytesIO(f"{','.join(transfer.HEADINGS)}\n要素,1,活動,便を走らせる,,,,,,,,,,\n".encode())
    upload.name = "model.csv"

    shown = client.post(here, {"file": upload})
    assert model.nodes.count() == 0
    client.post(here, {"held": shown.context["token"], "version": model.version})

    assert [each.text for each in model.nodes.all()] == ["便を走らせる"]
    assert "古くなりました" in client.post(here, {"held": "forged"}, follow=True).content.decode()


def test_api_tells_boxes_arrows_and_what_does_not_hold(client, who, branch):
    model = whole(who, branch)
    client.force_login(who.officer)

    told = client.get(f"/api/v1/logic-models/{model.pk}").json()
    listed = client.get("/api/v1/logic-models").json()

    assert [each["stage"] for each in told["boxes"]] == [
        "input",
        "activity",
        "output",
        "outcome_1",
        "outcome_3",
    ]
    assert told["arrows"][0] == {
        "source": 1,
        "target": 2,
        "assumption": "そうなると見込む",
        "evidence_level": 0,
        "confidence": "",
        "evidence_ids": [],
    }
    assert (told["faults"], told["is_introduced"]) == ([], False)
    assert [each["id"] for each in listed["items"]] == [model.pk]


def test_table_holds_the_branch_above_and_the_evidence_of_an_arrow(client, who, branch):
    model = whole(who, branch.work, serves=branch.identity)
    claim = evidence_services.create_evidence(
        organization=who.town, values={"claim": "予約便は利用を増やした"}, actor=who.planner, at=NOON
    )
    evidence_services.use_evidence(
        evidence_id=claim.pk, owner=branch.work, purpose="effect", actor=who.planner, at=NOON
    )
    edge = model.edges.order_by("target__number").last()
    above = calculations.above_of(model, TODAY)
    assert above
    text = sheet("csv", transfer.HEADINGS, transfer.rows_of(calculations.load(model), above), title="表")
    lines = text.content.decode("utf-8-sig").splitlines()
    last = f"{edge.source.number},{edge.target.number},"
    lines = [
        f"{line}{claim.pk}" if f",{last}" in line and line.startswith("矢印") else line for line in lines
    ]
    client.force_login(who.officer)
    page = reverse("plans:logic_import", args=[model.pk])

    shown = client.post(page, {"file": SimpleUploadedFile("表.csv", "\n".join(lines).encode())})
    client.post(page, {"held": shown.context["token"], "version": model.version})

    edge.refresh_from_db()
    assert list(edge.evidence.all()) == [claim]
    assert model.nodes.exclude(serves=None).exists()
