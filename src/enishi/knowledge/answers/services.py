"""Everything that writes approved answers: made, rewritten, sent for approval, approved, reviewed, translated."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.knowledge.answers import machines, readings
from enishi.knowledge.answers.access import answer_access, may_run
from enishi.knowledge.answers.enums import AnswerStatus, ClusterStatus, SpokenLanguage
from enishi.knowledge.answers.search import index_later
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer, ModelLimit, QuestionCluster
from enishi.knowledge.staff import keeping
from enishi.knowledge.staff.errors import RefusedError
from enishi.language.checking import numbers_kept
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Organization

REVIEWED_EVERY = dt.timedelta(days=365)


@dataclass(frozen=True)
class AnswerValues:
    """What a person writes of an answer."""

    question: str
    answer: str
    review_on: dt.date
    other_questions: str = ""
    category: str = ""
    section_id: int | None = None
    visibility: str = Visibility.PUBLIC
    owner_id: int | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    sources: list[Mapping[str, Any]] = field(default_factory=list)
    source_documents: Sequence[int] | None = None
    """Documents it rests on; ``None`` leaves them as they are."""


@transaction.atomic
def create_answer(
    *,
    organization: Organization,
    values: AnswerValues,
    actor: Person,
    at: dt.datetime,
    import_key: str = "",
    cluster_id: int | None = None,
    is_demo: bool = False,
) -> ApprovedAnswer:
    """Write an answer down as a draft; ``cluster_id``: the questions it is to answer."""
    answer = ApprovedAnswer(
        organization=organization, author=actor, import_key=import_key, is_demo=is_demo, owner=actor
    )
    _assign(answer, values)
    keeping.begin(answer, access=answer_access, actor=actor, at=at)
    if values.source_documents:
        answer.source_documents.set(values.source_documents)
    if cluster_id is not None:
        clusters = QuestionCluster.objects.filter(pk=cluster_id, organization=organization)
        clusters.update(answer=answer, status=ClusterStatus.ANSWERED)
    _read_later(answer)
    return answer


@transaction.atomic
def edit_answer(
    *, answer_id: int, values: AnswerValues, version: int | None, actor: Person, at: dt.datetime
) -> ApprovedAnswer:
    """Rewrite an answer. Its author is now this person, and it waits to be approved again."""
    answer, before = keeping.open_for_change(
        ApprovedAnswer, answer_id, access=answer_access, actor=actor, version=version
    )
    words = (answer.question, answer.answer)
    _assign(answer, values)
    if words != (answer.question, answer.answer):
        _unapprove(answer, actor)
    note = _rest_on(answer, values.source_documents) if values.source_documents is not None else ""
    keeping.save(answer, "edit", before, actor=actor, at=at, note=note)
    _read_later(answer)
    return answer


@transaction.atomic
def submit_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    """Ask for approval."""
    answer, before = keeping.open_for_change(ApprovedAnswer, answer_id, access=answer_access, actor=actor)
    if answer.status not in (AnswerStatus.DRAFT, AnswerStatus.WITHDRAWN):
        raise RefusedError(_("承認を頼めるのは、下書きか取り下げた回答です。"))
    answer.status = AnswerStatus.WAITING
    keeping.save(answer, "submit", before, actor=actor, at=at)
    index_later(answer)
    return answer


@transaction.atomic
def approve_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    """Stand for an answer somebody else wrote."""
    answer = keeping.locked(ApprovedAnswer, answer_id)
    if answer.author_id == actor.pk:
        raise RefusedError(_("自分が書いた回答は承認できません。課のほかの人か、上司に頼んでください。"))
    answer_access.require(actor, "approve", answer)
    if answer.status != AnswerStatus.WAITING or answer.deleted_at is not None:
        raise RefusedError(_("承認できるのは、承認待ちの回答です。"))
    before = trail.values(answer)
    answer.status = AnswerStatus.APPROVED
    answer.approver, answer.approved_at = actor, at
    today = timezone.localdate(at)
    if answer.review_on <= today:
        answer.review_on = today + REVIEWED_EVERY
    answer.reminded_on = None
    keeping.save(answer, "approve", before, actor=actor, at=at)
    _read_later(answer)
    return answer


@transaction.atomic
def send_back_answer(*, answer_id: int, reason: str, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    """Return an answer to its author with a reason."""
    answer = keeping.locked(ApprovedAnswer, answer_id)
    answer_access.require(actor, "approve", answer)
    if answer.status != AnswerStatus.WAITING:
        raise RefusedError(_("差し戻せるのは、承認待ちの回答です。"))
    reason = clean_text(reason).strip()
    if not reason:
        raise RefusedError(_("差し戻す理由を書いてください。書いた人が直す手がかりになります。"))
    before = trail.values(answer)
    answer.status = AnswerStatus.DRAFT
    keeping.save(answer, "send_back", before, actor=actor, at=at, note=reason)
    return answer


@transaction.atomic
def withdraw_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    """Stop answering with it, at once."""
    answer, before = keeping.open_for_change(ApprovedAnswer, answer_id, access=answer_access, actor=actor)
    if answer.status not in (AnswerStatus.APPROVED, AnswerStatus.WAITING):
        raise RefusedError(_("取り下げられるのは、承認済みか承認待ちの回答です。"))
    answer.status = AnswerStatus.WITHDRAWN
    keeping.save(answer, "withdraw", before, actor=actor, at=at)
    index_later(answer)
    return answer


@transaction.atomic
def confirm_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    """Say that it still holds; it is looked at again in a year, and rests on what its documents are replaced by."""
    answer, before = keeping.open_for_change(ApprovedAnswer, answer_id, access=answer_access, actor=actor)
    if answer.status != AnswerStatus.APPROVED:
        raise RefusedError(_("見直しを記録できるのは、承認済みの回答です。"))
    answer.review_on = timezone.localdate(at) + REVIEWED_EVERY
    answer.reminded_on = None
    note = _rest_on(answer, _holding(answer, timezone.localdate(at)))
    keeping.save(answer, "confirm", before, actor=actor, at=at, note=note)
    return answer


def delete_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    with transaction.atomic():
        answer = keeping.throw_away(ApprovedAnswer, answer_id, access=answer_access, actor=actor, at=at)
        index_later(answer)
        return answer


def restore_answer(*, answer_id: int, actor: Person, at: dt.datetime) -> ApprovedAnswer:
    with transaction.atomic():
        answer = keeping.bring_back(ApprovedAnswer, answer_id, access=answer_access, actor=actor, at=at)
        index_later(answer)
        return answer


# --- Translations -----------------------------------------------------------------------------------------------------


@transaction.atomic
def write_translation(
    *,
    answer_id: int,
    language: str,
    question: str,
    answer: str,
    actor: Person,
    at: dt.datetime,
    model: str = "",
) -> AnswerTranslation:
    """Keep a translation as a draft; what was approved before has to be approved again."""
    original, _before = keeping.open_for_change(ApprovedAnswer, answer_id, access=answer_access, actor=actor)
    if language not in SpokenLanguage.values or language == SpokenLanguage.JAPANESE:
        raise RefusedError(_("その言語には訳せません。"))
    question, answer = clean_text(question).strip(), clean_text(answer, lines=True).strip()
    if not question or not answer:
        raise RefusedError(_("質問と回答の訳文を、どちらも書いてください。"))
    lost = numbers_kept(original.answer, answer)
    if lost:
        raise RefusedError(
            _("訳文に、もとの回答の数 %(numbers)s が見当たりません。数は同じ数字で書いてください。")
            % {"numbers": _("、").join(sorted(lost)[:5])}
        )
    translation, _new = AnswerTranslation.objects.update_or_create(
        answer=original,
        language=language,
        defaults={
            "question_text": question[:600],
            "answer_text": answer[:8_000],
            "author": actor,
            "made_by_model": model[:120],
            "approver": None,
            "approved_at": None,
            "of_text": text_mark(original),
            "updated_at": at,
        },
    )
    keeping.tell(original, "translate", actor=actor, at=at, note=str(translation.get_language_display()))
    _read_later(original)
    return translation


def draft_translation(*, answer_id: int, language: str, actor: Person, at: dt.datetime) -> AnswerTranslation:
    """Let the configured service draft a translation. Raises ``LanguageError`` where there is none or it fails."""
    original = ApprovedAnswer.objects.select_related("organization").get(pk=answer_id)
    answer_access.require(actor, "edit", original)
    translator = machines.translator_for(original.organization)
    to: Any = language
    question = translator.translate(original.question, to=to)
    answer = translator.translate(original.answer, to=to)
    return write_translation(
        answer_id=answer_id,
        language=language,
        question=question.text,
        answer=answer.text,
        actor=actor,
        at=at,
        model=answer.model,
    )


@transaction.atomic
def approve_translation(*, translation_id: int, actor: Person, at: dt.datetime) -> AnswerTranslation:
    """Stand for a translation somebody else wrote, or a model under somebody else's name."""
    translation = AnswerTranslation.objects.select_for_update().get(pk=translation_id)
    original = translation.answer
    if translation.author_id == actor.pk:
        raise RefusedError(_("自分が書いた訳文は承認できません。ほかの人に頼んでください。"))
    if not may_run(actor, original.organization_id):
        answer_access.require(actor, "approve", original)
    if translation.of_text != text_mark(original):
        raise RefusedError(_("訳したあとに日本語の回答が変わりました。訳文を直してから承認してください。"))
    translation.approver, translation.approved_at = actor, at
    translation.save(update_fields=["approver", "approved_at"])
    keeping.tell(
        original, "approve_translation", actor=actor, at=at, note=str(translation.get_language_display())
    )
    return translation


def text_mark(answer: ApprovedAnswer) -> str:
    """Which wording of the Japanese a translation is of."""
    return hashlib.sha256(f"{answer.question}\n{answer.answer}".encode()).hexdigest()


# --- The to-do list and the limits ------------------------------------------------------------------------------------


@transaction.atomic
def leave_cluster(*, cluster_id: int, actor: Person, at: dt.datetime) -> None:
    """Decide that a group of questions needs no answer."""
    cluster = QuestionCluster.objects.select_for_update().get(pk=cluster_id)
    if not answer_access.allows(actor, "create", cluster.organization):
        answer_access.require(actor, "create", cluster.organization)  # type: ignore[arg-type]
    cluster.status = ClusterStatus.LEFT
    cluster.save(update_fields=["status"])


@transaction.atomic
def set_model_limit(
    *,
    organization: Organization,
    tokens_a_month: int,
    allows_generation: bool,
    actor: Person,
    at: dt.datetime,
) -> ModelLimit:
    if not may_run(actor, organization.pk):
        raise RefusedError(_("モデルの上限を決められるのは、団体の管理職・企画・管理者です。"))
    limit, _new = ModelLimit.objects.update_or_create(
        organization=organization,
        defaults={
            "tokens_a_month": max(0, tokens_a_month),
            "allows_generation": allows_generation,
            "updated_at": at,
        },
    )
    trail.record(
        trail.Act(
            actor,
            "edit",
            limit,
            at,
            organization_id=organization.pk,
            changes={"tokens_a_month": (None, limit.tokens_a_month)},
        )
    )
    return limit


def _assign(answer: ApprovedAnswer, values: AnswerValues) -> None:
    given = asdict(values)
    del given["source_documents"]
    for name in ("question", "category"):
        given[name] = clean_text(given[name]).strip()
    for name in ("answer", "other_questions"):
        given[name] = clean_text(given[name], lines=True).strip()
    if not given["question"] or not given["answer"]:
        raise RefusedError(_("質問と回答を、どちらも書いてください。"))
    if given["valid_from"] and given["valid_to"] and given["valid_to"] < given["valid_from"]:
        raise RefusedError(_("有効期間の終わりが、始まりより前です。日付を確かめてください。"))
    if given["owner_id"] is None:
        del given["owner_id"]
    for name, value in given.items():
        setattr(answer, name, value)


def _rest_on(answer: ApprovedAnswer, documents: Iterable[int]) -> str:
    """Write down what it rests on; returns what the trail says of that, nothing where it is the same as before."""
    before = set(answer.source_documents.values_list("pk", flat=True))
    answer.source_documents.set(documents)
    now = dict(answer.source_documents.order_by("pk").values_list("pk", "title"))
    return _("資料: %(what)s") % {"what": _("、").join(now.values())} if now.keys() != before else ""


def _holding(answer: ApprovedAnswer, on: dt.date) -> set[int]:
    """The documents it rests on, each in the version that holds now; one that ran out without another is left out."""
    found = set()
    for document in answer.source_documents.all():
        latest, seen = document, {document.pk}
        while latest.superseded_by is not None and latest.superseded_by_id not in seen:
            latest = latest.superseded_by
            seen.add(latest.pk)
        if latest.is_current(on):
            found.add(latest.pk)
    return found


def _unapprove(answer: ApprovedAnswer, actor: Person) -> None:
    answer.status = AnswerStatus.DRAFT
    answer.author = actor
    answer.approver, answer.approved_at = None, None


def _read_later(answer: ApprovedAnswer) -> None:
    """Let it be found: by its meaning, and by its words in the search over everything."""
    transaction.on_commit(lambda: readings.read_answers([answer.pk]))
    index_later(answer)
