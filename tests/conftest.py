"""What every test may rely on."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _speak_japanese() -> Iterator[None]:
    """A page asked for in English leaves the thread speaking English: each test begins in Japanese."""
    with translation.override("ja"):
        yield
