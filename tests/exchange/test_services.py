"""Challenges and resources from draft to end."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from enishi.audit.selectors import broken_links, history
from enishi.exchange import services
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.errors import (
    CannotPublishError,
    IllegalStatusError,
    NotRestorableError,
    ReasonNeededError,
    RefusedError,
    StaleVersionError,
)
from enishi.exchange.models import Challenge, Field, Resource
from enishi.exchange.signals import challenge_changed
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.visibility import forget_reach
from tests.factories import (
    NOON,
    ChallengeFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    ResourceFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)


@pytest.fixture
def planner():
    return MembershipFactory().person


@pytest.fixture
def town(planner):
    return planner.memberships.get().organization


def test_the_taxonomy_is_filled_in():
    assert Field.objects.filter(parent__isnull=True).count() == 15
    assert Field.objects.filter(parent__isnull=False).count() == 90
    assert Field.objects.get(code="welfare-1").name == "高齢者の見守り"


def test_create_makes_a_draft_and_writes_it_down(planner, town):
    challenge = services.create_challenge(
        organization=town, values={"title": " 空き家が\x00増えている "}, actor=planner, at=NOON
    )

    assert challenge.title == "空き家が増えている"
    assert challenge.status == ChallengeStatus.DRAFT
    assert [event.action for event in history(challenge)] == ["create"]


def test_a_company_cannot_post_a_challenge():
    partner = MembershipFactory(organization__kind=OrganizationKind.COMPANY, role=Role.PARTNER_ADMINISTRATOR)

    with pytest.raises(PermissionDenied):
        services.create_challenge(
            organization=partner.organization, values={"title": "x"}, actor=partner.person, at=NOON
        )


def test_a_company_can_offer_a_resource():
    partner = MembershipFactory(organization__kind=OrganizationKind.COMPANY, role=Role.PARTNER_MEMBER)

    resource = services.create_resource(
        organization=partner.organization, values={"title": "空き倉庫"}, actor=partner.person, at=NOON
    )

    assert resource.organization == partner.organization


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.AUDITOR])
def test_readers_cannot_write(role, town):
    reader = MembershipFactory(organization=town, role=role).person
    challenge = ChallengeFactory(organization=town)

    with pytest.raises(PermissionDenied):
        services.edit_challenge(
            challenge_id=challenge.pk, values={"title": "x"}, version=1, actor=reader, at=NOON
        )


def test_an_officer_edits_what_the_own_section_owns(town):
    section, other = SectionFactory.create_batch(2, organization=town)
    officer = MembershipFactory(organization=town, section=section, role=Role.OFFICER).person
    mine = ChallengeFactory(organization=town, section=section)
    theirs = ChallengeFactory(organization=town, section=other)

    services.edit_challenge(
        challenge_id=mine.pk, values={"title": "新しい題名"}, version=1, actor=officer, at=NOON
    )
    with pytest.raises(PermissionDenied):
        services.edit_challenge(
            challenge_id=theirs.pk, values={"title": "新しい題名"}, version=1, actor=officer, at=NOON
        )


def test_edit_keeps_before_and_after(planner, town):
    field = Field.objects.get(code="housing-1")
    challenge = ChallengeFactory(organization=town, title="古い題名")

    services.edit_challenge(
        challenge_id=challenge.pk,
        values={"title": "新しい題名", "field_ids": [field.pk]},
        version=1,
        actor=planner,
        at=LATER,
    )

    event = history(challenge)[0]
    assert event.changes == {"title": ["古い題名", "新しい題名"], "fields": [[], ["空き家"]]}
    assert list(broken_links()) == []


def test_edit_refuses_a_version_that_somebody_else_has_replaced(planner, town):
    challenge = ChallengeFactory(organization=town)
    edit = {"challenge_id": challenge.pk, "actor": planner, "version": 1}
    services.edit_challenge(values={"title": "先の人"}, at=NOON, **edit)

    with pytest.raises(StaleVersionError):
        services.edit_challenge(values={"title": "後の人"}, at=LATER, **edit)

    challenge.refresh_from_db()
    assert challenge.title == "先の人"


def test_an_edit_that_changes_nothing_is_not_written_down(planner, town):
    challenge = ChallengeFactory(organization=town)

    services.edit_challenge(
        challenge_id=challenge.pk, values={"title": challenge.title}, version=1, actor=planner, at=LATER
    )

    challenge.refresh_from_db()
    assert challenge.version == 1
    assert not history(challenge).exists()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"title": ""}, "title"),
        ({"title": "あ" * 121}, "title"),
        ({"present_state": "あ" * 4_001}, "present_state"),
        ({"window_from": dt.date(2027, 4, 1), "window_to": dt.date(2027, 3, 31)}, "window_to"),
        ({"budget_min_yen": 2, "budget_max_yen": 1}, "budget_max_yen"),
        ({"budget_min_yen": -1}, "budget_min_yen"),
        ({"due_on": dt.date(1, 1, 1)}, "due_on"),
        ({"sufferers": ["dragons"]}, "sufferers"),
        ({"visibility": "everyone"}, "visibility"),
        ({"visibility": "section"}, "section_id"),
        ({"field_ids": [999_999]}, "field_ids"),
        ({"area_ids": [999_999]}, "area_ids"),
    ],
)
def test_bad_values_get_a_sentence(values, name, planner, town):
    challenge = ChallengeFactory(organization=town)

    with pytest.raises(ValidationError) as refused:
        services.edit_challenge(challenge_id=challenge.pk, values=values, version=1, actor=planner, at=NOON)

    assert list(refused.value.message_dict) == [name]


def test_odd_characters_are_kept_and_invisible_ones_dropped(planner, town):
    challenge = services.create_challenge(
        organization=town,
        values={"title": "𠮷野家👨‍👩‍👧と葛\U000e0100城\ud800\x00<script>"},
        actor=planner,
        at=NOON,
    )

    challenge.refresh_from_db()
    assert challenge.title == "𠮷野家👨‍👩‍👧と葛\U000e0100城<script>"


def test_publish_says_everything_that_is_missing(planner, town):
    challenge = services.create_challenge(
        organization=town, values={"title": "空き家が増えている"}, actor=planner, at=NOON
    )

    with pytest.raises(CannotPublishError) as refused:
        services.publish_challenge(challenge_id=challenge.pk, actor=planner, at=NOON)

    assert [one.name for one in refused.value.missing] == [
        "present_state",
        "sufferers",
        "desired_state",
        "fields",
        "areas",
        "contact_name",
    ]


def test_publish_opens_a_complete_draft(planner, town):
    draft = ChallengeFactory(
        organization=town, status="draft", areas=[town], fields=[Field.objects.get(code="welfare-1")]
    )

    challenge = services.publish_challenge(challenge_id=draft.pk, actor=planner, at=LATER)

    assert challenge.status == ChallengeStatus.OPEN
    assert challenge.published_at == LATER


def test_publish_refuses_a_deadline_that_has_passed(planner, town):
    draft = ChallengeFactory(
        organization=town,
        status="draft",
        areas=[town],
        fields=[Field.objects.get(code="welfare-1")],
        due_on=dt.date(2020, 1, 1),
    )

    with pytest.raises(CannotPublishError) as refused:
        services.publish_challenge(challenge_id=draft.pk, actor=planner, at=LATER)

    assert [one.name for one in refused.value.missing] == ["due_on"]


def test_status_jumps_are_refused_with_what_is_possible(planner, town):
    challenge = ChallengeFactory(organization=town, status="draft")

    with pytest.raises(IllegalStatusError) as refused:
        services.change_status(
            challenge_id=challenge.pk, status=ChallengeStatus.SOLVED, actor=planner, at=NOON
        )

    assert refused.value.sentence == "「下書き」から「解決」へは変えられません。いま選べるのは「公開」です。"


def test_an_end_needs_its_reason(planner, town):
    challenge = ChallengeFactory(organization=town)
    change = {"challenge_id": challenge.pk, "status": ChallengeStatus.CLOSED, "actor": planner, "at": NOON}

    with pytest.raises(ReasonNeededError):
        services.change_status(reason=" ", **change)
    closed = services.change_status(reason="予算が見送られたため", **change)

    assert (closed.status, closed.status_reason) == ("closed", "予算が見送られたため")


def test_what_was_thrown_away_comes_back_for_thirty_days(planner, town):
    challenge = ChallengeFactory(organization=town)
    services.delete_challenge(challenge_id=challenge.pk, actor=planner, at=NOON)
    assert not Challenge.objects.visible_to(planner).exists()

    services.restore_challenge(challenge_id=challenge.pk, actor=planner, at=NOON + dt.timedelta(days=30))

    assert Challenge.objects.visible_to(planner).get() == challenge


def test_after_thirty_days_it_does_not_come_back(planner, town):
    challenge = ChallengeFactory(organization=town, deleted_at=NOON)

    with pytest.raises(NotRestorableError):
        services.restore_challenge(challenge_id=challenge.pk, actor=planner, at=NOON + dt.timedelta(days=31))


def test_listeners_hear_once_the_change_is_stored(planner, town, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, challenge_id, **kwargs):
        heard.append(challenge_id)

    challenge_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        challenge = services.create_challenge(
            organization=town, values={"title": "空き家"}, actor=planner, at=NOON
        )

    assert heard == [challenge.pk]


def test_confirming_a_resource_makes_it_fresh(planner, town):
    resource = ResourceFactory(organization=town, confirmed_on=dt.date(2026, 3, 1))

    services.confirm_resource(resource_id=resource.pk, actor=planner, at=NOON)

    resource.refresh_from_db()
    assert resource.is_fresh(NOON.date())


def test_only_an_open_resource_can_be_confirmed(planner, town):
    resource = ResourceFactory(organization=town, status=ResourceStatus.CLOSED)

    with pytest.raises(RefusedError):
        services.confirm_resource(resource_id=resource.pk, actor=planner, at=NOON)


def row(town, key, **values):
    return services.ImportedRow(town.pk, key, {"title": f"課題 {key}", "status": "open"} | values)


def test_importing_the_same_rows_again_changes_nothing(planner, town):
    field = Field.objects.get(code="welfare-1")
    rows = [row(town, str(number), field_ids=[field.pk], area_ids=[town.pk]) for number in range(3)]
    save = {"kind": "challenge", "actor": planner}

    first = services.save_imported(rows=rows, at=NOON, **save)
    second = services.save_imported(rows=rows, at=LATER, **save)

    assert (len(first.added), len(second.added), len(second.changed)) == (3, 0, 0)
    assert second.unchanged == first.added
    assert [list(challenge.fields.all()) for challenge in Challenge.objects.all()] == [[field]] * 3


def test_importing_changes_only_what_differs(planner, town):
    save = {"kind": "challenge", "actor": planner}
    services.save_imported(rows=[row(town, "a"), row(town, "b")], at=NOON, **save)

    result = services.save_imported(rows=[row(town, "a"), row(town, "b", pitch="一言")], at=LATER, **save)

    changed = Challenge.objects.get(import_key="b")
    assert result.changed == [changed.pk]
    assert (changed.pitch, changed.version) == ("一言", 2)
    assert history(changed)[0].changes == {"pitch": ["", "一言"]}


def test_an_import_tells_fields_by_name(planner, town):
    save = {"kind": "challenge", "actor": planner}
    services.save_imported(rows=[row(town, "a")], at=NOON, **save)
    field = Field.objects.get(code="welfare-1")

    services.save_imported(rows=[row(town, "a", field_ids=[field.pk])], at=LATER, **save)

    assert history(Challenge.objects.get())[0].changes == {"fields": [[], ["高齢者の見守り"]]}


def test_an_import_names_row_and_column_of_each_fault(planner, town):
    rows = [row(town, "a"), row(town, "b", budget_min_yen=5, budget_max_yen=1)]

    with pytest.raises(ValidationError) as refused:
        services.save_imported(kind="challenge", rows=rows, actor=planner, at=NOON)

    assert list(refused.value.message_dict) == ["1.budget_max_yen"]


def test_nobody_imports_for_another_organization(planner):
    with pytest.raises(PermissionDenied):
        services.save_imported(
            kind="challenge", rows=[row(OrganizationFactory(), "a")], actor=planner, at=NOON
        )


def test_an_attachment_is_kept_by_what_it_is(planner, town):
    challenge = ChallengeFactory(organization=town)

    kept = services.attach(
        record=challenge, name="../資料.pdf", content=b"%PDF-1.7 x", actor=planner, at=NOON
    )

    assert (kept.name, kept.content_type) == ("資料.pdf", "application/pdf")
    with kept.file.open() as file:
        assert file.read() == b"%PDF-1.7 x"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("資料.pdf", b"MZ\x90\x00"),
        ("資料.pdf", b""),
        ("資料.pdf", b"\x89PNG\r\n\x1a\n"),
        ("page.html", b"<script>alert(1)</script>"),
        ("big.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024)),
        ("表.xlsx", b"PK\x03\x04broken"),
    ],
)
def test_other_files_are_refused(name, content, planner, town):
    challenge = ChallengeFactory(organization=town)

    with pytest.raises(RefusedError):
        services.attach(record=challenge, name=name, content=content, actor=planner, at=NOON)

    assert not challenge.attachments.exists()


def test_visibility_names_who_reads(planner, town):
    stranger = MembershipFactory().person
    invited = MembershipFactory(organization__kind=OrganizationKind.NPO, role=Role.PARTNER_MEMBER)
    challenge = ChallengeFactory(
        organization=town, visibility=Visibility.PARTIES, parties=[invited.organization]
    )
    readers = [planner, stranger, invited.person, PersonFactory()]

    seen = [Challenge.objects.visible_to(person).filter(pk=challenge.pk).exists() for person in readers]

    assert seen == [True, False, True, False]


def test_nobody_else_reads_a_draft(town):
    draft = ChallengeFactory(organization=town, status="draft")
    stranger = MembershipFactory().person
    forget_reach(stranger)

    assert not Challenge.objects.visible_to(stranger).filter(pk=draft.pk).exists()
    assert Resource.objects.count() == 0
