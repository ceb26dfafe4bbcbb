"""Answers: right, supported, refused, and how quickly; on the labelled set of ``training/answers`` by cross-validation, and on
the question set of the demo, which nothing was learnt from."""

import json
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
from training.answers import labelled, learn, sets

from bench.table import Row
from enishi.knowledge.answers import calculations
from enishi.knowledge.answers.calculations import Found
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model
from enishi.language.normalising import normalise
from enishi.language.tokens import content_words

SLOWEST_MS = 700


def run(quick: bool = False) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        embedder = LocalEmbedder(prepare_model(Path(folder), learnt=False), threads=2)
        vectors = Vectors(embedder)
        return [
            *_labelled(),
            *_kept_back(vectors),
            *_towns(vectors, sets.held(), "三つの町"),
            *_towns(vectors, sets.fresh("held"), "新しい四つの町"),
            *_towns(vectors, sets.walked("second"), "紛らわしい隣のある三つの町"),
            *_speed(Vectors(embedder), quick),
        ]


def _labelled() -> list[Row]:
    """Every question judged by a model that has not seen its topic."""
    everything = learn.tried()
    rows = [each for each in everything if each.choice.refused in ("", "unsure")]
    sure = learn.out_of_fold(rows)
    kept = calculations.calibration()
    given = [each for each, value in zip(rows, sure, strict=True) if value >= kept.threshold_for(each.asked)]
    right = sum(each.is_right for each in given)
    texts = {row.id: row.text for row in labelled.passages()}
    supported = [ok for each in given for ok in labelled.is_supported(each.choice, texts)]
    answerable = sum(each.row.is_answerable for each in everything)
    refused = answerable - sum(each.row.is_answerable for each in given)
    wrongly = sum(not each.row.is_answerable for each in given)
    note = f"{len(everything)}問、66箇所、話題ごとの交差検証"
    return [
        Row("答えたうち正しい", _share(right, len(given)), "97%以上", note=note),
        Row("引いた箇所に裏付けられた文", _share(sum(supported), len(supported)), "99%以上", note="一文ごと"),
        Row("答えのある質問を断った", _share(refused, answerable), "", note="断る率"),
        Row(
            "答えのない質問に答えた",
            _share(wrongly, len(everything) - answerable),
            "",
            note="近い質問・よその町・個人・偽り",
        ),
    ]


def _kept_back(vectors: Vectors) -> list[Row]:
    """The demo's approved answers and its question set: written apart from what was learnt."""
    folder = files("enishi.config.demo")
    answers = [row for row in _rows(folder, "answers") if row["organization"] == "aoba"]
    found = [
        Found(str(place), str(place), row["answer"], " ".join([row["question"], *row["others"]]), whole=True)
        for place, row in enumerate(answers)
    ]
    matrix = vectors.embedder.embed([f"{one.context} {one.text}" for one in found], side="passage")
    words = [frozenset(content_words(f"{one.context} {one.text}")) for one in found]
    tally = {"right": 0, "wrong": 0, "refused": 0, "declined": 0}
    for row in _rows(folder, "answer_questions"):
        question = calculations.asked(row["question"], own_names=labelled.OWN, language=row["language"])
        asked = calculations.words_to_search(question)
        near = matrix @ vectors.question(asked)
        near = (near - near.min()) / max(float(near.max() - near.min()), 1e-9)
        mine = frozenset(content_words(asked))
        held = np.array([len(mine & each) / max(len(mine), 1) for each in words])
        best = [found[place] for place in np.argsort(-(near + 0.7 * held), kind="stable")[:4]]
        choice = calculations.answer(question, best, vectors)
        text = normalise("".join(one.text for one in choice.sentences)).replace(" ", "")
        if choice.is_answered:
            tally[
                "right" if row["must"] and normalise(row["must"]).replace(" ", "") in text else "wrong"
            ] += 1
        else:
            tally["refused" if row["must"] else "declined"] += 1
    given = tally["right"] + tally["wrong"]
    answerable = sum(bool(row["must"]) for row in _rows(folder, "answer_questions"))
    return [
        Row(
            "取っておいた問題集: 答えたうち正しい",
            _share(tally["right"], given),
            "97%以上",
            note="見本の承認済み回答60件と56問",
        ),
        Row("取っておいた問題集: 答えのある質問を断った", _share(tally["refused"], answerable)),
    ]


def _towns(vectors: Vectors, towns: list[sets.QuestionSet], name: str) -> list[Row]:
    """Questions nothing was learnt on: answered, right, and near enough to be shown."""
    rows = [each for one in towns for each in sets.tried(one, vectors)]
    given = [each for each in rows if each.choice.is_answered]
    answerable = [each for each in rows if each.row.is_answerable]
    answered = sum(each.is_right and each.choice.is_answered for each in answerable)
    shown = sum(
        (each.is_right and each.choice.is_answered)
        or bool({int(key) for key in each.choice.offered} & each.row.right)
        for each in answerable
    )
    note = f"{len(rows)}問。三分の一は答えがなく、紛らわしい"
    wrongly = sum(each.choice.is_answered and not each.row.is_answerable for each in rows)
    return [
        Row(
            f"取っておいた{name}: 答えたうち正しい",
            _share(sum(each.is_right for each in given), len(given)),
            "97%以上",
            note=note,
        ),
        Row("同じ: 答えのある質問に正しく答えた", _share(answered, len(answerable))),
        Row("同じ: 正しく答えたか、示した三つの中にある", _share(shown, len(answerable))),
        Row("同じ: 答えのない質問に答えた", _share(wrongly, len(rows) - len(answerable))),
    ]


def _speed(vectors: Vectors, quick: bool) -> list[Row]:
    """Question to cited answer, as a fresh process meets it: no sentence of a passage is remembered."""
    collection = labelled.Collection(vectors)
    questions = [row for row in labelled.questions() if row.is_answerable][: 40 if quick else 150]
    calculations.answer(*_asked(collection, questions[0].question), vectors)
    cold, warm, worked = [], [], []
    for row in questions:
        for times, fresh in ((cold, Vectors(vectors.embedder)), (warm, vectors)):
            fresh.background()
            begun, used = time.perf_counter(), time.process_time()
            question, found = _asked(collection, row.question)
            calculations.answer(question, found, fresh)
            times.append((time.perf_counter() - begun) * 1000)
            if times is cold:
                worked.append((time.process_time() - used) * 1000)
    return [
        Row(
            "質問から出典付きの答えまで p95",
            f"{np.percentile(cold, 95):.0f} ms",
            f"{SLOWEST_MS} ms以下",
            note="文の記憶なし、2コア",
        ),
        Row(
            "同じ、計算機が働いた時間 p95",
            f"{np.percentile(worked, 95):.0f} ms",
            note="ほかの仕事に待たされた分を除く",
        ),
        Row("同じ、よく聞かれる箇所で p95", f"{np.percentile(warm, 95):.0f} ms", note="文の記憶あり"),
    ]


def _asked(collection: labelled.Collection, text: str):
    question = calculations.asked(text, own_names=labelled.OWN)
    return question, collection.find(calculations.words_to_search(question))


def _rows(folder, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}% ({part}/{whole})" if whole else "該当なし"
