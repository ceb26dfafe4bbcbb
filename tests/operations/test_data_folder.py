"""The data folder holds names, contacts and the key: it is its owner's alone."""

import resource
import signal

import pytest

from enishi.config.environment import ConfigurationError, Environment, secret_key


def test_a_new_data_folder_is_closed_to_others(tmp_path):
    folder = Environment({"ENISHI_DATA": str(tmp_path / "data")}).data_folder()

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match="書き込みの許し"):
        Environment({"ENISHI_DATA": str(tmp_path / "file" / "data")}).data_folder()


def test_an_empty_key_is_never_used(tmp_path):
    (tmp_path / "secret.key").touch()

    with pytest.raises(ConfigurationError, match="空です"):
        secret_key(tmp_path)


def test_a_full_disk_leaves_no_empty_key(tmp_path):
    kept, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, kept[1]))
    try:
        with pytest.raises(ConfigurationError, match="空き容量"):
            secret_key(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        signal.signal(signal.SIGXFSZ, heard)

    assert not (tmp_path / "secret.key").exists()
