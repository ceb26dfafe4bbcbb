"""The prepared model on disk: made once, checked at every start, made again when damaged."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from enishi.language import e5_weights
from enishi.language.e5_graph import build_graph
from enishi.language.e5_weights import Vocabulary, Weights
from enishi.language.errors import ModelMissingError
from enishi.language.ports import FloatArray

_LEARNT = files("enishi.language") / "data" / "encoder_changes.npz"
"""What training on pairs of wants and cans added to the weights; see training/matching/README.md."""

_WAY = "e5-small-int8-2"
"""Name of the way the graph is made; to be changed with e5_graph."""

_GRAPH = "encoder.onnx"
_VOCABULARY = "vocabulary.npz"
_MANIFEST = "manifest.json"
_OUTPUTS = ["vector", "pieces"]
"""A graph made before there were these is made again; its vectors, and so its name, are the same."""


@dataclass(frozen=True)
class ModelFiles:
    """Where the checked files of a prepared model are."""

    name: str
    graph: Path
    vocabulary: Path


def prepare_model(folder: Path, *, learnt: bool = True) -> ModelFiles:
    """Return the model in this folder, after making it when it is missing or damaged.

    Takes two or three seconds the first time and a tenth of a second afterwards. Two processes may do this at
    once: each file appears whole or not at all, and both write the same bytes.

    Parameters
    ----------
    folder : Path
        Where models are kept; each has a folder of its own there.
    learnt : bool
        Whether what training added is part of it; without, it is the plain multilingual-e5-small.

    Raises
    ------
    ModelMissingError
        If the package with the weights is not installed, or the folder cannot be written.
    ModelDamagedError
        If the installed weights are not the known ones.
    """
    place = folder / model_name(learnt=learnt)
    if not is_prepared(folder, learnt=learnt):
        try:
            _make(place, learnt_changes() if learnt else {})
        except OSError as error:
            raise ModelMissingError(
                f"言語モデルをデータフォルダ {place} に書けません({error.strerror})。空き容量と権限を確かめてください。"
            ) from error
    return ModelFiles(place.name, place / _GRAPH, place / _VOCABULARY)


@lru_cache(maxsize=2)
def model_name(*, learnt: bool = True) -> str:
    """Return the name of the model, which changes with whatever changes its vectors."""
    if not learnt or not _LEARNT.is_file():
        return f"{_WAY}-plain"
    return f"{_WAY}-{hashlib.sha256(_LEARNT.read_bytes()).hexdigest()[:8]}"


def learnt_changes() -> dict[str, FloatArray]:
    """Return what is added to each weight matrix, by its name."""
    if not _LEARNT.is_file():
        return {}
    with as_file(_LEARNT) as path, np.load(path, allow_pickle=False) as arrays:
        names = sorted({name.removesuffix(".A") for name in arrays.files if name.endswith(".A")})
        return {
            name: arrays[f"{name}.B"].astype(np.float32) @ arrays[f"{name}.A"].astype(np.float32)
            for name in names
        }


def is_prepared(folder: Path, *, learnt: bool = True) -> bool:
    """Whether the folder holds the model with the right checksums."""
    place = folder / model_name(learnt=learnt)
    try:
        manifest = json.loads((place / _MANIFEST).read_text("utf-8"))
        sums = dict(manifest["sha256"])
        is_whole = set(sums) == {_GRAPH, _VOCABULARY} and manifest.get("outputs") == _OUTPUTS
        return is_whole and all(_sha256(place / name) == expected for name, expected in sums.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def clear_old_models(folder: Path) -> list[str]:
    """Remove the models earlier versions made, once those of this one are there. Returns their names.

    Only folders whose manifest says that we made them; whatever else somebody keeps there stays.
    """
    current = {model_name(learnt=True), model_name(learnt=False)}
    removed = []
    for manifest in folder.glob(f"*/{_MANIFEST}"):
        place = manifest.parent
        try:
            made = json.loads(manifest.read_text("utf-8"))
            is_ours = made.get("name") == place.name and made.get("source_sha256") == e5_weights.SHA256
        except (OSError, ValueError, AttributeError):
            continue
        if is_ours and place.name not in current:
            shutil.rmtree(place, ignore_errors=True)
            removed.append(place.name)
    return sorted(removed)


def _make(place: Path, changes: dict[str, FloatArray]) -> None:
    weights = Weights(e5_weights.read_installed_weights())
    place.mkdir(parents=True, exist_ok=True)
    graph = build_graph(weights, changes)
    _write(place / _GRAPH, graph.SerializeToString(deterministic=True))
    _write(place / _VOCABULARY, _vocabulary_bytes(weights.vocabulary, place))
    sums = {name: _sha256(place / name) for name in (_GRAPH, _VOCABULARY)}
    manifest = {"name": place.name, "source_sha256": e5_weights.SHA256, "outputs": _OUTPUTS, "sha256": sums}
    _write(place / _MANIFEST, json.dumps(manifest, indent=1).encode())


def _vocabulary_bytes(vocabulary: Vocabulary, place: Path) -> bytes:
    lengths = np.array([len(piece) for piece in vocabulary.pieces], np.uint8)
    text = np.frombuffer("".join(vocabulary.pieces).encode(), np.uint8)
    control = np.array([vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown], np.int32)
    with tempfile.TemporaryFile(dir=place) as scratch:
        np.savez(scratch, text=text, lengths=lengths, scores=vocabulary.scores, control=control)
        scratch.seek(0)
        return scratch.read()


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the vocabulary that :func:`prepare_model` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        text = arrays["text"].tobytes().decode("utf-8")
        ends = np.cumsum(arrays["lengths"], dtype=np.int64).tolist()
        begin, end, pad, unknown = arrays["control"].tolist()
        scores = arrays["scores"]
    pieces = tuple(text[start:stop] for start, stop in zip([0, *ends], ends, strict=False))
    return Vocabulary(pieces, scores, begin, end, pad, unknown)


def _write(path: Path, content: bytes) -> None:
    """Put a whole file in place at once."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
