from collections.abc import Iterator

import pytest

from enishi.exchange.matches import shelves
from enishi.exchange.matches.store import store


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path) -> Iterator[None]:
    """Each test has its own database; what this process remembers of another one must not meet it."""
    settings.DATA_FOLDER = tmp_path
    store.forget()
    shelves.discard()
    yield
    store.forget()
