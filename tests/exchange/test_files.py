"""Files of a record: read by whoever reads the record, and saved rather than shown."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.exchange import services
from enishi.organizations.enums import Visibility
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 test"


@pytest.fixture
def town():
    return OrganizationFactory()


@pytest.fixture
def planner(client, town):
    person = MembershipFactory(organization=town).person
    client.force_login(person)
    return person


def attach(challenge, planner):
    return services.attach(record=challenge, name="現状 資料.pdf", content=PDF, actor=planner, at=NOON)


def test_a_file_is_attached_and_downloaded(client, planner, town):
    challenge = ChallengeFactory(organization=town)
    page = reverse("exchange:challenge_files", args=[challenge.pk])

    client.post(page, {"file": SimpleUploadedFile("資料.pdf", PDF)})
    kept = challenge.attachments.get()
    response = client.get(reverse("exchange:attachment_download", args=[kept.pk]))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "資料.pdf" in client.get(challenge.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("わな.pdf", b"MZ\x90\x00" + b"\x00" * 20, "添付できない形式です"),
        ("絵.pdf", b"\x89PNG\r\n\x1a\n123", "名前の終わりと中身が合いません"),
        ("page.html", b"<script>alert(1)</script>", "名前の終わりと中身が合いません"),
        ("空.pdf", b"", "空のファイルです"),
    ],
)
def test_other_files_get_a_sentence(name, content, sentence, client, planner, town):
    challenge = ChallengeFactory(organization=town)

    response = client.post(
        reverse("exchange:challenge_files", args=[challenge.pk]), {"file": SimpleUploadedFile(name, content)}
    )

    assert sentence in response.content.decode()
    assert not challenge.attachments.exists()


def test_a_file_is_as_hidden_as_its_record(client, planner, town):
    kept = attach(ChallengeFactory(organization=town, visibility=Visibility.INTERNAL), planner)
    client.force_login(MembershipFactory().person)

    for page in ("attachment_download", "attachment_remove", "attachment_restore"):
        address = reverse(f"exchange:{page}", args=[kept.pk])
        answer = client.get(address) if page.endswith("download") else client.post(address)
        assert answer.status_code == 404, page


def test_readers_do_not_take_files_off(client, planner, town):
    kept = attach(ChallengeFactory(organization=town), planner)
    client.force_login(MembershipFactory().person)

    assert client.post(reverse("exchange:attachment_remove", args=[kept.pk])).status_code == 403


def test_a_file_taken_off_comes_back(client, planner, town):
    kept = attach(ChallengeFactory(organization=town), planner)
    download = reverse("exchange:attachment_download", args=[kept.pk])
    client.post(reverse("exchange:attachment_remove", args=[kept.pk]))
    gone = client.get(download).status_code

    client.post(reverse("exchange:attachment_restore", args=[kept.pk]))

    back = client.get(download)
    assert (gone, back.status_code) == (404, 200)
    back.close()
