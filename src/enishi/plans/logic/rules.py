"""L1 to L6 of a logic model, each with its explanation: values in, faults out. No rows are read here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.plans.logic.enums import OUTCOMES, Stage

RULES: Mapping[str, tuple[Promise, Promise]] = {
    "L1": (
        gettext_lazy("矢印は左から右へ、輪を作らない"),
        gettext_lazy(
            "お金や活動が先にあり、成果は後に現れます。矢印は同じか後の段階へだけ進みます(同じ段階の中でつなげるのは成果どうしだけ)。「外からの影響」はどの段階にも向けられますが、道筋には数えません。"
        ),
    ),
    "L2": (
        gettext_lazy("すべての活動が最終の成果に届く"),
        gettext_lazy(
            "届かない活動は、何のために行うのかが説明できません。活動から始まらない最終の成果は、行政の働きで変わるとは言えません。"
        ),
    ),
    "L3": (
        gettext_lazy("投入にはお金か人、結果と初期の成果には指標がある"),
        gettext_lazy(
            "投入には予算を使う事務事業か人工を、活動の結果と初期の成果には指標を結びます。成果のどこかに少なくとも一つの指標が要ります。測れないものは、良くなったか分かりません。"
        ),
    ),
    "L4": (
        gettext_lazy("成果につながる矢印には前提が書いてある"),
        gettext_lazy(
            "成果は行政だけでは生まれません。「なぜそうなると考えるのか」を書いておくと、外れたときにどこを直せばよいかが分かります。"
        ),
    ),
    "L5": (
        gettext_lazy("事務事業の最終の成果は、上位の施策につながる"),
        gettext_lazy(
            "事務事業は施策のためにあります。最終の成果ごとに、この事務事業が位置づけられた施策(またはその上位)を一つ選びます。"
        ),
    ),
    "L6": (
        gettext_lazy("承認され、L1〜L5がすべて成り立つと「導入済」"),
        gettext_lazy(
            "書いた人とは別の人が承認し、上の五つがすべて成り立ったものだけを、ロジックモデル導入割合に数えます。"
        ),
    ),
}
CHECKED = ("L1", "L2", "L3", "L4", "L5")


@dataclass(frozen=True, slots=True)
class Box:
    """A node as the rules see it."""

    key: int
    stage: Stage
    text: str
    indicators: int = 0
    is_paid: bool = False
    serves: str | None = None

    @property
    def name(self) -> str:
        return f"「{self.text}」"


@dataclass(frozen=True, slots=True)
class Step:
    """An edge as the rules see it."""

    source: int
    target: int
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that does not hold, in a sentence that says what and how to mend it."""

    rule: str
    sentence: str
    boxes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A whole model. ``parents`` are the branches a programme's final outcomes may serve; ``None`` for a model of a branch."""

    boxes: Sequence[Box]
    steps: Sequence[Step]
    parents: frozenset[str] | None = None
    by_key: Mapping[int, Box] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {box.key: box for box in self.boxes})

    def at(self, *stages: Stage) -> list[Box]:
        return [box for box in self.boxes if box.stage in stages]


def faults_of(chart: Chart) -> list[Fault]:
    """Everything that keeps the model from being 導入済, rule by rule; approval (L6) is asked elsewhere."""
    return [*_forward(chart), *_reaching(chart), *_measured(chart), *_assumed(chart), *_serving(chart)]


def broken(faults: Iterable[Fault]) -> str:
    """The rules that do not hold, as the table keeps them.

    >>> broken([Fault("L4", ""), Fault("L1", ""), Fault("L4", "")])
    'L1,L4'
    """
    return ",".join(sorted({fault.rule for fault in faults}))


def _forward(chart: Chart) -> list[Fault]:
    """L1."""
    found = []
    for step in chart.steps:
        source, target = chart.by_key[step.source], chart.by_key[step.target]
        sentence = _backward(source, target)
        if sentence:
            found.append(Fault("L1", sentence, (source.key, target.key)))
    ring = ring_in(chart.steps)
    if ring:
        names = " → ".join(chart.by_key[key].name for key in [*ring, ring[0]])
        sentence = _("%(names)s が輪になっています。どれか一つの矢印を消してください。") % {"names": names}
        found.append(Fault("L1", sentence, tuple(ring)))
    return found


def _backward(source: Box, target: Box) -> str:
    names = {"source": source.name, "target": target.name}
    if target.stage is Stage.EXTERNAL:
        return (
            _("%(source)sから外からの影響%(target)sへ矢印が向いています。外からの影響は元にだけなれます。")
            % names
        )
    if source.stage is Stage.EXTERNAL:
        return ""
    if source.stage.place > target.stage.place:
        return (
            _(
                "%(source)sから%(target)sへの矢印が、前の段階に戻っています。向きを逆にするか、消してください。"
            )
            % names
        )
    if source.stage is target.stage and not source.stage.is_outcome:
        return _("%(source)sと%(target)sは同じ段階です。同じ段階でつなげるのは成果どうしだけです。") % names
    return ""


def ring_in(steps: Iterable[Step]) -> list[int]:
    """The members of one ring, in order; empty where there is none.

    >>> ring_in([Step(1, 2), Step(2, 3), Step(3, 1)])
    [1, 2, 3]
    """
    after: dict[int, list[int]] = defaultdict(list)
    for step in steps:
        after[step.source].append(step.target)
    done: set[int] = set()
    for start in sorted(after):
        way: list[int] = [start]
        edge: list[list[int]] = [sorted(after[start])]
        while edge:
            if not edge[-1]:
                done.add(way.pop())
                edge.pop()
                continue
            here = edge[-1].pop(0)
            if here in way:
                return way[way.index(here) :]
            if here not in done:
                way.append(here)
                edge.append(sorted(after.get(here, ())))
    return []


def _reached(chart: Chart, starts: Iterable[int], *, backward: bool = False) -> set[int]:
    """Everything a walk along the steps comes to. Outside influences are no part of a way."""
    after: dict[int, list[int]] = defaultdict(list)
    for step in chart.steps:
        source, target = (step.target, step.source) if backward else (step.source, step.target)
        if Stage.EXTERNAL not in (chart.by_key[source].stage, chart.by_key[target].stage):
            after[source].append(target)
    found, edge = set(starts), list(starts)
    while edge:
        for key in after.get(edge.pop(), ()):
            if key not in found:
                found.add(key)
                edge.append(key)
    return found


def _reaching(chart: Chart) -> list[Fault]:
    """L2."""
    activities, finals = chart.at(Stage.ACTIVITY), chart.at(Stage.OUTCOME_FINAL)
    found = []
    if not activities:
        found.append(Fault("L2", _("活動がありません。行っていることを一つ以上書いてください。")))
    if not finals:
        found.append(
            Fault("L2", _("最終の成果がありません。最後にどんな状態になればよいかを書いてください。"))
        )
    if not activities or not finals:
        return found
    lead_there = _reached(chart, [box.key for box in finals], backward=True)
    led_from = _reached(chart, [box.key for box in activities])
    found += [
        Fault(
            "L2",
            _("活動%(name)sから最終の成果まで矢印がつながっていません。続きの矢印を足してください。")
            % {"name": box.name},
            (box.key,),
        )
        for box in activities
        if box.key not in lead_there
    ]
    found += [
        Fault(
            "L2",
            _("最終の成果%(name)sに、どの活動からも矢印が届いていません。") % {"name": box.name},
            (box.key,),
        )
        for box in finals
        if box.key not in led_from
    ]
    return found


def _measured(chart: Chart) -> list[Fault]:
    """L3."""
    found = [
        Fault(
            "L3",
            _("投入%(name)sに、予算のある事務事業も人工も結ばれていません。どちらかを入れてください。")
            % {"name": box.name},
            (box.key,),
        )
        for box in chart.at(Stage.INPUT)
        if not box.is_paid
    ]
    found += [
        Fault(
            "L3",
            _("%(stage)s%(name)sに指標がありません。測り方を一つ結んでください。")
            % {"stage": box.stage.label, "name": box.name},
            (box.key,),
        )
        for box in chart.at(Stage.OUTPUT, Stage.OUTCOME_INITIAL)
        if not box.indicators
    ]
    if not any(box.indicators for box in chart.at(*OUTCOMES)):
        found.append(Fault("L3", _("成果の段階に指標が一つもありません。少なくとも一つ結んでください。")))
    return found


def _assumed(chart: Chart) -> list[Fault]:
    """L4."""
    return [
        Fault(
            "L4",
            _("%(source)sから%(target)sへの矢印に前提がありません。なぜそうなるかを一文で書いてください。")
            % {"source": chart.by_key[step.source].name, "target": chart.by_key[step.target].name},
            (step.source, step.target),
        )
        for step in chart.steps
        if chart.by_key[step.target].stage.is_outcome and not step.assumption.strip()
    ]


def _serving(chart: Chart) -> list[Fault]:
    """L5: asked only of programmes."""
    if chart.parents is None:
        return []
    if not chart.parents:
        sentence = _(
            "この事務事業は、計画のどの枝にも位置づけられていません。先に計画の木で位置づけてください。"
        )
        return [Fault("L5", sentence)]
    found = []
    for box in chart.at(Stage.OUTCOME_FINAL):
        if box.serves is None:
            sentence = _("最終の成果%(name)sに、つながる上位の施策が選ばれていません。")
        elif box.serves not in chart.parents:
            sentence = _(
                "最終の成果%(name)sがつながる枝は、この事務事業の上位にありません。選び直してください。"
            )
        else:
            continue
        found.append(Fault("L5", sentence % {"name": box.name}, (box.key,)))
    return found
