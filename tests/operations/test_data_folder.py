"""The data folder holds names, contacts and the key: it is its owner's alone."""

from enishi.config.environment import Environment


def test_a_new_data_folder_is_closed_to_others(tmp_path):
    folder = Environment({"ENISHI_DATA": str(tmp_path / "data")}).data_folder()

    assert folder.stat().st_mode & 0o777 == 0o700
