"""Lists out: short ones at once, long ones as a job whose file is its person's alone."""

import datetime as dt

import pytest

from enishi.exchange import views_lists
from enishi.exchange.transfer import exporting
from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import read_table
from enishi.organizations.enums import Role
from tests.factories import ChallengeFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner():
    return MembershipFactory(role=Role.PLANNER).person


def content_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize(
    ("form", "encoding"), [("csv", "utf-8-sig"), ("csv-cp932", "cp932"), ("xlsx", "xlsx")]
)
def test_a_short_list_comes_at_once(client, form, encoding):
    ChallengeFactory(title="雪かき")

    response = client.get(f"/challenges/?format={form}&mine=")

    table = read_table(content_of(response))
    assert table.encoding == encoding
    assert [row.cells["題名"] for row in table.rows] == ["雪かき"]


def test_a_long_list_is_a_job_and_nothing_is_cut(
    client, planner, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    town = planner.memberships.get().organization
    ChallengeFactory.create_batch(views_lists.MOST_AT_ONCE + 1, organization=town)
    client.force_login(planner)

    with django_capture_on_commit_callbacks(execute=True):
        client.get("/challenges/?format=csv&mine=1")

    job = Job.objects.get(kind="export")
    table = read_table(content_of(client.get(job.result_url)))
    assert len(table.rows) == views_lists.MOST_AT_ONCE + 1
    client.force_login(MembershipFactory(role=Role.PLANNER).person)
    assert client.get(job.result_url).status_code == 404


def test_a_visitor_is_told_to_narrow_a_long_list(client, monkeypatch):
    monkeypatch.setattr(views_lists, "MOST_AT_ONCE", 1)
    ChallengeFactory.create_batch(2)

    response = client.get("/challenges/?format=csv")

    assert response.status_code == 400
    assert "条件を絞って" in response.content.decode()


def test_files_nobody_fetched_go_after_a_week(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "old").write_bytes(b"x")
    modified = (tmp_path / "exports" / "old").stat().st_mtime

    then = dt.datetime.fromtimestamp(modified, dt.UTC)
    assert exporting.forget_old_exports(then + dt.timedelta(days=6)) == 0
    assert exporting.forget_old_exports(then + dt.timedelta(days=8)) == 1
