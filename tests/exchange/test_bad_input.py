"""Bad input at every other door of the records: a sentence or a harmless answer, never a fault of ours."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.organizations.enums import Role
from tests.factories import ChallengeFactory, MembershipFactory

pytestmark = pytest.mark.django_db

BAD = [
    pytest.param("\x00", id="nul"),
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("𠮷野家👨‍👩‍👧葛\U000e0100城", id="rare"),
    pytest.param("あ" * 1_000_000, id="megabyte"),
    pytest.param("\u202egnp.exe", id="turned"),
    pytest.param("9" * 400, id="number"),
]


@pytest.fixture
def challenge(client):
    place = MembershipFactory(role=Role.ADMINISTRATOR)
    client.force_login(place.person)
    return ChallengeFactory(organization=place.organization)


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(
    ("door", "name", "about"),
    [
        ("challenge_start", "sentence", False),
        ("challenge_create", "title", False),
        ("challenge_create", "organization", False),
        ("challenge_create", "token", False),
        ("resource_create", "offer", False),
        ("challenge_status", "reason", True),
        ("challenge_status", "status", True),
        ("challenge_move", "sentence", True),
        ("challenge_move", "name", True),
        ("field_add", "name", False),
        ("field_add", "parent", False),
        ("search_save", "query", False),
        ("search_save", "kind", False),
        ("challenge_draft_new", "title", False),
    ],
)
def test_every_door_stands(door, name, about, text, client, challenge):
    address = reverse(f"exchange:{door}", args=[challenge.pk] if about else [])

    response = client.post(address, {"kind": "challenge", "title": "題名です"} | {name: text}, follow=True)

    assert response.status_code in {200, 404}
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("text", BAD)
def test_a_file_may_be_named_anything(text, client, challenge):
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
    file.name = f"{text[:200]}.pdf"

    response = client.post(
        reverse("exchange:challenge_files", args=[challenge.pk]), {"file": file}, follow=True
    )

    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_shows_both_sides(version, client, challenge):
    step = reverse("exchange:challenge_step", args=[challenge.pk, "goal"])

    response = client.post(step, {"desired_state": "新しい姿", "version": version})

    assert response.status_code in {200, 409}
    challenge.refresh_from_db()
    assert challenge.desired_state != "新しい姿"


def test_an_unknown_step_is_not_found(client, challenge):
    assert client.get(reverse("exchange:challenge_step", args=[challenge.pk, "nowhere"])).status_code == 404
