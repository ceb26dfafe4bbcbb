import csv
import json

import openpyxl
import pytest

from enishi.exchange.matchfile import HEADINGS, MatchFileError, match_files
from enishi.language.model_folder import prepare_model

CHALLENGES = [
    {"id": "c1", "text": "断水が続き、山あいの集落に飲み水が届かない。"},
    {"id": "c2", "text": "放課後に一人で過ごす子が多く、宿題を見る大人がいない。"},
]
RESOURCES = [
    {"id": "r1", "text": "水槽を積んだ車を30台持ち、飲み水を戸別に運べる運送会社。"},
    {"id": "r2", "text": "寺の本堂を学びの場に開き、学生が子どもの勉強を手伝う。"},
    {"id": "r3", "text": "古文書を写真に残し、郷土史の展示を組み立てる学芸員の集まり。"},
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    prepare_model(folder)
    return folder


def jsonl(path, rows):
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def table(path, rows, encoding):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def book(path, rows):
    sheets = openpyxl.Workbook()
    sheets.active.append(list(rows[0]))
    for row in rows:
        sheets.active.append(list(row.values()))
    sheets.save(path)
    return path


def ranked(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", ["jsonl", "utf-8", "utf-8-sig", "cp932", "xlsx"])
def test_every_kind_of_file_gives_the_same_ranking(tmp_path, models, kind):
    challenges = jsonl(tmp_path / "a.jsonl", CHALLENGES)
    if kind == "jsonl":
        resources = jsonl(tmp_path / "b.jsonl", RESOURCES)
    elif kind == "xlsx":
        resources = book(tmp_path / "b.xlsx", RESOURCES)
    else:
        resources = table(tmp_path / "b.csv", RESOURCES, kind)

    count = match_files(challenges, resources, tmp_path / "out.csv", top=2, models=models)

    rows = ranked(tmp_path / "out.csv")
    assert count == len(rows) == 4
    assert tuple(rows[0]) == HEADINGS
    assert [(row["challenge_id"], row["resource_id"]) for row in rows if row["rank"] == "1"] == [
        ("c1", "r1"),
        ("c2", "r2"),
    ]
    assert all(row["why"] == "" for row in rows)


def test_why_quotes_both_texts(tmp_path, models):
    challenges, resources = jsonl(tmp_path / "a.jsonl", CHALLENGES), jsonl(tmp_path / "b.jsonl", RESOURCES)

    match_files(challenges, resources, tmp_path / "out.csv", top=1, explain=True, models=models)

    assert "飲み水" in ranked(tmp_path / "out.csv")[0]["why"]


def test_metadata_is_used_when_it_is_there(tmp_path, models):
    extra = {"fields": "防災", "region": "千葉県", "window": "令和8年12月1日〜令和9年3月31日"}
    same = [RESOURCES[0] | {"id": "away", "fields": "観光", "region": "大阪府", "window": ""}]
    same.append(RESOURCES[0] | {"id": "here"} | extra)
    closed = RESOURCES[0] | {
        "id": "closed",
        "fields": "防災",
        "region": "全国",
        "window": "2020-01-01〜2020-03-31",
    }
    challenges = table(tmp_path / "a.csv", [CHALLENGES[0] | extra], "utf-8")
    resources = table(tmp_path / "b.csv", [*same, closed], "utf-8")

    match_files(challenges, resources, tmp_path / "out.csv", models=models)

    assert [row["resource_id"] for row in ranked(tmp_path / "out.csv")] == ["here", "away"]


FAULTS = {
    "empty": (b"", "空です"),
    "no rows": (b"id,text\n", "データの行がありません"),
    "no text": (b"id,name\n1,a\n", "列 text がありません"),
    "empty text": (b"id,text\n1,\n", "2行目: text が空です"),
    "twice": ("id,text\n1,水\n1,道\n".encode(), "2行目にもあります"),
    "encoding": (b"id,text\n1,\x81 \xfd ", "文字コード"),
    "json": (b'{"id": 1, "text": "a"}\n{oops', "2行目をJSONとして読めません"),
    "list": (b'{"id": 1, "text": "a"}\n[1]', "2行目は"),
    "window": ("id,text,window\n1,水,令和8年13月1日〜\n".encode(), "期間「令和8年13月1日〜」を読めません"),
    "broken book": (b"PK\x03\x04nothing", "壊れている"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_told_plainly(tmp_path, models, fault):
    content, sentence = FAULTS[fault]
    bad = tmp_path / "a.csv"
    bad.write_bytes(content)

    with pytest.raises(MatchFileError, match=sentence):
        match_files(bad, jsonl(tmp_path / "b.jsonl", RESOURCES), tmp_path / "out.csv", models=models)

    assert not (tmp_path / "out.csv").exists()


def test_a_missing_file_is_told_plainly(tmp_path, models):
    with pytest.raises(MatchFileError, match="読めません"):
        match_files(tmp_path / "none.csv", tmp_path / "none.csv", tmp_path / "out.csv", models=models)


def test_strange_signs_do_no_harm(tmp_path, models):
    strange = {"id": "x", "text": "\x00\ufdfa👨‍👩‍👧 <script>辻\U000e0100" * 50}
    challenges = jsonl(tmp_path / "a.jsonl", [*CHALLENGES, strange])

    match_files(
        challenges, jsonl(tmp_path / "b.jsonl", RESOURCES), tmp_path / "out.csv", explain=True, models=models
    )

    assert sum(row["challenge_id"] == "x" for row in ranked(tmp_path / "out.csv")) == 3
