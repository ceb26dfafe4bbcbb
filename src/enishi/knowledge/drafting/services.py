"""Everything that writes templates and drafts: begun, worked on sentence by sentence, finished and measured."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import jobs
from enishi.foundation.forms import clean_text
from enishi.foundation.models import Job
from enishi.foundation.sentences import gettext as _
from enishi.knowledge.drafting import assembling, sections
from enishi.knowledge.drafting.access import draft_access, template_access
from enishi.knowledge.drafting.enums import DraftKind, DraftStatus, Origin, SentenceState
from enishi.knowledge.drafting.minutes import Item, taken_apart
from enishi.knowledge.drafting.offers import Suggested
from enishi.knowledge.drafting.questions import topics_of
from enishi.knowledge.drafting.share import Piece, share_kept
from enishi.knowledge.models import Draft, DraftSentence, DraftTemplate, MinutesItem
from enishi.knowledge.staff import keeping
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.models import Organization

MOST_SENTENCES = 300
LONGEST_SENTENCE = 2_000


@dataclass(frozen=True)
class Edit:
    """What a person did with one sentence: its words now, and ``keep``, ``delete`` or nothing yet."""

    text: str
    choice: str = ""


@transaction.atomic
def create_template(
    *,
    organization: Organization,
    kind: DraftKind,
    title: str,
    parts: Sequence[sections.Section],
    section_id: int | None,
    visibility: str,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
) -> DraftTemplate:
    template = DraftTemplate(
        organization=organization,
        kind=kind,
        title=title,
        sections=[part.stored() for part in parts],
        section_id=section_id,
        visibility=visibility,
        is_demo=is_demo,
    )
    keeping.begin(template, access=template_access, actor=actor, at=at)
    return template


@transaction.atomic
def edit_template(
    *,
    template_id: int,
    title: str,
    parts: Sequence[sections.Section],
    section_id: int | None,
    visibility: str,
    is_active: bool,
    version: int,
    actor: Person,
    at: dt.datetime,
) -> DraftTemplate:
    """Rewrite a template. Drafts begun with it stay as they are."""
    template, before = keeping.open_for_change(
        DraftTemplate, template_id, access=template_access, actor=actor, version=version
    )
    template.title, template.is_active = title, is_active
    template.sections = [part.stored() for part in parts]
    template.section_id, template.visibility = section_id, visibility
    keeping.save(template, "edit", before, actor=actor, at=at)
    return template


@transaction.atomic
def delete_template(*, template_id: int, actor: Person, at: dt.datetime) -> DraftTemplate:
    return keeping.throw_away(DraftTemplate, template_id, access=template_access, actor=actor, at=at)


@transaction.atomic
def restore_template(*, template_id: int, actor: Person, at: dt.datetime) -> DraftTemplate:
    return keeping.bring_back(DraftTemplate, template_id, access=template_access, actor=actor, at=at)


@transaction.atomic
def create_draft(
    *,
    organization: Organization,
    kind: DraftKind,
    title: str,
    topic: str = "",
    place: str = "",
    year: int | None = None,
    material: str = "",
    template: DraftTemplate | None = None,
    section_id: int | None = None,
    visibility: str,
    actor: Person,
    at: dt.datetime,
    is_demo: bool = False,
    later: bool = False,
) -> Draft:
    """Begin a draft and fill it with what the template and the past offer; ``later``: a job looks for that."""
    if template is not None and not template_access.allows(actor, "view", template):
        raise RefusedError(_("このひな型は使えません。別のひな型を選んでください。"))
    if kind == DraftKind.MINUTES and not material.strip():
        raise RefusedError(_("まとめる議事録の文章を貼り付けるか、ファイルを選んでください。"))
    draft = Draft(
        organization=organization,
        kind=kind,
        title=title,
        topic=topic or (topics_of(material) if kind == DraftKind.COUNCIL else ""),
        place=place,
        year=year,
        material=material,
        template=template,
        section_id=section_id,
        visibility=visibility,
        author=actor,
        is_demo=is_demo,
    )
    keeping.begin(draft, access=draft_access, actor=actor, at=at)
    if later:
        draft.job = jobs.start(
            kind="draft-fill",
            title=_("「%(title)s」の文を過去の資料からさがす") % {"title": title},
            person=actor,
            arguments={"draft": draft.pk},
            at=at,
        )
        Job.objects.filter(pk=draft.job.pk).update(result_url=draft.get_absolute_url())
        draft.save(update_fields=["job"])
    else:
        fill(draft, actor=actor, on=timezone.localdate(at))
    return draft


def fill(draft: Draft, *, actor: Person, on: dt.date) -> int:
    """Put the first sentences into a draft that has none; says how many. Looking takes long and locks nothing."""
    suggested = assembling.first_draft(actor, draft, on=on)
    items = list(taken_apart(draft.material).items) if draft.kind == DraftKind.MINUTES else []
    with transaction.atomic():
        empty = keeping.locked(Draft, draft.pk)
        # A job whose worker died is done again: nothing stands twice.
        if empty.deleted_at is None and not empty.sentences.exists() and not empty.minutes_items.exists():
            _append(empty, suggested)
            _append_items(empty, items)
    return len(suggested)


@transaction.atomic
def save_sentences(
    *,
    draft_id: int,
    edits: Mapping[int, Edit],
    additions: Mapping[str, str],
    version: int | None,
    actor: Person,
    at: dt.datetime,
) -> Draft:
    """Write down what became of each sentence, and what was added under which heading."""
    draft, before = _open(draft_id, actor, version)
    changed = 0
    for sentence in draft.sentences.filter(pk__in=list(edits)):
        changed += _apply(sentence, edits[sentence.pk])
    for heading, text in additions.items():
        lines = [
            line.strip()[:LONGEST_SENTENCE]
            for line in clean_text(text, lines=True).splitlines()
            if line.strip()
        ]
        changed += len(lines)
        _insert(
            draft, heading, [Suggested(heading, line, Origin.OWN.value) for line in lines], SentenceState.OWN
        )
    _require_few(draft)
    if changed:
        keeping.save(draft, "edit", before, actor=actor, at=at, note=_("%(count)d文") % {"count": changed})
    return draft


@transaction.atomic
def borrow(
    *, draft_id: int, heading: str, chosen: Sequence[Suggested], actor: Person, at: dt.datetime
) -> Draft:
    """Put sentences somebody chose under a heading. A person chose them: they count as kept."""
    draft, before = _open(draft_id, actor, None)
    _insert(draft, heading, chosen, SentenceState.KEPT)
    _require_few(draft)
    keeping.save(draft, "borrow", before, actor=actor, at=at, note=_("%(count)d文") % {"count": len(chosen)})
    return draft


@transaction.atomic
def add_written(
    *, draft_id: int, heading: str, written: Sequence[Suggested], dropped: int, actor: Person, at: dt.datetime
) -> Draft:
    """Put sentences a model wrote and its sources support under a heading; those without support are counted."""
    draft, before = _open(draft_id, actor, None)
    _insert(draft, heading, written, SentenceState.SUGGESTED)
    draft.dropped += dropped
    keeping.save(draft, "write", before, actor=actor, at=at, note=_("%(count)d文") % {"count": len(written)})
    return draft


@transaction.atomic
def write_items(
    *,
    draft_id: int,
    items: Sequence[Mapping[str, Any]],
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Draft:
    """Put decisions and homework as a person has set them right in place of those before."""
    draft, before = _open(draft_id, actor, version)
    old = {item.pk: item for item in draft.minutes_items.all()}
    kept = set()
    for number, values in enumerate(items, start=1):
        item = old.get(values.get("id") or 0) or MinutesItem(draft=draft, quote="", line=10_000 + number)
        for name in ("kind", "text", "owner", "due_on"):
            setattr(item, name, values.get(name) if name == "due_on" else values.get(name) or "")
        item.save()
        kept.add(item.pk)
    draft.minutes_items.exclude(pk__in=kept).delete()
    keeping.save(draft, "edit", before, actor=actor, at=at, note=_("決まったことと宿題"))
    return draft


@transaction.atomic
def finish(*, draft_id: int, actor: Person, at: dt.datetime) -> Draft:
    """Call the draft final, once a person has looked at every sentence, and measure what was kept."""
    draft, before = _open(draft_id, actor, None)
    rows = list(draft.sentences.all())
    unseen = sum(row.state == SentenceState.SUGGESTED for row in rows)
    if unseen:
        raise RefusedError(
            _("まだ見ていない文が%(count)dあります。文ごとに「使う」「使わない」を選ぶか、直してください。")
            % {"count": unseen}
        )
    if not any(row.state != SentenceState.DELETED for row in rows) and not draft.minutes_items.exists():
        raise RefusedError(_("文が一つもありません。仕上げる前に文を書いてください。"))
    share = share_kept(Piece(row.original, row.text, row.state, row.origin) for row in rows)
    draft.status, draft.final_at = DraftStatus.FINAL, at
    draft.final_characters, draft.suggested_characters = share.final, share.suggested
    draft.source_characters, draft.own_characters = share.sources, share.own
    keeping.save(draft, "finish_draft", before, actor=actor, at=at)
    return draft


@transaction.atomic
def reopen(*, draft_id: int, actor: Person, at: dt.datetime) -> Draft:
    """Work on a finished draft again; it is measured anew when it is finished again."""
    draft, before = keeping.open_for_change(Draft, draft_id, access=draft_access, actor=actor)
    if draft.status != DraftStatus.FINAL:
        raise RefusedError(_("この起案は、まだ仕上げていません。"))
    draft.status, draft.final_at = DraftStatus.DRAFTING, None
    draft.final_characters = draft.suggested_characters = None
    draft.source_characters = draft.own_characters = None
    keeping.save(draft, "reopen_draft", before, actor=actor, at=at)
    return draft


@transaction.atomic
def delete_draft(*, draft_id: int, actor: Person, at: dt.datetime) -> Draft:
    return keeping.throw_away(Draft, draft_id, access=draft_access, actor=actor, at=at)


@transaction.atomic
def restore_draft(*, draft_id: int, actor: Person, at: dt.datetime) -> Draft:
    return keeping.bring_back(Draft, draft_id, access=draft_access, actor=actor, at=at)


def _open(draft_id: int, actor: Person, version: int | None) -> tuple[Draft, dict[str, Any]]:
    draft, before = keeping.open_for_change(
        Draft, draft_id, access=draft_access, actor=actor, version=version
    )
    if draft.is_being_filled:
        raise RefusedError(_("いま過去の資料から文を選んでいます。終わってから直してください。"))
    if draft.status == DraftStatus.FINAL:
        raise RefusedError(_("仕上がった起案です。直すときは、先に「起案中に戻す」を押してください。"))
    return draft, before


def _apply(sentence: DraftSentence, edit: Edit) -> bool:
    text = clean_text(edit.text, lines=True).strip()[:LONGEST_SENTENCE]
    state = _state(sentence, text, edit.choice)
    if (sentence.text, sentence.state) == (text or sentence.text, state):
        return False
    sentence.text, sentence.state = text or sentence.text, state
    sentence.save(update_fields=["text", "state"])
    return True


def _state(sentence: DraftSentence, text: str, choice: str) -> SentenceState:
    if choice == "delete" or not text:
        return SentenceState.DELETED
    if sentence.origin == Origin.OWN:
        return SentenceState.OWN
    if text != sentence.original.strip():
        return SentenceState.CHANGED
    if choice == "keep":
        return SentenceState.KEPT
    seen = sentence.state in {SentenceState.KEPT, SentenceState.CHANGED} and choice != "back"
    return SentenceState.KEPT if seen else SentenceState.SUGGESTED


def _append(draft: Draft, suggested: Sequence[Suggested]) -> None:
    DraftSentence.objects.bulk_create(
        _row(
            draft,
            each,
            number * 100,
            SentenceState.OWN if each.origin == Origin.OWN else SentenceState.SUGGESTED,
        )
        for number, each in enumerate(suggested, start=1)
    )


def _insert(draft: Draft, heading: str, chosen: Sequence[Suggested], state: SentenceState) -> None:
    """Behind the last sentence of the heading, before those that close it; headings keep the order they came in."""
    under = draft.sentences.filter(heading=heading)
    closing = Q(origin=Origin.TEMPLATE, original__in=assembling.closing_of(draft, heading))
    last = under.exclude(closing).aggregate(last=Max("order"))["last"]
    first_closing = under.filter(closing).aggregate(first=Min("order"))["first"]
    if last is None and first_closing is not None:
        last = first_closing - 1
    if last is None:
        last = (draft.sentences.aggregate(last=Max("order"))["last"] or 0) + 100
    DraftSentence.objects.bulk_create(_row(draft, each, last, state, heading=heading) for each in chosen)


def _row(
    draft: Draft, each: Suggested, order: int, state: SentenceState, *, heading: str | None = None
) -> DraftSentence:
    return DraftSentence(
        draft=draft,
        order=order,
        heading=each.heading if heading is None else heading,
        original="" if each.origin == Origin.OWN else each.text,
        text=each.text,
        state=state,
        origin=each.origin,
        origin_label=each.label,
        origin_quote=each.quote,
        origin_document=each.document,
        origin_passage=each.passage,
        origin_case=each.case,
        flags=[flag.stored() for flag in each.flags],
    )


def _append_items(draft: Draft, items: Sequence[Item]) -> None:
    MinutesItem.objects.bulk_create(
        MinutesItem(
            draft=draft,
            kind=item.kind,
            text=item.text,
            owner=item.owner[:100],
            due_on=item.due_on,
            due_text=item.due_text[:60],
            quote=item.quote,
            line=item.line,
        )
        for item in items
    )


def _require_few(draft: Draft) -> None:
    if draft.sentences.count() > MOST_SENTENCES:
        raise RefusedError(_("文は%(limit)d個までです。起案を分けてください。") % {"limit": MOST_SENTENCES})
