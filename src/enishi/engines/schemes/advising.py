"""From answers to legal forms, with what spoke for each and what ruled the others out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from enishi.engines.core.errors import InvalidInputError
from enishi.engines.schemes.model import Answer, Condition, Knowledge, Rule, Scheme

State = Literal["met", "unmet", "unanswered"]
Role = Literal["first", "alternative", "also"]


@dataclass(frozen=True)
class ConditionResult:
    """One condition held against the answers. ``answer`` is ``None`` when nobody answered."""

    condition: Condition
    answer: Answer | None
    state: State


@dataclass(frozen=True)
class Recommendation:
    """A form that fits: ``first`` by the rule, ``alternative`` beside it, ``also`` on top of it."""

    rank: int
    role: Role
    scheme: Scheme
    rule_id: str
    why: str
    conditions: tuple[ConditionResult, ...]


@dataclass(frozen=True)
class RuledOut:
    """A form that does not fit: the rule that came nearest and what it lacked.

    ``because`` is ``unmet`` (an answer speaks against it), ``unanswered`` (it may still come) or ``later`` (its rule holds,
    but one before it held first).
    """

    scheme: Scheme
    rule_id: str
    because: Literal["unmet", "unanswered", "later"]
    lacking: tuple[ConditionResult, ...]


@dataclass(frozen=True)
class Advice:
    """Forms by rank, what comes on top, what was ruled out, and which unanswered questions could still change it."""

    recommendations: tuple[Recommendation, ...]
    ruled_out: tuple[RuledOut, ...]
    open_questions: tuple[str, ...]

    @property
    def first(self) -> Recommendation | None:
        return next((each for each in self.recommendations if each.role == "first"), None)


def advise(answers: Mapping[str, Answer], knowledge: Knowledge) -> Advice:
    """Return the legal forms that fit the answers, best first, and why the others do not.

    Parameters
    ----------
    answers : mapping of question id to its value (text code, bool, or yen / months as a number)
        Questions nobody answered are left out; none is assumed.
    knowledge : Knowledge

    Returns
    -------
    Advice
        ``recommendations`` is empty when no rule holds yet; then ``open_questions`` says what to ask.

    Raises
    ------
    InvalidInputError
        If an answer belongs to no question, or is not one of the question's values.

    Notes
    -----
    The first rule whose conditions all hold recommends; a missing answer fails a condition, except ``ne``. Every modifier
    whose conditions hold adds a form of contract. Rules are our own reading of the statutes, not a published table.

    Source
    ------
    地方自治法, PFI法 and others as cited by each scheme; see docs/engines/schemes.md.

    Examples
    --------
    >>> from enishi.agreements.knowledge import knowledge
    >>> advice = advise({"partner": "local_government", "who_decides": "hand_over", "work": "execute"}, knowledge())
    >>> advice.first.scheme.name, advice.first.rule_id
    ('事務の委託', 'R07')
    >>> [each.scheme.name for each in advice.recommendations[1:]]
    ['一部事務組合', '事務の代替執行']
    """
    check_answers(answers, knowledge)
    held = next((rule for rule in knowledge.rules if _holds(rule.when, answers)), None)
    chosen = _chosen(held, answers, knowledge) if held else []
    chosen += _added(answers, knowledge, len(chosen))
    shown = {each.scheme.id for each in chosen}
    return Advice(
        recommendations=tuple(chosen),
        ruled_out=tuple(_ruled_out(answers, knowledge, held, shown)),
        open_questions=_open_questions(answers, knowledge, held),
    )


def next_question(answers: Mapping[str, Answer], knowledge: Knowledge) -> str | None:
    """The question that decides most directly what is recommended; ``None`` when a rule holds already.

    Examples
    --------
    >>> from enishi.agreements.knowledge import knowledge
    >>> next_question({}, knowledge())
    'partner'
    >>> next_question({"partner": "community", "object": "property_holding"}, knowledge()) is None
    True
    """
    for rule in knowledge.rules:
        results = _results(rule.when, answers)
        if any(result.state == "unmet" for result in results):
            continue
        waiting = [result for result in results if result.state == "unanswered"]
        if not waiting:
            return None
        return _asked(waiting[0].condition, answers)
    return None


def check_answers(answers: Mapping[str, Answer], knowledge: Knowledge) -> None:
    """Raise ``InvalidInputError`` for an answer that belongs to no question or is none of its values."""
    for name, value in answers.items():
        question = knowledge.questions.get(name)
        if question is None:
            raise InvalidInputError(name, "is no question")
        if question.is_number:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e15:
                raise InvalidInputError(name, "must be a number of at least 0")
        elif not any(value == known and type(value) is type(known) for known in question.labels):
            raise InvalidInputError(name, f"must be one of {list(question.labels)}")


def _chosen(rule: Rule, answers: Mapping[str, Answer], knowledge: Knowledge) -> list[Recommendation]:
    conditions = _results(rule.when, answers)
    first = Recommendation(1, "first", knowledge.schemes[rule.recommend], rule.id, rule.why, conditions)
    others = [
        Recommendation(rank, "alternative", knowledge.schemes[name], rule.id, _why_of(name, knowledge), ())
        for rank, name in enumerate(rule.alternatives, start=2)
    ]
    return [first, *others]


def _why_of(name: str, knowledge: Knowledge) -> str:
    """What the form is for, in the words of the first rule that recommends it."""
    return next((rule.why for rule in knowledge.rules if rule.recommend == name), "")


def _added(answers: Mapping[str, Answer], knowledge: Knowledge, before: int) -> list[Recommendation]:
    holding = [modifier for modifier in knowledge.modifiers if _holds(modifier.when, answers)]
    return [
        Recommendation(
            before + number,
            "also",
            knowledge.schemes[modifier.add],
            modifier.id,
            knowledge.schemes[modifier.add].limit,
            _results(modifier.when, answers),
        )
        for number, modifier in enumerate(holding, start=1)
    ]


def _ruled_out(
    answers: Mapping[str, Answer], knowledge: Knowledge, held: Rule | None, shown: set[str]
) -> list[RuledOut]:
    """Each other form once, by the rule that came nearest; forms for another kind of partner are not worth a word."""
    nearest: dict[str, tuple[int, RuledOut]] = {}
    for rule in knowledge.rules:
        results = _results(rule.when, answers)
        if rule.recommend in shown or _is_elsewhere(results):
            continue
        met = sum(result.state == "met" for result in results)
        lacking = tuple(result for result in results if result.state != "met")
        unmet = tuple(result for result in lacking if result.state == "unmet")
        found = RuledOut(
            knowledge.schemes[rule.recommend],
            rule.id,
            "unmet" if unmet else "unanswered" if lacking else "later",
            unmet or lacking,
        )
        if rule.recommend not in nearest or met > nearest[rule.recommend][0]:
            nearest[rule.recommend] = (met, found)
    return [found for _met, found in nearest.values()]


def _is_elsewhere(results: tuple[ConditionResult, ...]) -> bool:
    return any(result.condition.question == "partner" and result.state != "met" for result in results)


def _open_questions(
    answers: Mapping[str, Answer], knowledge: Knowledge, held: Rule | None
) -> tuple[str, ...]:
    """What stands between the answers and a rule that would come first."""
    found: list[str] = []
    for rule in knowledge.rules:
        if rule is held:
            break
        results = _results(rule.when, answers)
        if not any(result.state == "unmet" for result in results):
            found += [_asked(result.condition, answers) for result in results if result.state == "unanswered"]
    return tuple(dict.fromkeys(found))


def _holds(conditions: tuple[Condition, ...], answers: Mapping[str, Answer]) -> bool:
    return all(result.state == "met" for result in _results(conditions, answers))


def _results(conditions: tuple[Condition, ...], answers: Mapping[str, Answer]) -> tuple[ConditionResult, ...]:
    return tuple(_result(condition, answers) for condition in conditions)


def _asked(condition: Condition, answers: Mapping[str, Answer]) -> str:
    """The question to ask: of two that are compared, the first nobody answered."""
    if condition.operator == "le_q" and condition.question in answers:
        return str(condition.value)
    return condition.question


def _result(condition: Condition, answers: Mapping[str, Answer]) -> ConditionResult:
    answer = answers.get(condition.question)
    if answer is None:
        return ConditionResult(condition, None, "met" if condition.operator == "ne" else "unanswered")
    limit: object = condition.value
    if condition.operator == "le_q":
        limit = answers.get(str(condition.value))
        if limit is None:
            return ConditionResult(condition, answer, "unanswered")
    return ConditionResult(condition, answer, "met" if _compares(condition, answer, limit) else "unmet")


def _compares(condition: Condition, answer: Answer, limit: object) -> bool:
    match condition.operator:
        case "eq":
            return answer == limit
        case "ne":
            return answer != limit
        case "in":
            return isinstance(limit, tuple) and answer in limit
    if not isinstance(answer, int | float) or not isinstance(limit, int | float):
        return False
    match condition.operator:
        case "gt":
            return answer > limit
        case "ge":
            return answer >= limit
        case "lt":
            return answer < limit
        case _:
            return answer <= limit
