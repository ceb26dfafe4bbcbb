"""``enishi retrieve`` with the real model, as its user would try it."""

import json
from pathlib import Path

import pytest
from training.retrieval.sets import read_sets

from enishi.knowledge.retrievalfile import RetrievalFileError, retrieve_files


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path, Path]:
    documents = [
        {"id": "kon", "title": "婚姻届", "text": "婚姻届は24時間受け付けています。"},
        {"id": "gomi", "text": "粗大ごみは電話で申し込み、処理券を貼って出してください。"},
        {
            "id": "law",
            "title": "地方自治法第二百五十二条の十四",
            "text": "協議により規約を定めて委託できる。",
        },
        {"id": 7, "text": "図書館の本は1人10冊まで2週間借りられます。"},
    ]
    return (
        lines(tmp_path / "d.jsonl", documents),
        lines(tmp_path / "q.jsonl", [{"id": "q1", "text": "古いソファを捨てたい"}]),
        tmp_path / "run.tsv",
    )


def lines(path: Path, rows: list) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def ranked(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        query, zero, document, rank, score, tag = line.split(" ")
        assert (zero, tag) == ("Q0", "enishi")
        assert int(rank) == len(found.setdefault(query, [])) + 1
        float(score)
        found[query].append(document)
    return found


def test_each_question_gets_its_documents_best_first(files, models):
    documents, questions, out = files
    lines(
        questions,
        [
            {"id": "a", "text": "古いソファを捨てたい"},
            {"id": "b", "text": "第252条の14とは"},
            {"id": "c", "text": "本は何冊まで"},
        ],
    )

    outcome = retrieve_files(documents, questions, out, top=2, models=models)

    best = {query: found[0] for query, found in ranked(out).items()}
    assert best == {"a": "gomi", "b": "law", "c": "7"}
    assert (outcome.documents, outcome.questions, outcome.rows) == (4, 3, 6)
    assert outcome.sentences == ()


def test_lines_that_cannot_be_read_are_told_with_their_number(files, models):
    documents, questions, out = files
    with documents.open("ab") as file:
        file.write(b'{"id": "x"\n[1, 2]\n\xff\xfe\n')
        file.write(json.dumps({"id": "kon", "text": "二度目"}).encode() + b"\n\n")
        file.write(json.dumps({"id": "empty", "text": " "}).encode() + b"\n")
        file.write(json.dumps({"id": "a b", "text": "空白"}).encode() + b"\n")
        file.write(json.dumps({"id": "long", "text": "粗大ごみ。" * 200_000}).encode() + b"\n")

    outcome = retrieve_files(documents, questions, out, models=models)

    assert [sentence.split(":")[0] for sentence in outcome.sentences] == [
        f"d.jsonl {number}行目" for number in (5, 6, 7, 8, 10, 11, 12)
    ]
    assert "前にもある" in outcome.sentences[3]
    assert set(ranked(out)["q1"]) == {"kon", "gomi", "law", "7", "long"}


def test_a_broken_run_goes_on_where_it_stood_and_says_the_same(files, models, tmp_path):
    documents, questions, out = files
    cache = tmp_path / "kept"

    class BrokenOffError(Exception):
        pass

    def break_off(done: int, total: int) -> None:
        if done == 3:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        retrieve_files(documents, questions, out, models=models, cache=cache, progress=break_off)
    assert not out.exists()

    retrieve_files(documents, questions, out, models=models, cache=cache)
    resumed = out.read_text("utf-8")
    retrieve_files(documents, questions, out, models=models)

    assert resumed == out.read_text("utf-8")


def test_a_file_without_one_good_line_is_refused_with_its_first_fault(files, models):
    documents, questions, out = files
    with documents.open("ab") as file:
        file.write(b"[]\n")
    questions.write_text("これはJSONではない\n", "utf-8")

    with pytest.raises(RetrievalFileError, match=r"質問が一つもありません.*q\.jsonl 1行目"):
        retrieve_files(documents, questions, out, models=models)

    assert not out.exists()


def test_a_cache_that_is_no_cache_is_refused(files, models, tmp_path):
    documents, questions, out = files
    cache = tmp_path / "other"
    cache.write_bytes(b"not a database" * 100)

    with pytest.raises(RetrievalFileError, match="続きの控えとして使えません"):
        retrieve_files(documents, questions, out, models=models, cache=cache)


def test_statutes_asked_in_an_offices_words_are_found(models, tmp_path):
    law = next(one for one in read_sets() if one.name == "法令・役所の言葉")
    rows = [
        {"id": key, "title": title, "text": text[:400]}
        for key, title, text in zip(law.ids[:40], law.titles, law.texts, strict=False)
    ]
    known = {row["id"] for row in rows}
    asked = [
        (question, next(iter(answer)))
        for question, answer in zip(law.questions, law.answers, strict=True)
        if answer <= known
    ][:20]
    out = tmp_path / "run.tsv"

    retrieve_files(
        lines(tmp_path / "d.jsonl", rows),
        lines(tmp_path / "q.jsonl", [{"id": at, "text": text} for at, (text, _key) in enumerate(asked)]),
        out,
        top=3,
        models=models,
    )

    found = ranked(out)
    hits = sum(answer == found[str(at)][0] for at, (_text, answer) in enumerate(asked))
    assert hits >= 16
