"""The published vectors: what anybody may recompute, this engine computes."""

import json
from importlib import resources

import pytest
from click.testing import CliRunner

from enishi.config.cli import cli
from enishi.engines import progress

VECTORS = json.loads(resources.files(progress).joinpath("vectors.json").read_text(encoding="utf-8"))[
    "vectors"
]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector_is_recomputed(vector):
    answer = progress.replay(vector["function"], vector["inputs"])

    assert {key: answer.get(key) for key in vector["expected"]} == vector["expected"], vector["why"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector_says_what_it_is_for(vector):
    assert set(vector) == {"id", "function", "inputs", "expected", "why"}
    assert vector["expected"]
    assert vector["why"]


def test_every_direction_is_published_with_a_missing_value():
    missing = {
        vector["inputs"].get("direction")
        for vector in VECTORS
        if vector["function"] in ("progress", "judge") and '"missing"' in json.dumps(vector["inputs"])
    }

    assert missing >= {"UP", "DOWN", "KEEP", "BINARY"}


def test_at_least_sixty_vectors_have_their_own_names():
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS) >= 60


def test_anybody_replays_vectors_from_the_command_line(tmp_path):
    right = {"id": "a", "function": "progress", "inputs": {"direction": "UP", "baseline": "60", "target": "80", "value": "70"}, "expected": {"value": "0.5"}}  # fmt: skip
    wrong = right | {"id": "b", "expected": {"value": "1.83"}}
    missing = {"id": "c", "function": "value_of_year", "inputs": {"year": 2026, "readings": [{"year": 2026, "value": None}]}}  # fmt: skip
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps({"vectors": [right, wrong, missing]}), encoding="utf-8")

    answer = CliRunner().invoke(cli, ["progress", str(path), "--json"])

    told = json.loads(answer.output)
    assert (answer.exit_code, told["wrong"]) == (1, 1)
    assert [each.get("agrees") for each in told["vectors"]] == [True, False, None]
    assert told["vectors"][1]["differs"] == {"value": {"expected": "1.83", "answer": "1/2"}}
    assert told["vectors"][2]["answer"]["value"] == {"missing": "実績値なし"}


@pytest.mark.parametrize(
    "text", ["{", '{"vectors": 3}', '[{"function": "nothing", "inputs": {}}]', '[{"function": "progress"}]']
)
def test_a_file_that_holds_no_vectors_is_refused_with_a_sentence(tmp_path, text):
    path = tmp_path / "vectors.json"
    path.write_text(text, encoding="utf-8")

    answer = CliRunner().invoke(cli, ["progress", str(path)])

    assert answer.exit_code == 1
    assert "vectors.json" in answer.output
