"""Questions in kana are read in the usual spelling; all others stay as they are."""

import pytest

from enishi.language.kana import in_usual_spelling


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("そだいごみの だしかた", "粗大ごみの出し方"),
        ("じどうてあて いくら", "児童手当いくら"),
        ("粗大ごみのだしかた", "粗大ごみのだしかた"),
        ("ごみ", "ごみ"),
        ("How much?", "How much?"),
        ("", ""),
    ],
)
def test_kana_becomes_the_usual_spelling(written, usual):
    assert in_usual_spelling(written) == usual
