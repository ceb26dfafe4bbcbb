"""A question and what is answered: approved answers first, then sentences of documents, or an honest refusal."""

import datetime as dt
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from enishi.engines.answers import Asked, Choice, Reading
from enishi.engines.retrieval import PieceSigns
from enishi.foundation.access import Actor
from enishi.knowledge.answers import calculations, guards, machines, readings
from enishi.knowledge.answers.calculations import Found
from enishi.knowledge.answers.enums import Channel, Outcome, SpokenLanguage
from enishi.knowledge.answers.meaning import Vectors
from enishi.knowledge.answers.replies import Cite, NearDocument, Offer, Part, Reply, Told, together
from enishi.knowledge.answers.sections import Help, whom_to_ask
from enishi.knowledge.documents import selectors as documents
from enishi.knowledge.documents.index import pieces
from enishi.knowledge.documents.models import Collection
from enishi.knowledge.models import AnswerTranslation, ApprovedAnswer, AskedQuestion, Passage
from enishi.language.checking import check_written
from enishi.language.errors import LanguageError
from enishi.language.planted import is_planted
from enishi.language.ports import Source, WritingTask
from enishi.language.sentences import sentences as split
from enishi.organizations.models import Organization, Section
from enishi.organizations.selectors import home_organization, memberships_of

logger = logging.getLogger(__name__)

MOST_PASSAGES = 6
_CLEARLY = 0.5
"""Spreads of closeness by which one text is clearly nearer than another."""
REORDERED = 20
"""So many passages go to a service that puts them in order, where one is set up."""
_LEANS_ON_BEFORE = re.compile(
    r"^(?:それ|その|そこ|じゃあ|では|なら|あと|ちなみに|これ|この|他に|ほかに|もし|and |what about|how about|那|那么|그럼|그러면|그리고|còn|thế còn)",
    re.IGNORECASE,
)
_MASKED = re.compile(r"〔[^〕]*〕")
_INSTRUCTION = "質問に、資料だけをもとに3文以内で答えます。"


@dataclass(frozen=True)
class Question:
    """What somebody asks. ``organizations``: whose answers and documents may answer, the first being the house asked."""

    text: str
    person: Actor
    organizations: Sequence[Organization]
    language: str = "ja"
    channel: str = Channel.CONCIERGE
    before: str = ""
    """The question before this one, masked."""
    uses_documents: bool = True
    uses_generation: bool = False
    everywhere: bool = False
    """Whether documents of every organisation are looked through, as far as the person may read them."""
    default_section_id: int | None = None
    collection: Collection | None = None
    """Documents of one collection alone, for its question set."""


def house_of(person: Actor) -> Organization | None:
    """The house a member's question is put to: their own public body, otherwise the one that runs this installation."""
    places = memberships_of(person)
    public = next((place.organization for place in places if place.organization.is_public_body), None)
    return public or home_organization() or (places[0].organization if places else None)


def ask(question: Question, *, at: dt.datetime, keeps: bool = True) -> Reply:
    """Answer, and keep the masked question with what became of it."""
    begun = time.monotonic()
    reply = _replied(question, at)
    if keeps and reply.outcome != Outcome.EMPTY:
        milliseconds = round((time.monotonic() - begun) * 1000)
        reply = replace(reply, asked=_keep(question, reply, milliseconds, at))
    return reply


def _replied(question: Question, at: dt.datetime) -> Reply:
    text = question.text
    was_cut = len(text) > calculations.MOST_QUESTION
    if guards.is_empty(text):
        return Reply(Outcome.EMPTY)
    kept = guards.masked(text)
    if kept.kinds:
        kept = guards.masked(text, public=_public_numbers(question.organizations))
    common: dict[str, Any] = {"masked": kept, "was_cut": was_cut, "dangers": guards.dangers(text)}
    if guards.is_abuse(text):
        return Reply(Outcome.ABUSE, **common)
    # A number plate or an address is no part of what is asked, and no passage says it.
    said = replace(question, text=_MASKED.sub("", kept.text)) if kept.kinds else question
    asked = _understood(said)
    helper = _helper(question, asked, at)
    if guards.is_about_person(text):
        return Reply(Outcome.PERSON, help=helper, **common)
    opened = machines.vectors()
    if opened is None:
        return Reply(Outcome.REFUSED, "model", help=helper, **common)
    try:
        reply = _answered_whole_or_in_parts(said, asked, opened, timezone.localdate(at))
    except LanguageError:
        logger.exception("a question was not answered")
        reply = Reply(Outcome.REFUSED, "model")
    if {"despair", "life"} & set(common["dangers"]) and not reply.is_answered:
        # Nothing for a section to write: who is in danger now is told whom to call.
        reply = replace(reply, reason="danger")
    return replace(reply, help=_helper_for(reply, said, helper, at), **common)


def _helper_for(reply: Reply, question: Question, helper: Help, at: dt.datetime) -> Help | None:
    """Whom to ask beside this reply: whoever approved it, and of two questions in one the section for what found nothing."""
    open_part = next((part.question for part in reply.parts if not part.reply.is_answered), "")
    if open_part:
        return _helper(question, _understood(replace(question, text=open_part)), at)
    if reply.parts:
        # Each part names who stands behind it; one section for both would be the wrong one for the other.
        return None
    if reply.answer is not None and reply.answer.section_id is not None:
        return replace(helper, section=reply.answer.section, is_unsure=False)
    return helper


def _helper(question: Question, asked: Asked, at: dt.datetime) -> Help:
    """Whom to ask. A question in another language finds its section by the Japanese words it leads to."""
    return whom_to_ask(
        question.organizations[0],
        asked.reading.text if asked.language == "ja" else " ".join(asked.reading.words),
        default_id=question.default_section_id,
        on=timezone.localdate(at),
    )


def _understood(question: Question) -> Asked:
    """The question, together with the one before where it leans on it (「では、土曜日は？」)."""
    names = [organization.name for organization in question.organizations]
    asked = calculations.asked(question.text, own_names=names, language=question.language)
    if not question.before or not leans_on_before(question.text, asked):
        return asked
    before = calculations.asked(_MASKED.sub("", question.before), own_names=names, language=question.language)
    text = f"{before.reading.text} {asked.reading.text}"
    reading = Reading(
        text=text,
        words=(*before.reading.words, *asked.reading.words),
        nouns=before.reading.nouns | asked.reading.nouns,
        names=before.reading.names | asked.reading.names,
        numbers=asked.reading.numbers,
        claims=asked.reading.claims,
    )
    return replace(
        asked,
        reading=reading,
        wanted=asked.wanted or before.wanted,
        unit=asked.unit or before.unit,
        is_strict=asked.is_strict or before.is_strict,
        others={**before.others, **asked.others},
    )


def _answered_whole_or_in_parts(question: Question, asked: Asked, opened: Vectors, on: dt.date) -> Reply:
    """Two questions in one are answered each by itself: half an answer must not pass for the whole."""
    texts = calculations.parts_of(question.text) if asked.language == "ja" else ()
    if len(texts) > 1:
        alone = [replace(question, text=text) for text in texts]
        parts = [Part(each.text, _answered(each, _understood(each), opened, on)) for each in alone]
        if len({part.reply.answer for part in parts}) == 1 and parts[0].reply.answer is not None:
            # One approved answer says both.
            return parts[0].reply
        if any(part.reply.is_answered for part in parts):
            return together(parts)
    return _answered(question, asked, opened, on)


def leans_on_before(text: str, asked: Asked) -> bool:
    """Whether a question cannot be understood by itself."""
    return bool(_LEANS_ON_BEFORE.search(text.strip())) or len(set(asked.reading.nouns)) <= 1


def _answered(question: Question, asked: Asked, opened: Vectors, on: dt.date) -> Reply:
    words = calculations.words_to_search(asked)
    near = readings.find(
        question.person,
        words,
        vector=opened.question(words),
        opened=opened,
        organizations=question.organizations,
        on=on,
    )
    choice = calculations.answer(asked, [_of_answer(each) for each in near], opened)
    outdated = _outdated([each.answer for each in near], on)
    if choice.is_answered:
        best = next(each.answer for each in near if f"a{each.answer.pk}" == choice.sentences[0].passage)
        if best.pk not in outdated:
            return replace(_approved(best, choice, question), is_overdue=best.is_overdue(on))
        # What it rested on was replaced: the new document may answer, and it is only shown among what is near.
        choice = replace(choice, refused="outdated", close=None)
    passages = _passages(question, words, on) if question.uses_documents else []
    from_documents = calculations.answer(asked, _of_passages(passages, opened), opened)
    if not from_documents.is_answered or _is_closer(choice, from_documents):
        # Why: what is nearer to be answered says it best, and a sentence of a document is that where there is no approved answer.
        refused = from_documents if from_documents.nearest and not choice.nearest else choice
        return Reply(
            Outcome.REFUSED,
            refused.refused,
            nearest=_nearest(passages, from_documents),
            offers=_offers(near, choice, question, outdated),
            confidence=max(choice.confidence, from_documents.confidence),
        )
    reply = _extracted(passages, from_documents, question)
    return _generated(reply, passages, question) if question.uses_generation else reply


def _outdated(answers: Sequence[ApprovedAnswer], on: dt.date) -> set[int]:
    """Those of them that rest on a document that no longer holds."""
    keys = [answer.pk for answer in answers]
    return set(ApprovedAnswer.objects.resting_on_old(on).filter(pk__in=keys).values_list("pk", flat=True))


def _is_closer(approved: Choice, from_documents: Choice) -> bool:
    """Whether an approved answer, though not sure, is clearly nearer than what documents say: then those are about something else."""
    if approved.close is None or from_documents.close is None:
        return False
    return approved.close.total > from_documents.close.total + _CLEARLY


def _of_answer(near: readings.NearAnswer) -> Found:
    context = (
        near.answer.question
        if near.asked_as.startswith(near.answer.question)
        else (f"{near.answer.question} {near.asked_as}")
    )
    key = f"a{near.answer.pk}"
    section = near.answer.section
    duties = f"{section.name} {section.duties}" if section is not None else ""
    topic = f"{duties} {near.answer.other_questions}"
    return Found(key, key, near.answer.answer, context, whole=True, signs=near.signs, topic=topic)


def _passages(question: Question, words: str, on: dt.date) -> list[documents.Found]:
    """The passages an answer may be made of, put in order once more where a service for that is set up."""
    limit = REORDERED if machines.reorders() else MOST_PASSAGES
    found: list[documents.Found] = []
    if question.everywhere:
        found = documents.find(question.person, words, limit=limit, on=on)
    else:
        for organization in question.organizations:
            found += documents.find(
                question.person,
                words,
                organization=organization,
                collections=[question.collection] if question.collection else [],
                limit=limit,
                on=on,
            )
    texts = [f"{each.document.title}\n{each.passage.text}" for each in found]
    places = machines.best_of(question.organizations[0], words, texts, most=MOST_PASSAGES)
    return found[:MOST_PASSAGES] if places is None else [found[place] for place in places]


def _of_passages(passages: Sequence[documents.Found], opened: Vectors) -> list[Found]:
    hashes = [each.passage.content_hash for each in passages]
    signs = pieces.signs_kept(hashes, opened.embedder.name) if opened.tells_pieces and hashes else {}
    return [_of_passage(each, signs.get(each.passage.content_hash)) for each in passages]


def _of_passage(found: documents.Found, signs: PieceSigns | None) -> Found:
    context = f"{found.document.title} {found.passage.heading_path.replace('›', ' ')}".strip()
    return Found(f"p{found.passage.pk}", f"d{found.document.pk}", found.passage.text, context, signs=signs)


# --- What is told -----------------------------------------------------------------------------------------------------


def _approved(answer: ApprovedAnswer, choice: Choice, question: Question) -> Reply:
    """The answer as it was approved: in the asker's language where that was approved too."""
    cite = Cite(1, answer.question, answer.get_absolute_url() if question.channel == Channel.STAFF else "")
    text, language, note, model = answer.answer, "ja", "", ""
    if question.language != SpokenLanguage.JAPANESE:
        text, language, note, model = _in_language(answer, question)
    lines = [line.text for line in split(text)] or [text]
    return Reply(
        Outcome.APPROVED,
        sentences=tuple(Told(line, cite, calculations.is_item(line)) for line in lines),
        cites=(cite,),
        language=language,
        note=note,
        answer=answer,
        confidence=choice.confidence,
        model=model,
    )


def _in_language(answer: ApprovedAnswer, question: Question) -> tuple[str, str, str, str]:
    from enishi.knowledge.answers.services import text_mark

    translation = AnswerTranslation.objects.filter(
        answer=answer, language=question.language, approved_at__isnull=False, of_text=text_mark(answer)
    ).first()
    if translation is not None:
        return translation.answer_text, question.language, "approved", ""
    if question.uses_generation and machines.writes_freely():
        made = _machine_translation(answer.answer, question)
        if made is not None:
            return made[0], question.language, "machine", made[1]
    return answer.answer, "ja", "japanese_only", ""


def _machine_translation(text: str, question: Question) -> tuple[str, str] | None:
    """A translation by the configured service, or nothing where it fails or loses a number."""
    from enishi.language.checking import numbers_kept

    to: Any = question.language
    try:
        written = machines.translator_for(question.organizations[0]).translate(text, to=to)
    except LanguageError as error:
        logger.warning("no translation: %s", error)
        return None
    return None if numbers_kept(text, written.text) else (written.text, written.model)


def _extracted(passages: Sequence[documents.Found], choice: Choice, question: Question) -> Reply:
    by_key = {f"p{found.passage.pk}": found for found in passages}
    cites: dict[str, Cite] = {}
    told = []
    for sentence in choice.sentences:
        found = by_key[sentence.passage]
        cite = cites.setdefault(sentence.passage, _cite(found, len(cites) + 1))
        told.append(Told(sentence.text, cite, sentence.is_item))
    return Reply(
        Outcome.EXTRACTED,
        sentences=tuple(told),
        cites=tuple(cites.values()),
        language="ja",
        note="" if question.language == "ja" else "japanese_only",
        differing=tuple(_cite(by_key[key], 0) for key in choice.differing),
        confidence=choice.confidence,
    )


def _cite(found: documents.Found, number: int) -> Cite:
    passage: Passage = found.passage
    page = f"p.{passage.page}" if passage.page else ""
    return Cite(number, found.document.title, found.url, page or passage.heading_path, passage.text)


def _generated(reply: Reply, passages: Sequence[documents.Found], question: Question) -> Reply:
    """The same answer in a model's words, as far as each sentence is supported by the passage it names."""
    if not machines.writes_freely():
        return reply
    stated = [found for found in passages if not is_planted(found.passage.text)]
    sources = [Source(f"p{found.passage.pk}", found.passage.text) for found in stated[:4]]
    by_key = {f"p{found.passage.pk}": found for found in passages}
    try:
        written = machines.generator_for(question.organizations[0]).write(
            WritingTask(_INSTRUCTION, question.text[: calculations.MOST_QUESTION], sources)
        )
    except LanguageError as error:
        logger.warning("answered without the generator: %s", error)
        return replace(reply, note=reply.note or "generator_down")
    checked = check_written(written.text, sources)
    supported = [sentence for sentence in checked if sentence.is_supported]
    dropped = len(checked) - len(supported)
    if not supported:
        return replace(reply, dropped=dropped, model=written.model)
    cites: dict[str, Cite] = {}
    told = []
    for sentence in supported:
        key = sentence.keys[0]
        cite = cites.setdefault(key, _cite(by_key[key], len(cites) + 1))
        told.append(Told(sentence.text, cite))
    return replace(
        reply,
        outcome=Outcome.GENERATED,
        sentences=tuple(told),
        cites=tuple(cites.values()),
        note=reply.note or "generated",
        dropped=dropped,
        model=written.model,
    )


def _nearest(passages: Sequence[documents.Found], choice: Choice) -> tuple[NearDocument, ...]:
    """The documents that say something near: to be looked at, not an answer."""
    found: dict[str, NearDocument] = {}
    by_key = {f"p{each.passage.pk}": each for each in passages}
    for key in choice.offered:
        each = by_key[key]
        found.setdefault(each.document.title, NearDocument(each.document.title, each.url, each.snippet))
    return tuple(found.values())


def _offers(
    near: Sequence[readings.NearAnswer], choice: Choice, question: Question, outdated: set[int]
) -> tuple[Offer, ...]:
    """Approved answers to near questions, as they were approved; in the asker's language where that was approved too."""
    by_key = {f"a{each.answer.pk}": each.answer for each in near}
    offers = offers_of([by_key[key] for key in choice.offered], question.language)
    return tuple(replace(offer, is_outdated=offer.answer.pk in outdated) for offer in offers)


def offers_of(answers: Sequence[ApprovedAnswer], language: str) -> list[Offer]:
    """Approved answers to be opened by whoever reads them, in their language where that was approved too."""
    translated = {
        row.answer_id: row
        for row in AnswerTranslation.objects.filter(
            answer__in=answers, language=language, approved_at__isnull=False
        )
    }
    return [_offer(answer, translated.get(answer.pk)) for answer in answers]


def _offer(answer: ApprovedAnswer, translation: AnswerTranslation | None) -> Offer:
    from enishi.knowledge.answers.services import text_mark

    if translation is not None and translation.of_text == text_mark(answer):
        lines = [line.text for line in split(translation.answer_text)] or [translation.answer_text]
        return Offer(translation.question_text, tuple(lines), answer, translation.language)
    lines = [line.text for line in split(answer.answer)] or [answer.answer]
    return Offer(answer.question, tuple(lines), answer)


def _public_numbers(organizations: Sequence[Organization]) -> tuple[str, ...]:
    """What the houses themselves publish: their numbers and those of their sections."""
    rows = Section.objects.filter(organization__in=organizations).values_list("phone", "email")
    found = [organization.phone for organization in organizations] + [each for row in rows for each in row]
    return tuple(each for each in found if each)


def _keep(question: Question, reply: Reply, milliseconds: int, at: dt.datetime) -> AskedQuestion:
    """Write the masked question down: nothing of who asked, and no words at all of an insult, of despair or about a person."""
    silent = reply.outcome in (Outcome.ABUSE, Outcome.PERSON) or "despair" in reply.dangers
    language = question.language if question.language in SpokenLanguage.values else "ja"
    return AskedQuestion.objects.create(
        organization=question.organizations[0],
        channel=question.channel,
        language=language,
        text="" if silent else reply.masked.text,
        masked_kinds=list(reply.masked.kinds),
        outcome=reply.outcome,
        reason=reply.reason,
        confidence=reply.confidence,
        answer=reply.answer,
        section_id=reply.help.section.pk if reply.help and reply.help.section else None,
        dropped_sentences=reply.dropped,
        model=reply.model[:120],
        elapsed_ms=milliseconds,
        at=at,
    )
