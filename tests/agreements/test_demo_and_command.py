"""The region's agreements are brought in through the room's own doors; the command answers without a database."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from enishi.agreements.models import Agreement, Dispute, Incident, Version
from enishi.agreements.selectors import asleep, risk_occurrence
from enishi.config.cli.schemes import schemes_command
from enishi.config.demo import agreements, region
from tests.factories import NOON, TODAY


@pytest.mark.django_db
@pytest.mark.parametrize("later", [0, 1, 400])
def test_the_region_has_agreements_in_every_state(settings, tmp_path, later):
    settings.DATA_FOLDER = tmp_path
    at = NOON + dt.timedelta(days=later)
    organizations = region._organizations()
    sections = region._sections(organizations)
    people = region._people(organizations, sections, at)

    agreements.fill(organizations, sections, people, at)

    rows = Agreement.objects.all()
    assert rows.count() == 15
    assert set(rows.values_list("status", flat=True)) == {
        "draft",
        "in_approval",
        "approved",
        "active",
        "ended",
        "abandoned",
    }
    today = TODAY + dt.timedelta(days=later)
    sleeping = list(asleep(rows, today))
    assert {row.asleep_reason for row in sleeping} >= {"emergency", "moved"}
    assert Incident.objects.count() >= 5 and Dispute.objects.get().stage == "settled"
    assert risk_occurrence(rows).happened >= 5
    assert not Version.objects.filter(state="in_force", sha256="").exists()
    assert all(row.is_demo for row in rows)


def _answered(tmp_path, text: str, *options: str):
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(schemes_command, ["--answers", str(path), *options])


def test_the_command_names_the_form_its_rule_and_the_next_question(tmp_path):
    done = _answered(tmp_path, '{"partner": "community", "object": "property_holding"}', "--json")

    told = json.loads(done.output)
    assert (done.exit_code, told["recommendations"][0]["name"], told["next_question"]) == (
        0,
        "認可地縁団体",
        None,
    )
    assert "次の問い: 相手はだれですか" in CliRunner().invoke(schemes_command, []).output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "JSONとして読めません"),
        ("[]", "のような形で"),
        ('{"partner": "x"}', "使えるのは"),
        ('{"x": 1}', "使えるのは"),
    ],
)
def test_the_command_says_what_it_cannot_read(tmp_path, text, expected):
    done = _answered(tmp_path, text)

    assert done.exit_code == 1
    assert expected in done.output
