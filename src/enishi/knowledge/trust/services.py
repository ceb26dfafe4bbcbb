"""Question sets and the nightly test of the answers."""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import jobs, trail
from enishi.foundation.access import Actor
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.forms import clean_text
from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.knowledge.answers import asking, machines
from enishi.knowledge.answers.access import may_run
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.enums import Channel, SpokenLanguage
from enishi.knowledge.answers.replies import Reply
from enishi.knowledge.models import Collection, QuestionSet, TestQuestion, TestResult, TestRun
from enishi.knowledge.staff.access import WHOLE_ORGANIZATION
from enishi.knowledge.staff.errors import NotRestorableError, RefusedError
from enishi.knowledge.trust.models import Verdict
from enishi.language.checking import supported
from enishi.language.normalising import normalise
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Membership, Organization

JOB = "knowledge.trust"
MOST_QUESTIONS = 1_000
RUNS_KEPT = 400
NARROW = (Visibility.SECTION, Visibility.PARTIES)
_MUST_REFUSE = frozenset(("断る", "(断る)", "（断る）", "回答しない", "-", "―", "ー", "—"))
_ALIKE = {
    "question": ("質問", "質問文", "問い", "問", "question", "q"),
    "must": ("答えに必ず含む言葉", "正解", "答え", "回答", "must", "answer"),
    "language": ("言語", "language", "lang"),
}


@transaction.atomic
def create_set(
    *,
    organization: Organization,
    name: str,
    collection: Collection | None,
    content: bytes,
    actor: Person,
    at: dt.datetime,
) -> QuestionSet:
    """Make a question set of a sheet: question, words the answer must hold (empty: must be refused), language."""
    _require(actor, organization.pk)
    name = clean_text(name).strip()[:100]
    if not name:
        raise RefusedError(_("問題集の名前を書いてください。"))
    if QuestionSet.objects.filter(organization=organization, name=name).exists():
        raise RefusedError(
            _("「%(name)s」という問題集はもうあります。別の名前にしてください。") % {"name": name}
        )
    if collection is not None and collection.visibility in NARROW:
        raise RefusedError(_("課内や当事者だけの資料集は選べません。結果は団体の中のだれもが見るからです。"))
    rows = read_questions(content)
    made = QuestionSet.objects.create(
        organization=organization, collection=collection, name=name, created_at=at
    )
    _fill(made, rows)
    trail.record(trail.Act(actor, "create", made, at, organization.pk))
    return made


@transaction.atomic
def replace_questions(*, set_id: int, content: bytes, actor: Person, at: dt.datetime) -> QuestionSet:
    """Put another sheet in the place of the questions; earlier results stay."""
    kept = QuestionSet.objects.select_for_update().get(pk=set_id)
    _require(actor, kept.organization_id)
    rows = read_questions(content)
    kept.questions.all().delete()
    _fill(kept, rows)
    trail.record(trail.Act(actor, "import", kept, at, kept.organization_id))
    return kept


@transaction.atomic
def publish_set(*, set_id: int, published: bool, actor: Person, at: dt.datetime) -> QuestionSet:
    """Show the results to everybody, or no more."""
    kept = QuestionSet.objects.select_for_update().get(pk=set_id)
    _require(actor, kept.organization_id)
    if published and is_inside(kept):
        raise RefusedError(_("公開していない資料集の問題集は、結果を公開できません。"))
    if kept.is_published != published:
        kept.is_published = published
        kept.save(update_fields=["is_published"])
        changes = {"is_published": (not published, published)}
        trail.record(
            trail.Act(actor, "publish" if published else "revoke", kept, at, kept.organization_id, changes)
        )
    return kept


@transaction.atomic
def delete_set(*, set_id: int, actor: Person, at: dt.datetime) -> None:
    """Throw a set away with its results; it comes back for 30 days."""
    kept = QuestionSet.objects.select_for_update().get(pk=set_id)
    _require(actor, kept.organization_id)
    kept.deleted_at = at
    kept.save(update_fields=["deleted_at"])
    trail.record(trail.Act(actor, "delete", kept, at, kept.organization_id))


@transaction.atomic
def restore_set(*, set_id: int, actor: Person, at: dt.datetime) -> QuestionSet:
    kept = QuestionSet.everything.select_for_update().get(pk=set_id)
    _require(actor, kept.organization_id)
    if kept.deleted_at is None or at - kept.deleted_at > RESTORABLE:
        raise NotRestorableError
    if QuestionSet.objects.filter(organization=kept.organization_id, name=kept.name).exists():
        raise RefusedError(
            _("「%(name)s」という問題集がもうあります。先にそちらを消してください。") % {"name": kept.name}
        )
    kept.deleted_at = None
    kept.save(update_fields=["deleted_at"])
    trail.record(trail.Act(actor, "restore", kept, at, kept.organization_id))
    return kept


def start_run(*, set_id: int, actor: Person, at: dt.datetime) -> Job:
    """Try the answers now, in the background."""
    kept = QuestionSet.objects.get(pk=set_id)
    _require(actor, kept.organization_id)
    return jobs.start(
        kind=JOB,
        title=_("答えの確かさを調べる: %(name)s") % {"name": kept.name},
        person=actor,
        arguments={"set": kept.pk},
        at=at,
    )


@jobs.work(JOB)
def _work(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    kept = QuestionSet.objects.filter(pk=job.arguments["set"]).first()
    if kept is None:
        raise jobs.JobRefusedError(_("問題集がなくなっています。"))
    run = run_set(kept, at=timezone.now(), progress=progress)
    if run is None:
        raise jobs.JobRefusedError(
            _("言語モデルの用意ができていません。管理者に「enishi setup」を頼んでください。")
        )
    return {"run": run.pk, "right": run.right, "wrong": run.wrong}


def nightly(at: dt.datetime) -> int:
    """Try every set. Returns how many were tried."""
    return sum(run_set(kept, at=at) is not None for kept in QuestionSet.objects.order_by("pk"))


def run_set(kept: QuestionSet, *, at: dt.datetime, progress: jobs.Progress | None = None) -> TestRun | None:
    """Ask every question as those would for whom the documents are, and keep what came of it; nothing without a model."""
    opened = machines.vectors()
    if opened is None:
        return None
    questions, asker = list(kept.questions.all()), asker_of(kept, at)
    tried: list[tuple[TestQuestion, Reply, Verdict]] = []
    for number, question in enumerate(questions, start=1):
        reply = ask_as_reader(kept, question, asker, at)
        tried.append((question, reply, verdict_of(question, reply)))
        if progress is not None:
            progress(number, len(questions), question.question)
    return _keep(kept, tried, opened.embedder.name, at)


def is_inside(kept: QuestionSet) -> bool:
    """Whether the documents it asks are not for residents."""
    return kept.collection is not None and kept.collection.visibility != Visibility.PUBLIC


def asker_of(kept: QuestionSet, at: dt.datetime) -> Actor:
    """A resident; for documents that only the house reads, one of those who answer for the whole house."""
    if not is_inside(kept):
        return AnonymousUser()
    people = Membership.objects.current(timezone.localdate(at)).filter(
        organization=kept.organization, role__in=WHOLE_ORGANIZATION
    )
    first = people.select_related("person").order_by("pk").first()
    return first.person if first is not None else AnonymousUser()


def ask_as_reader(kept: QuestionSet, question: TestQuestion, asker: Actor, at: dt.datetime) -> Reply:
    return asking.ask(
        Question(
            question.question,
            asker,
            [kept.organization],
            language=question.language,
            channel=Channel.STAFF if is_inside(kept) else Channel.CONCIERGE,
            collection=kept.collection,
        ),
        at=at,
        keeps=False,
    )


def verdict_of(question: TestQuestion, reply: Reply) -> Verdict:
    """Right: answered, and every word that must be there is. Compared in one spelling."""
    if not reply.is_answered:
        return Verdict.REFUSED if question.parts else Verdict.RIGHTLY_REFUSED
    if not question.parts:
        return Verdict.WRONG
    # The Japanese behind a translation counts too: the words of the sheet are Japanese.
    told = " ".join(told.text for told in reply.sentences) + (reply.answer.answer if reply.answer else "")
    text = normalise(told).replace(" ", "")
    return Verdict.RIGHT if all(_holds(text, part) for part in question.parts) else Verdict.WRONG


def _holds(text: str, part: str) -> bool:
    """Whether the words are there; 「500円」 is not in 「1,500円」."""
    wanted = re.escape(normalise(part).replace(" ", ""))
    return bool(re.search(rf"(?<!\d)(?<!\d[.,]){wanted}" if wanted[:1].isdigit() else wanted, text))


@transaction.atomic
def _keep(
    kept: QuestionSet, tried: list[tuple[TestQuestion, Reply, Verdict]], embedder: str, at: dt.datetime
) -> TestRun:
    counts = Counter(verdict for _question, _reply, verdict in tried)
    sentences = [
        told for _question, reply, _verdict in tried if reply.is_answered for told in reply.sentences
    ]
    unsupported = sum(
        not supported(told.text, told.cite.quote).is_supported
        for told in sentences
        if told.cite is not None and told.cite.quote
    )
    run = TestRun.objects.create(
        question_set=kept,
        at=at,
        total=len(tried),
        right=counts[Verdict.RIGHT],
        wrong=counts[Verdict.WRONG],
        refused=counts[Verdict.REFUSED],
        rightly_refused=counts[Verdict.RIGHTLY_REFUSED],
        sentences=len(sentences),
        unsupported=unsupported,
        embedder=embedder[:120],
    )
    TestResult.objects.filter(run__question_set=kept).exclude(run=run).delete()
    TestResult.objects.bulk_create(
        [
            TestResult(
                run=run,
                question=question,
                verdict=verdict,
                answer=" ".join(told.text for told in reply.sentences)[:2_000],
                confidence=reply.confidence,
            )
            for question, reply, verdict in tried
        ]
    )
    old = TestRun.objects.filter(question_set=kept).order_by("-at", "-pk").values_list("pk", flat=True)
    TestRun.objects.filter(pk__in=list(old[RUNS_KEPT:])).delete()
    return run


def read_questions(content: bytes) -> list[tuple[str, str, str]]:
    """Question, words it must hold, language: as the sheet says. Raises with row and reason."""
    table = read_table(content, max_rows=MOST_QUESTIONS, is_heading=lambda cell: _column_of(cell) is not None)
    columns = _columns(table.headings)
    if "question" not in columns or "must" not in columns:
        raise UnreadableTableError(_("見出し「質問」と「答えに必ず含む言葉」を1行目に置いてください。"))
    names = {str(label): value for value, label in SpokenLanguage.choices}
    rows: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for row in table.rows:
        question = clean_text(row.cells[columns["question"]]).strip()
        must = clean_text(row.cells[columns["must"]], lines=True).strip()
        language = row.cells.get(columns.get("language", ""), "").strip() or "ja"
        language = names.get(language, language)
        if _is_note(question, must):
            continue
        if must in _MUST_REFUSE:
            must = ""
        if not question or len(question) > 300 or len(must) > 1_000:
            raise UnreadableTableError(
                _("%(row)d行目: 質問は1〜300文字、必ず含む言葉は1,000文字までで書いてください。")
                % {"row": row.number}
            )
        if language not in SpokenLanguage.values:
            raise UnreadableTableError(
                _("%(row)d行目の言語「%(value)s」は使えません。ja, ja-easy, en, zh, ko, vi のどれかです。")
                % {"row": row.number, "value": language[:20]}
            )
        if question in seen:
            raise UnreadableTableError(_("%(row)d行目の質問は、前にもあります。") % {"row": row.number})
        seen.add(question)
        rows.append(
            (question, "\n".join(part.strip() for part in must.replace("|", "\n").splitlines()), language)
        )
    if not rows:
        raise UnreadableTableError(_("質問が一つもありません。"))
    return rows


def _is_note(question: str, must: str) -> bool:
    """A line under the table or between its parts: it asks nothing."""
    return not must and (not question or question.startswith(("※", "注", "＊", "*", "備考")))


def _columns(headings: Iterable[str]) -> dict[str, str]:
    """Which heading holds what; of two that could be meant, the more exact one: 「答え」 only where nothing says it better."""
    plain = {_plain(heading): heading for heading in headings}
    found = {name: next((plain[way] for way in ways if way in plain), "") for name, ways in _ALIKE.items()}
    return {name: heading for name, heading in found.items() if heading}


def _column_of(heading: str) -> str | None:
    return next((name for name, ways in _ALIKE.items() if _plain(heading) in ways), None)


def _plain(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).replace(" ", "").lower()


def _fill(kept: QuestionSet, rows: list[tuple[str, str, str]]) -> None:
    TestQuestion.objects.bulk_create(
        [
            TestQuestion(question_set=kept, question=question, must=must, language=language, order=order)
            for order, (question, must, language) in enumerate(rows)
        ]
    )


def _require(actor: Person, organization_id: int) -> None:
    if not may_run(actor, organization_id):
        raise RefusedError(_("問題集を扱えるのは、団体の管理職・企画・管理者です。"))
