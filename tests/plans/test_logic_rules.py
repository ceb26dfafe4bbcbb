"""L1 to L6 by value, the picture, and drafts from texts: no database."""

from xml.etree import ElementTree

import pytest

from enishi.plans.logic.drawing import DrawnBox, DrawnStep, picture, wrapped
from enishi.plans.logic.enums import Stage
from enishi.plans.logic.proposing import Basis, Measured, Words, Work, draft_from, kind_of
from enishi.plans.logic.rules import CHECKED, RULES, Box, Chart, Step, broken, faults_of, ring_in

INPUT, ACTIVITY, OUTPUT, FIRST, MIDDLE, LAST, OUTSIDE = Stage


def good(**changes) -> Chart:
    """A model in which everything holds; each test breaks one thing."""
    boxes = {
        1: Box(1, INPUT, "予算", is_paid=True),
        2: Box(2, ACTIVITY, "乗合交通を走らせる"),
        3: Box(3, OUTPUT, "運行便数", indicators=1),
        4: Box(4, FIRST, "通院できる人が増える", indicators=1),
        5: Box(5, MIDDLE, "外出が増える"),
        6: Box(6, LAST, "健康に暮らせる", serves="upper"),
        7: Box(7, OUTSIDE, "燃料の値上がり"),
    } | changes.get("boxes", {})
    steps = [
        Step(1, 2),
        Step(2, 3),
        Step(3, 4, "便があれば使われる"),
        Step(4, 5, "通院は外出のきっかけになる"),
        Step(5, 6, "外出は健康を保つ"),
        Step(7, 4, "値上がりは便を減らす"),
    ]
    steps = changes.get("steps", steps) + changes.get("more", [])
    return Chart([box for box in boxes.values() if box], steps, changes.get("parents", frozenset({"upper"})))


def rules_of(chart: Chart) -> list[str]:
    return [fault.rule for fault in faults_of(chart)]


def test_whole_model_breaks_no_rule():
    assert faults_of(good()) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("L1", {"more": [Step(5, 4, "逆")]}),
        ("L1", {"more": [Step(3, 2)]}),
        ("L1", {"boxes": {8: Box(8, ACTIVITY, "広報")}, "more": [Step(2, 8), Step(8, 3)]}),
        ("L1", {"more": [Step(4, 7)]}),
        ("L2", {"boxes": {8: Box(8, ACTIVITY, "広報")}}),
        ("L2", {"boxes": {8: Box(8, LAST, "別の成果", serves="upper")}}),
        ("L2", {"boxes": {8: Box(8, ACTIVITY, "広報")}, "more": [Step(8, 7)]}),
        ("L3", {"boxes": {1: Box(1, INPUT, "予算")}}),
        ("L3", {"boxes": {3: Box(3, OUTPUT, "運行便数")}}),
        ("L3", {"boxes": {4: Box(4, FIRST, "通院できる人が増える")}}),
        ("L4", {"more": [Step(3, 5)]}),
        ("L4", {"more": [Step(3, 5, "  ")]}),
        ("L5", {"boxes": {6: Box(6, LAST, "健康に暮らせる")}}),
        ("L5", {"boxes": {6: Box(6, LAST, "健康に暮らせる", serves="elsewhere")}}),
        ("L5", {"parents": frozenset()}),
    ],
)
def test_each_rule_finds_what_breaks_it(rule, changes):
    assert rule in rules_of(good(**changes))


def test_same_stage_is_allowed_among_outcomes_only():
    second = {8: Box(8, MIDDLE, "人と会う")}

    assert faults_of(good(boxes=second, more=[Step(5, 8, "外で会う"), Step(8, 6, "孤立しない")])) == []


def test_way_through_an_outside_influence_does_not_count():
    """EXTERNAL may point anywhere, but an activity reaches nothing through it."""
    steps = [Step(1, 2), Step(2, 7), Step(7, 6, "外から"), Step(3, 4, "a"), Step(4, 5, "b"), Step(5, 6, "c")]

    assert "L2" in rules_of(good(steps=steps))


def test_a_model_of_a_branch_is_not_asked_for_its_parents():
    assert faults_of(good(boxes={6: Box(6, LAST, "健康に暮らせる")}, parents=None)) == []


def test_an_empty_model_breaks_l2_and_l3_with_sentences():
    faults = faults_of(Chart([], [], None))

    assert broken(faults) == "L2,L3"
    assert all(fault.sentence.endswith("。") for fault in faults)


def test_a_ring_is_named_in_order():
    assert ring_in([Step(1, 2), Step(2, 3), Step(3, 2)]) == [2, 3]
    assert ring_in([Step(1, 2), Step(1, 3), Step(2, 3)]) == []


def test_every_rule_explains_itself():
    assert list(RULES) == [*CHECKED, "L6"]
    assert all(len(str(words)) > 20 for _title, words in RULES.values())


# --- The picture ---------------------------------------------------------------------------------------------------------


def test_picture_is_xml_that_holds_every_word_and_escapes_it():
    boxes = [DrawnBox(1, INPUT, "<予算> & 人"), DrawnBox(2, LAST, "健康"), DrawnBox(3, OUTSIDE, "燃料")]
    drawn = picture("題 <&>", boxes, [DrawnStep(1, 2, 3), DrawnStep(3, 2, lacks_assumption=True)])

    words = "".join(ElementTree.fromstring(drawn).itertext())
    assert "<予算> & 人" in words.replace("\n", "")
    assert "題 <&>" in words
    assert drawn.count("marker-end") == 2
    assert 'stroke-dasharray="6 5"' in drawn


def test_long_text_is_cut_with_a_mark():
    assert wrapped("あ" * 200)[-1].endswith("…")


# --- Drafts --------------------------------------------------------------------------------------------------------------


def test_draft_quotes_what_is_there_and_nothing_else():
    basis = Basis(
        target=Words("通院に困る高齢者", "対象", "/n/1/"),
        intent=Words("外出できる人が増える。", "意図", "/n/1/"),
        result=Words("健康に暮らせる。", "結果", "/n/1/"),
        works=[
            Work(
                7,
                "乗合交通の運行",
                "/p/7/",
                True,
                Words("・予約便を1,200回運行した。\n通院する人が増えた。", "令和7年度", "/p/7/"),
            )
        ],
        indicators=[Measured(3, "便数", "output", "/i/3/"), Measured(4, "外出率", "intermediate", "/i/4/")],
    )

    draft = draft_from(basis)

    given = "乗合交通の運行の予算と人員 予約便を1,200回運行した 通院する人が増えた 外出できる人が増える 健康に暮らせる 便数 外出率"
    assert all(box.text in given for box in draft.boxes)
    assert all(box.origin and box.url for box in draft.boxes)
    assert [box.stage for box in draft.boxes] == [INPUT, ACTIVITY, OUTPUT, OUTPUT, FIRST, MIDDLE, LAST]
    assert next(box.indicators for box in draft.boxes if box.stage is MIDDLE) == [4]
    assert draft.population == "通院に困る高齢者"
    boxes = [
        Box(at, box.stage, box.text, len(box.indicators), box.programme == 7)
        for at, box in enumerate(draft.boxes)
    ]
    left = {fault.rule for fault in faults_of(Chart(boxes, [Step(a, b) for a, b in draft.steps], None))}
    assert left <= {"L3", "L4"}


def test_nothing_to_draw_from_gives_nothing():
    assert draft_from(Basis()).boxes == []


@pytest.mark.parametrize(
    ("sentence", "stage"),
    [
        ("講座を年24回開催した。", OUTPUT),
        ("広報を行った。", ACTIVITY),
        ("外出する人が増えた。", FIRST),
        ("なお書き。", None),
    ],
)
def test_sentences_are_told_apart(sentence, stage):
    assert kind_of(sentence) is stage
