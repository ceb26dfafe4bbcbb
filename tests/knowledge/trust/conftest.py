import pytest

from enishi.knowledge.documents.index import store as stores


@pytest.fixture(autouse=True)
def own_index(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    stores.store.forget()
    yield
    stores.store.forget()
