"""The published vectors: what anybody may recompute, this engine computes."""

import json
from importlib import resources

import pytest

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
