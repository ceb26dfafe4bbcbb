"""Finding passages among very many, and reading PDF: how long, and how much memory.

    python -m bench.knowledge                 # a million passages
    python -m bench.knowledge --quick         # fifty thousand

The database is a new one in a folder of its own. Texts are put together from the sentences of the sets in training/, vectors
from the vectors of those sentences: words and meanings lie as they do in offices' texts, and a million need not wait nine hours for
the model. Everything from the question to the snippets is the product's own way.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.table import Row

if TYPE_CHECKING:
    from enishi.organizations.models import Organization

PASSAGES_A_DOCUMENT = 20
SENTENCES_A_PASSAGE = 3
TODAY = dt.date(2026, 11, 22)
PDF_PAGES = 10_000
_NOTE = "{}問(検索に使わなかったもの)のうち{}問に答え、ほかは断った"


def main() -> None:
    from bench.table import printed

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    print(printed(run(parser.parse_args().quick)))


def run(quick: bool) -> list[Row]:
    """The rows of ``make bench``. Runs in a process of its own, for it brings its own database."""
    if "django" in sys.modules and os.environ.get("ENISHI_BENCH_KNOWLEDGE") != "1":
        return _apart(f"k.run({quick})")
    count, pages = (50_000, 500) if quick else (1_000_000, PDF_PAGES)
    with tempfile.TemporaryDirectory(dir=os.environ.get("ENISHI_BENCH_FOLDER")) as folder:
        _set_up(Path(folder))
        read = _apart(f"k.reading({pages})")
        return [*_finding(count), *read]


def _apart(call: str) -> list[Row]:
    """The rows of a call in a process of its own, so that its memory is its own."""
    import json

    code = f"import json, bench.knowledge as k; print(json.dumps([vars(row) for row in {call}]))"
    environment = os.environ | {"ENISHI_BENCH_KNOWLEDGE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def _set_up(folder: Path, *, with_model: bool = True) -> None:
    models = os.environ.get("ENISHI_BENCH_MODELS")
    os.environ["ENISHI_DATA"] = str(folder)
    os.environ.pop("ENISHI_DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enishi.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from enishi.language.model_folder import prepare_model

    call_command("migrate", verbosity=0)
    if models:
        settings.MODEL_FOLDER = Path(models)
    if with_model:
        prepare_model(settings.MODEL_FOLDER, learnt=False)


# --- Finding -----------------------------------------------------------------------------------------------------------


def _finding(count: int) -> list[Row]:
    from training.retrieval.sets import read_sets

    sets = read_sets()
    asked = list(dict.fromkeys(question for one in sets for question in one.questions))
    questions, others = asked[::3], asked[1::3]
    people = _people()
    begun = time.perf_counter()
    _fill(count, _sentences([text for one in sets for text in one.texts]))
    filled = time.perf_counter() - begun
    spent = {name: _timed(person, questions) for name, person in people.items()}
    every, worked = np.concatenate(list(spent.values())).T
    exact = _exact(questions[:5])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = ", ".join(f"{name} {np.quantile(times[:, 0], 0.95) * 1000:.0f}" for name, times in spent.items())
    return [
        Row(
            f"資料の検索 {count:,}箇所(言葉+意味+抜き書き+公開範囲)",
            f"p50 {np.median(every) * 1000:.0f} ms, p95 {np.quantile(every, 0.95) * 1000:.0f} ms",
            "p95 ≤ 200 ms",
            f"全部を一つずつ比べると {exact * 1000:.0f} ms(意味だけ)",
            f"計算だけのp95 {np.quantile(worked, 0.95) * 1000:.0f} ms; 人ごとのp95: {shown}; 記憶 {memory:.0f} MiB; 用意 {filled:.0f}秒",
        ),
        *_answering(count, others),
    ]


def _people() -> dict[str, object]:
    from django.contrib.auth.models import AnonymousUser

    from enishi.accounts.models import Person
    from enishi.organizations.enums import OrganizationKind, Role
    from enishi.organizations.models import Membership, Organization, Section

    towns = [
        Organization.objects.create(kind=OrganizationKind.MUNICIPALITY, name=f"測定{number}市")
        for number in range(40)
    ]
    sections = [
        Section.objects.create(organization=town, name="企画課", valid_from=dt.date(2020, 4, 1))
        for town in towns
    ]
    found: dict[str, object] = {"訪問者": AnonymousUser()}
    for name, role in (("企画", Role.PLANNER), ("担当", Role.OFFICER)):
        person = Person.objects.create(email=f"{role.value}@example.jp", name=name)
        Membership.objects.create(
            person=person,
            organization=towns[0],
            section=sections[0],
            role=role,
            valid_from=dt.date(2020, 4, 1),
        )
        found[name] = person
    return found


def _sentences(texts: Sequence[str]) -> list[str]:
    from enishi.language.sentences import sentences

    found = dict.fromkeys(
        each.text for text in texts for each in sentences(text) if 12 <= len(each.text) <= 120
    )
    return list(found)[:4_000]


def _fill(count: int, sentences: list[str]) -> None:
    from django.utils import timezone

    from enishi.knowledge.documents import counters
    from enishi.knowledge.documents.enums import DocumentKind, ReadingState
    from enishi.knowledge.documents.index.building import SEGMENT_ROWS
    from enishi.knowledge.documents.index.embedders import embedder
    from enishi.knowledge.documents.models import Collection, Document, DocumentCounter, Passage
    from enishi.organizations.enums import Visibility
    from enishi.organizations.models import Organization, Section

    model = embedder()
    assert model is not None
    vectors = model.embed(sentences, side="passage")
    rng = np.random.default_rng(0)
    towns = list(Organization.objects.filter(name__startswith="測定").order_by("pk"))
    sections = {row.organization_id: row for row in Section.objects.all()}
    now = timezone.now()
    counters.draw()
    collections = {
        town.pk: Collection.objects.create(
            organization=town, name="測定", kind=DocumentKind.MINUTES, created_at=now, updated_at=now
        )
        for town in towns
    }
    circles = rng.choice(list(Visibility), size=count, p=[0.5, 0.15, 0.05, 0.25, 0.05])
    kinds = [kind.value for kind in DocumentKind]
    documents = []
    for number in range(count // PASSAGES_A_DOCUMENT):
        town = towns[number % len(towns)]
        documents.append(
            Document(
                collection=collections[town.pk],
                organization=town,
                section=sections[town.pk],
                visibility=circles[number],
                kind=kinds[number % len(kinds)],
                title=f"測定資料{number}",
                published_on=TODAY - dt.timedelta(days=int(rng.integers(0, 4_000))),
                valid_to=TODAY - dt.timedelta(days=1) if number % 17 == 0 else None,
                state=ReadingState.READY,
                created_at=now,
                updated_at=now,
                sequence=1,
            )
        )
    Document.objects.bulk_create(documents, batch_size=2_000)
    DocumentCounter.objects.filter(name=counters.DOCUMENTS).update(value=1)
    keys = list(Document.objects.order_by("pk").values_list("pk", flat=True))
    shelf = []
    for start in range(0, count, SEGMENT_ROWS):
        size = min(SEGMENT_ROWS, count - start)
        chosen = rng.integers(0, len(sentences), (size, SENTENCES_A_PASSAGE))
        meanings = vectors[chosen].mean(axis=1) + 0.02 * rng.standard_normal((size, vectors.shape[1]))
        meanings = (meanings / np.linalg.norm(meanings, axis=1, keepdims=True)).astype(np.float32)
        rows = [
            Passage(
                document_id=keys[(start + row) // PASSAGES_A_DOCUMENT],
                order=(start + row) % PASSAGES_A_DOCUMENT + 1,
                start=0,
                end=1,
                text="".join(sentences[at] for at in chosen[row]),
                content_hash="",
                embedder=model.name,
                vector=meanings[row].astype("<f2").tobytes(),
            )
            for row in range(size)
        ]
        Passage.objects.bulk_create(rows, batch_size=2_000)
        shelf.append(
            _shelved(
                start,
                [keys[(start + row) // PASSAGES_A_DOCUMENT] for row in range(size)],
                chosen,
                sentences,
                meanings,
                model.name,
            )
        )
        print(f"  {start + size:,} / {count:,}", file=sys.stderr, flush=True)
    from enishi.knowledge.documents.index import store as stores

    epoch, _sequence = counters.read_counters()
    stores.write_manifest(epoch, shelf)


_words: dict[str, list[str]] = {}


def _shelved(start, owners, chosen, sentences, meanings, name):  # type: ignore[no-untyped-def]
    """As the worker shelves it; the words of each sentence are looked up once."""
    from enishi.foundation import shelves
    from enishi.knowledge.documents.index.store import Said, Shelf, folder, segment_of
    from enishi.knowledge.documents.models import Passage
    from enishi.language.retrieval_inputs import words_of

    for sentence in sentences:
        if sentence not in _words:
            _words[sentence] = words_of(sentence)
    last = Passage.objects.order_by("-pk").values_list("pk", flat=True)[0]
    first = last - len(owners) + 1
    said = [
        Said(
            first + row,
            owners[row],
            [word for at in chosen[row] for word in _words[sentences[at]]],
            meanings[row],
            name,
        )
        for row in range(len(owners))
    ]
    segment = segment_of(said, name)
    shelved = shelves.shelve(folder(), segment.arrays(), rows=len(segment))
    return Shelf(shelved, first, last, name, 0)


def _timed(person: object, questions: Sequence[str]) -> np.ndarray:
    from enishi.knowledge.documents import selectors

    for question in questions[:3]:
        selectors.find(person, question, limit=20, on=TODAY)
    times = []
    for question in questions:
        begun, worked = time.perf_counter(), time.process_time()
        found = selectors.find(person, question, limit=20, on=TODAY)
        times.append((time.perf_counter() - begun, time.process_time() - worked))
        assert len(found) == 20
    return np.array(times)


def _answering(count: int, questions: Sequence[str]) -> list[Row]:
    """Question to cited extractive answer or refusal, all of it; no answer is approved, so that documents must give it.

    Passages are put together from sentences of many texts, so that most questions are refused: after the same work. Then four towns'
    questions and answers are put on the shelf as documents, and what residents ask of them is asked: these are given answers.
    """
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from enishi.knowledge.answers.asking import Question, ask
    from enishi.organizations.models import Organization

    town = Organization.objects.filter(name__startswith="測定").order_by("pk")[0]

    def asked(texts: Sequence[str]) -> np.ndarray:
        """Wall and worked milliseconds of each question, and whether it was given a cited answer."""
        found = []
        for text in texts:
            begun, worked = time.perf_counter(), time.process_time()
            reply = ask(
                Question(text, AnonymousUser(), [town], everywhere=True), at=timezone.now(), keeps=False
            )
            spent = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
            found.append((*spent, reply.is_answered and all(one.cite is not None for one in reply.sentences)))
        return np.array(found, float)

    asked(["窓口はどこですか。"])
    every = asked(questions[:200])
    fresh = asked(_planted(town))
    given = fresh[fresh[:, 2] > 0]
    return [
        _spent(
            f"質問から、出典付きの答えか断りまで({count:,}箇所の資料から)",
            every,
            _NOTE.format(len(every), int(every[:, 2].sum())),
        ),
        _spent(
            "同じ、答えた問いだけ",
            given,
            f"四つの町の資料222件を足し、住民の問い{len(fresh)}問のうち{len(given)}問に答えた",
        ),
    ]


def _spent(name: str, rows: np.ndarray, note: str) -> Row:
    if not len(rows):
        return Row(name, "該当なし", "p95 ≤ 700 ms", note=note)
    wall, worked = rows[:, 0], rows[:, 1]
    return Row(
        name,
        f"p50 {np.median(wall):.0f} ms, p95 {np.quantile(wall, 0.95):.0f} ms",
        "p95 ≤ 700 ms",
        note=f"計算だけのp95 {np.quantile(worked, 0.95):.0f} ms; {note}",
    )


def _planted(town: Organization) -> list[str]:
    """Four fresh towns' questions and answers as documents, a document each; returns what residents ask of them."""
    from django.utils import timezone
    from training.answers import sets

    from enishi.accounts.models import Person
    from enishi.knowledge.documents import services
    from enishi.organizations.enums import Role, Visibility
    from enishi.organizations.models import Membership

    at = timezone.now()
    writer = Person.objects.create(email="planted@example.org", name="測定 植")
    Membership.objects.create(person=writer, organization=town, role=Role.PLANNER, valid_from=TODAY)
    towns = [*sets.fresh("learnt"), *sets.fresh("held")]
    collection = services.create_collection(
        organization=town,
        values={"name": "よくある質問", "kind": "faq", "visibility": Visibility.PUBLIC, "section": None},
        actor=writer,
        at=at,
    )
    for one in towns[:4]:
        for text in one.texts:
            services.add_text(
                collection=collection, title=text.context, text=text.text, actor=writer, at=at, values=None
            )
    return [row.text for one in towns for row in one.questions if row.is_answerable]


def _exact(questions: Sequence[str]) -> float:
    """Comparing the question with every vector, one by one: the plain way."""
    from enishi.knowledge.documents.index.embedders import embedder
    from enishi.knowledge.documents.index.store import store

    model = embedder()
    assert model is not None
    segments = [segment for group in store.standing().passages.values() for segment in group.segments]
    begun = time.perf_counter()
    for question in questions:
        (vector,) = model.embed([question], side="query")
        for segment in segments:
            near = segment.vectors.astype(np.float32) @ vector
            np.argpartition(-near, 20)[:20]
    return (time.perf_counter() - begun) / len(questions)


# --- Reading -----------------------------------------------------------------------------------------------------------


def reading(pages: int) -> list[Row]:
    """The worker's job over files of a thousand pages: letters, columns, passages, tables. Runs in a process of its own.

    What the passages mean is read afterwards by another job, a few texts at a time; its memory is that of the model.
    """
    with tempfile.TemporaryDirectory(dir=os.environ.get("ENISHI_BENCH_FOLDER")) as folder:
        _set_up(Path(folder), with_model=False)
        return _reading(pages)


def _reading(pages: int) -> list[Row]:
    from django.utils import timezone

    from enishi.foundation.models import Job
    from enishi.knowledge.documents import readings, services
    from enishi.knowledge.documents.enums import DocumentKind
    from enishi.knowledge.documents.models import Passage

    person = _people()["企画"]
    town = person.memberships.get().organization  # type: ignore[attr-defined]
    now = timezone.now()
    values = {"name": "測定", "kind": DocumentKind.PLAN}
    collection = services.create_collection(organization=town, values=values, actor=person, at=now)  # type: ignore[arg-type]
    path = Path(os.environ["ENISHI_DATA"], "thick.pdf")
    # By another process: putting so many pages together takes more memory than reading them.
    make = "import sys, bench.knowledge as k; k.write_thick_pdf(sys.argv[1], int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", make, str(path), str(min(1_000, pages))], check=True)
    content = path.read_bytes()
    for number in range(-(-pages // 1_000)):
        # Another file each time: what stands behind the end of a PDF is nobody's concern.
        own = content + f"\n%{number}\n".encode()
        services.add_file(collection=collection, name=f"{number}.pdf", content=own, actor=person, at=now)  # type: ignore[arg-type]
    job = Job.objects.create(kind=readings.READING, title="測定", created_at=now)
    before, highest = _memory(os.getpid()), 0.0

    def tell(*_told: object) -> None:
        nonlocal highest
        highest = max([highest, *map(_memory, _children())])

    begun, worked = time.perf_counter(), sum(os.times()[:4])
    done = readings.read_waiting(job, tell)  # type: ignore[arg-type]
    # Of this process and of those it started, which take turns with it.
    spent, worked = time.perf_counter() - begun, sum(os.times()[:4]) - worked
    own_peak = _memory(os.getpid())
    assert done["failed"] == 0, done
    return [
        Row(
            f"PDF {done['pages']:,}ページを仕事として読み取り、{Passage.objects.count():,}箇所に切って登録する",
            f"{done['pages'] / spent:.0f} ページ/秒",
            "記憶 ≤ 1.5 GiB",
            note=f"計算だけなら {done['pages'] / worked:.0f} ページ/秒; 最大の記憶: 仕事 {own_peak:.0f} MiB(始める前 {before:.0f})、PDFを開く子 {highest:.0f} MiB。測る過程は検索と別",
        )
    ]


def _memory(process: int) -> float:
    """The most a process has held (MiB). What ``getrusage`` tells comes down from whoever started the process."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return float(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 1024 if "VmHWM" in told else 0.0


def _children() -> list[int]:
    return [
        int(each) for path in Path("/proc/self/task").glob("*/children") for each in path.read_text().split()
    ]


def write_thick_pdf(path: str, pages: int) -> None:
    import pypdfium2

    sample = Path(__file__).parents[1] / "tests/knowledge/documents/data/columns_and_vertical.pdf"
    source = pypdfium2.PdfDocument(sample)
    made = pypdfium2.PdfDocument.new()
    while len(made) < pages:
        made.import_pages(source)
    made.save(path)


if __name__ == "__main__":
    main()
