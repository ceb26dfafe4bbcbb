"""What Tesseract's answer is made into; the program itself is tried in test_documents.py where it is installed."""

import numpy as np

from enishi.language.extracting import ocr
from enishi.language.extracting.ocr import ReadLine

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def table(*lines: tuple[int, int, list[tuple[str, float]]]) -> str:
    """Lines given as block, right edge and words with their certainty."""
    rows = []
    for number, (block, edge, words) in enumerate(lines, start=1):
        rows.append(f"4\t1\t{block}\t1\t{number}\t0\t0\t0\t{edge}\t20\t-1\t")
        rows += [f"5\t1\t{block}\t1\t{number}\t1\t0\t0\t9\t9\t{sure}\t{word}" for word, sure in words]
    return HEAD + "\n".join(rows)


def test_what_tesseract_itself_doubts_is_left_out():
    read = list(
        ocr.lines_in(
            table(
                (1, 400, [("第", 95), ("1", 96), ("条", 90)]),
                (2, 400, [("還っ天", 32)]),
                (3, 400, [("還" * 30, 80)]),
            )
        )
    )

    assert [line.text for line in read] == ["第1条"]


def test_a_sentence_the_edge_broke_is_whole_again_and_short_lines_stay_apart():
    lines = [
        ReadLine("概要", 90, 1, 80, 20),
        ReadLine("費用の2分の1を補", 90, 1, 400, 20),
        ReadLine("助する。", 90, 1, 120, 20),
        ReadLine("上限は50万円とする。", 90, 1, 395, 20),
        ReadLine("別の欄", 90, 2, 90, 20),
    ]

    assert ocr.told(lines) == "概要\n費用の2分の1を補助する。\n上限は50万円とする。\n\n別の欄"


def test_rows_of_a_table_are_not_run_together():
    lines = [ReadLine("一般 | 50万円", 90, 1, 400, 20), ReadLine("子育て | 80万円", 90, 1, 400, 20)]

    assert ocr.told(lines).count("\n") == 1


def test_rules_are_taken_out_and_letters_stay():
    picture = np.full((60, 300), 255, np.uint8)
    picture[10, 5:290] = 0  # the rule of a table
    picture[5:55, 20] = 0  # a stroke
    picture[30, 20:80] = 0  # the bar of a letter

    clean = ocr.without_rules(picture)

    assert clean[10, 100] == 255
    assert clean[30, 50] == clean[40, 20] == 0
