"""Writes src/enishi/language/data/kana.tsv: how the words of offices are read, the usual spelling of each reading.

Read from the imaginary city's answers, the labelled passages and the tables of words; then a few words spelled by hand.
"""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from enishi.language.tokens import Token, tokens

KEPT = Path("src/enishi/language/data/kana.tsv")
DATA = Path("src/enishi/language/data")
_KANJI = re.compile(r"[一-鿿]")
_LETTERS = re.compile(r"[ぁ-ゖァ-ヺー一-鿿]+")
BY_HAND = {
    "いくら": "いくら", "どうすれば": "どうすれば", "ください": "ください", "ありますか": "ありますか", "なんようび": "何曜日", "なんじ": "何時", "なんさい": "何歳",
    "なんにち": "何日", "いつまで": "いつまで", "どこで": "どこで", "だしかた": "出し方", "すてかた": "捨て方", "かりかた": "借り方", "ひっこし": "引っ越し", "ひっこして": "引っ越して",
    "びょういん": "病院", "びょうき": "病気", "おかね": "お金", "あかちゃん": "赤ちゃん", "こども": "子ども", "おとしより": "お年寄り", "がっこう": "学校", "やくしょ": "役所", "やくば": "役場",
    "ぜいきん": "税金", "ねんきん": "年金", "ほけん": "保険", "とどけ": "届け", "とどけます": "届けます", "とどけて": "届けて", "うまれ": "生まれ", "もらえ": "もらえ", "はたらき": "働き", "べんきょう": "勉強",
    "にほんご": "日本語", "じてんしゃ": "自転車", "くるま": "車", "でんしゃ": "電車", "じしん": "地震", "つなみ": "津波", "ひなん": "避難", "たいふう": "台風", "くまを": "熊を", "いぬの": "犬の", "いぬを": "犬を", "ねこの": "猫の",
    "ねこを": "猫を", "ごみの": "ごみの", "としょかん": "図書館", "かりられ": "借りられ", "しごと": "仕事", "けっこん": "結婚", "りこん": "離婚", "でんわ": "電話", "ばんごう": "番号",
}  # fmt: skip
"""What tables of compounds miss, or would cut wrongly."""


def main() -> None:
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for text in _texts():
        for run in _runs(tokens(text)):
            surface, reading = "".join(t.surface for t in run), _hiragana("".join(t.reading for t in run))
            if len(reading) >= 3 and _KANJI.search(surface) and _LETTERS.fullmatch(surface):
                spelled[reading][surface] += 1
    table = {reading: found.most_common(1)[0][0] for reading, found in spelled.items()} | BY_HAND
    lines = [f"{reading}\t{surface}" for reading, surface in sorted(table.items())]
    head = "# Readings of offices' words and their usual spelling; made by training/answers/build_kana.py."
    KEPT.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def _texts() -> list[str]:
    rows = Path("training/retrieval/faq.tsv").read_text("utf-8").splitlines()
    passages = Path("training/answers/passages.jsonl").read_text("utf-8").splitlines()
    texts = [cell for row in rows for cell in row.split("\t")]
    texts += [" ".join(str(cell) for cell in json.loads(row).values()) for row in passages]
    texts += (DATA / "everyday.txt").read_text("utf-8").split()
    texts += re.split(r"[,\n]", (DATA / "synonyms.txt").read_text("utf-8"))
    return texts + [line.split("\t")[0] for line in (DATA / "glossary.tsv").read_text("utf-8").splitlines()]


def _runs(found: list[Token]) -> list[list[Token]]:
    """Compounds, and each word in them."""
    runs: list[list[Token]] = [[]]
    for token in found:
        joined = bool(runs[-1]) and runs[-1][-1].end == token.start
        if token.joins:
            runs[-1:] = [[*runs[-1], token]] if joined or not runs[-1] else [runs[-1], [token]]
        elif runs[-1]:
            runs.append([])
    compounds = [run for run in runs if run]
    return [*compounds, *([token] for run in compounds for token in run if len(run) > 1)]


def _hiragana(reading: str) -> str:
    return "".join(chr(ord(each) - 0x60) if "ァ" <= each <= "ヶ" else each for each in reading)


if __name__ == "__main__":
    main()
