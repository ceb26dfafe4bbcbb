"""実証 → 社会実装: criteria before the start, frozen at the start; a value before the decision; people forgotten when they withdraw."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from enishi.audit.models import AuditEvent
from enishi.projects import selectors, services
from enishi.projects.calculations import judgement_of
from enishi.projects.enums import GateDecision, ProjectStatus, Suggestion
from enishi.projects.errors import FrozenError, NotReadyError, RefusedError
from enishi.projects.models import LabParticipant, Trial
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, approve, cast, draft, move, outcome, start, trial_values

pytestmark = pytest.mark.django_db


def planned(who, **values):
    project = draft(who, is_trial=True)
    measure = outcome(who, project)
    trial = services.plan_trial(
        project_id=project.pk, values=trial_values(measure, **values), actor=who.officer, at=NOON - 97 * DAY
    )
    return project, measure, trial


def begun(who, **values):
    project, measure, trial = planned(who, **values)
    approve(who, project)
    start(who, project)
    return project, measure, Trial.objects.get(pk=trial.pk)


def record(who, measure, value, days):
    return services.record_value(
        measure_id=measure.pk, values={"on": TODAY - days * DAY, "value": value}, actor=who.officer, at=NOON
    )


def decide(who, trial, decision=GateDecision.IMPLEMENT, actor=None, **named):
    given = {"result": "わかった", "note": "基準を満たした"} | named
    return services.decide_trial(
        trial_id=trial.pk, decision=decision, actor=actor or who.manager, at=NOON, **given
    )


@pytest.mark.parametrize("left_out", ["hypothesis", "measure", "success_value", "stop_value", "judged_on"])
def test_a_trial_without_criteria_is_not_approved(left_out):
    who = cast()
    project, _measure, _trial = planned(who, **{left_out: "" if left_out == "hypothesis" else None})

    with pytest.raises(NotReadyError):
        services.ask_approval(project_id=project.pk, actor=who.officer, at=NOON)


def test_the_start_freezes_hypothesis_and_criteria():
    who = cast()
    _project, measure, trial = begun(who)

    assert trial.state == "running"
    with pytest.raises(FrozenError):
        services.edit_trial(
            trial_id=trial.pk,
            values={"success_value": Decimal(5)},
            version=trial.version,
            actor=who.officer,
            at=NOON,
        )
    with pytest.raises(FrozenError):
        services.edit_measure(
            measure_id=measure.pk,
            values={"target_value": Decimal(5)},
            version=measure.version,
            reason="やさしくする",
            actor=who.officer,
            at=NOON,
        )


def test_the_gate_needs_a_value_measured_after_the_start():
    who = cast()
    _project, measure, trial = begun(who)
    record(who, measure, Decimal(1), 95)

    with pytest.raises(RefusedError, match="成功の基準の値がまだありません"):
        decide(who, trial)


def test_a_missing_value_is_no_value():
    who = cast()
    _project, measure, trial = begun(who)
    services.record_value(
        measure_id=measure.pk,
        values={"on": TODAY - 20 * DAY, "missing_reason": "故障"},
        actor=who.officer,
        at=NOON,
    )

    with pytest.raises(RefusedError):
        decide(who, trial)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([(60, "5"), (12, "1.9")], Suggestion.MET),
        ([(12, "2.0")], Suggestion.MET),
        ([(12, "2.1")], Suggestion.NOT_MET),
        ([(60, "10.1"), (12, "1")], Suggestion.STOP_HIT),
        ([(60, "10")], Suggestion.NOT_MET),
        ([], Suggestion.UNKNOWN),
        ([(12, "2.1"), (5, "1")], Suggestion.NOT_MET),
    ],
)
def test_the_suggestion_is_computed_from_the_frozen_criteria(values, says):
    who = cast()
    _project, measure, trial = begun(who)
    for days, value in values:
        record(who, measure, Decimal(value), days)

    assert judgement_of(trial, on=TODAY).suggestion == says


def test_the_decision_keeps_the_suggestion_and_the_value_beside_it():
    who = cast()
    _project, measure, trial = begun(who)
    value = record(who, measure, Decimal("2.5"), 12)

    decided = decide(who, trial, note="届かなかったが、費用に見合う")

    assert (decided.decision, decided.suggestion, decided.decided_value) == (
        "implement",
        Suggestion.NOT_MET,
        value,
    )
    assert decided.implemented_on == TODAY


@pytest.mark.parametrize("decision", [GateDecision.STOP, GateDecision.RETRY])
def test_not_going_on_needs_a_reason_from_the_list(decision):
    who = cast()
    _project, measure, trial = begun(who)
    record(who, measure, Decimal(4), 12)

    with pytest.raises(ValidationError) as refused:
        decide(who, trial, decision)
    assert "reason" in refused.value.message_dict
    with pytest.raises(ValidationError):
        decide(who, trial, decision, reason="気が変わった")
    assert decide(who, trial, decision, reason="roles").decision_reason == "roles"


def test_an_officer_does_not_decide():
    who = cast()
    _project, measure, trial = begun(who)
    record(who, measure, Decimal(1), 12)

    with pytest.raises(PermissionDenied):
        decide(who, trial, actor=who.officer)


def test_a_second_round_follows_a_decision():
    who = cast()
    project, measure, trial = begun(who)
    with pytest.raises(RefusedError, match="先にその回の判断"):
        services.plan_trial(project_id=project.pk, values=trial_values(measure), actor=who.officer, at=NOON)
    record(who, measure, Decimal(4), 12)
    decide(who, trial, GateDecision.RETRY, reason="technology")

    again = services.plan_trial(
        project_id=project.pk,
        values=trial_values(
            measure,
            starts_on=TODAY,
            ends_on=TODAY + 30 * DAY,
            judged_on=TODAY + 31 * DAY,
            stop_on=TODAY + 31 * DAY,
        ),
        actor=who.officer,
        at=NOON,
    )
    begun_again = services.start_trial(trial_id=again.pk, actor=who.officer, at=NOON)

    assert (begun_again.round, begun_again.state) == (2, "running")


def test_a_project_does_not_end_before_its_trial_is_decided():
    who = cast()
    project, measure, _trial = begun(who)
    record(who, measure, Decimal(1), 12)

    with pytest.raises(NotReadyError, match="判断"):
        move(who.officer, project, ProjectStatus.COMPLETED)


def test_the_database_itself_refuses_a_decision_without_a_value():
    who = cast()
    _project, _measure, trial = begun(who)

    with pytest.raises(IntegrityError), transaction.atomic():
        Trial.objects.filter(pk=trial.pk).update(decision="implement", decided_at=NOON)


# --- Living lab ------------------------------------------------------------------------------------------------------------


def lab_person(who, trial, **values):
    consent = trial.consent_texts.last() or services.write_consent_text(
        trial_id=trial.pk, text="記録するのは電気の使い方だけです。", actor=who.officer, at=NOON
    )
    given = {
        "name": "みどりさん",
        "contact": "0000-00-0000",
        "role": "resident",
        "consent": consent,
        "consented_on": TODAY - DAY,
        "method": "paper",
    }
    return services.add_lab_participant(trial_id=trial.pk, values=given | values, actor=who.officer, at=NOON)


def test_withdrawing_forgets_who_it_was_and_keeps_the_count():
    who = cast()
    _project, _measure, trial = begun(who)
    person = lab_person(who, trial)

    services.withdraw_consent(lab_participant_id=person.pk, actor=who.officer, at=NOON)

    kept = LabParticipant.objects.get(pk=person.pk)
    assert (kept.name, kept.contact, kept.withdrawn_on) == ("", "", TODAY)
    assert selectors.lab_counts(trial) == {"all": 1, "residents": 1, "withdrawn": 1}


def test_a_participants_name_stands_in_no_record_of_acts():
    who = cast()
    _project, _measure, trial = begun(who)
    lab_person(who, trial, name="カナリア花子", contact="canary@example.jp")

    told = "".join(
        str((event.note, event.changes, event.subject_label)) for event in AuditEvent.objects.all()
    )

    assert "カナリア" not in told
    assert "canary@" not in told


def test_a_new_wording_leaves_older_consents_as_they_were():
    who = cast()
    _project, _measure, trial = begun(who)
    person = lab_person(who, trial)
    services.write_consent_text(trial_id=trial.pk, text="新しい文", actor=who.officer, at=NOON)

    person.refresh_from_db()
    assert person.consent.number == 1
    assert trial.consent_texts.count() == 2


def test_a_partner_does_not_add_or_read_people():
    who = cast()
    _project, _measure, trial = begun(who)

    with pytest.raises(PermissionDenied):
        services.write_consent_text(trial_id=trial.pk, text="文", actor=who.member, at=NOON)
