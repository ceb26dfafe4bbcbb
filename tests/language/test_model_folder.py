import json
import shutil

import pytest

from enishi.language import e5_weights, model_folder
from enishi.language.errors import ModelMissingError
from enishi.language.model_folder import is_prepared, prepare_model, read_vocabulary


@pytest.fixture
def prepared(model_files, tmp_path):
    shutil.copytree(model_files.graph.parent, tmp_path / model_folder.model_name())
    return tmp_path


def test_a_damaged_model_is_made_again(prepared):
    graph = prepared / model_folder.model_name() / "encoder.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:1000] + b"\x00" + whole[1001:-7])

    assert not is_prepared(prepared)
    prepare_model(prepared)

    assert graph.read_bytes() == whole


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"sha256": {"encoder.onnx": 3}}'])
def test_an_unreadable_manifest_counts_as_damaged(prepared, manifest):
    (prepared / model_folder.model_name() / "manifest.json").write_text(manifest)

    assert not is_prepared(prepared)


def test_a_prepared_model_is_left_alone(prepared):
    before = (prepared / model_folder.model_name() / "encoder.onnx").stat().st_mtime_ns

    prepare_model(prepared)

    assert (prepared / model_folder.model_name() / "encoder.onnx").stat().st_mtime_ns == before


def test_no_half_written_file_is_left(prepared):
    names = {path.name for path in (prepared / model_folder.model_name()).iterdir()}

    assert names == {"encoder.onnx", "vocabulary.npz", "manifest.json"}


def test_a_folder_that_cannot_be_written_is_told_plainly(tmp_path):
    in_the_way = tmp_path / "models"
    in_the_way.write_text("")

    with pytest.raises(ModelMissingError, match="データフォルダ"):
        prepare_model(in_the_way)


def test_the_manifest_names_its_source(prepared):
    manifest = json.loads((prepared / model_folder.model_name() / "manifest.json").read_text())

    assert manifest["name"] == model_folder.model_name()
    assert len(manifest["source_sha256"]) == 64


def test_the_vocabulary_survives_the_way_to_disk(model_files):
    vocabulary = read_vocabulary(model_files.vocabulary)

    assert len(vocabulary.pieces) == len(vocabulary.scores) == 250_002
    assert vocabulary.pieces[:4] == ("<s>", "<pad>", "</s>", "<unk>")


def test_models_of_earlier_versions_go_and_what_is_not_ours_stays(tmp_path):
    def made(folder, **manifest):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "manifest.json").write_text(json.dumps(manifest))

    ours = {"source_sha256": e5_weights.SHA256}
    made("e5-small-int8-1-plain", name="e5-small-int8-1-plain", **ours)
    made(model_folder.model_name(), name=model_folder.model_name(), **ours)
    made("somebody-elses", name="somebody-elses", source_sha256="0")
    (tmp_path / "notes").mkdir()

    assert model_folder.clear_old_models(tmp_path) == ["e5-small-int8-1-plain"]
    assert {path.name for path in tmp_path.iterdir()} == {
        model_folder.model_name(),
        "somebody-elses",
        "notes",
    }
