import pytest

from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model


@pytest.fixture(scope="session")
def model_files(tmp_path_factory):
    return prepare_model(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def embedder(model_files):
    return LocalEmbedder(model_files, threads=1)
