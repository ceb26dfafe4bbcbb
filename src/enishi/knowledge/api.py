"""Programs' way to documents, answers and the desks for residents. Doorways only: what is done, services do."""

import uuid
from typing import Annotated, Any

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router
from ninja.errors import AuthenticationError, HttpError
from pydantic import Field as Limits

from enishi.foundation.doorway import LARGEST, OPEN, READ, WRITE, Code, Cursor, KeyInPath, Problem, Size
from enishi.foundation.forms import clean_text
from enishi.foundation.limits import caller, is_over, too_often
from enishi.foundation.lists import paginate
from enishi.knowledge.answers import asking
from enishi.knowledge.answers.access import answer_access
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.enums import Channel
from enishi.knowledge.answers.guards import MOST_KEPT
from enishi.knowledge.api_shapes import (
    AnswersPage,
    AskedAtDesk,
    AskedByStaff,
    Asking,
    DeskShown,
    DocumentsPage,
    DocumentWhole,
    FeedbackSent,
    HandedOver,
    HandOverSent,
    PassageFound,
    PassagesPage,
    ReplyShown,
    Taken,
    reply_shown,
)
from enishi.knowledge.concierge import services as desks
from enishi.knowledge.concierge.views import A_DAY, A_MINUTE, SALT
from enishi.knowledge.documents import selectors
from enishi.knowledge.documents.access import document_access
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.models import Concierge
from enishi.organizations.models import Organization

router = Router()
_DAY = 86_400
_ASKED_A_MINUTE = 30

Words = Annotated[str, Limits(max_length=2_000)]
Chosen = Annotated[int, Limits(ge=1, le=LARGEST)]
Slug = Annotated[str, Limits(max_length=40, pattern=r"^[a-z0-9-]+$")]
Shown = Annotated[int, Limits(ge=1, le=50)]


@router.get(
    "/documents",
    response={200: DocumentsPage, **READ},
    tags=["documents"],
    openapi_extra=OPEN,
    summary=gettext_noop("資料の一覧"),
)
def documents(
    request: HttpRequest,
    kind: DocumentKind | None = None,
    organization: Chosen | None = None,
    collection: Chosen | None = None,
    is_current: bool | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Documents this caller may read, those changed last first. ``is_current``: what holds today, or what no longer does."""
    today = timezone.localdate()
    rows = selectors.documents_for(request.user, kinds=[kind.value] if kind else [], on=None)
    if is_current is not None:
        held = selectors.documents_for(request.user, on=today).values("pk")
        rows = rows.filter(pk__in=held) if is_current else rows.exclude(pk__in=held)
    if organization is not None:
        rows = rows.filter(organization_id=organization)
    if collection is not None:
        rows = rows.filter(collection_id=collection)
    page = paginate(
        rows.defer("text").select_related("organization", "section"),
        order_by=("-updated_at", "-pk"),
        parameters={"after": cursor or ""},
        size=limit,
    )
    return {
        "items": selectors.with_neighbours(page.rows, request.user),
        "next_cursor": page.next_cursor,
    }


@router.get(
    "/documents/{key}",
    response={200: DocumentWhole, **READ},
    tags=["documents"],
    openapi_extra=OPEN,
    summary=gettext_noop("資料"),
)
def document(request: HttpRequest, key: KeyInPath) -> Any:
    """One document with its whole text."""
    rows = document_access.visible(request.user).select_related("organization", "section")
    (found,) = selectors.with_neighbours([get_object_or_404(rows, pk=key)], request.user)
    return found


@router.get(
    "/documents/{key}/passages",
    response={200: PassagesPage, **READ},
    tags=["documents"],
    openapi_extra=OPEN,
    summary=gettext_noop("資料の箇所"),
)
def passages(
    request: HttpRequest, key: KeyInPath, cursor: Cursor | None = None, limit: Size = 50
) -> dict[str, Any]:
    """Its passages in order: page, headings, where in the text, and the address that shows the very place."""
    row = get_object_or_404(document_access.visible(request.user).defer("text"), pk=key)
    found = row.passages.defer("vector").select_related("document").defer("vector", "document__text")
    page = paginate(found, order_by=("order",), parameters={"after": cursor or ""}, size=limit)
    return {"items": page.rows, "next_cursor": page.next_cursor}


@router.get(
    "/passages",
    response={200: list[PassageFound], **READ},
    tags=["documents"],
    openapi_extra=OPEN,
    summary=gettext_noop("言葉と意味で箇所を探す"),
)
def find(
    request: HttpRequest,
    q: Words,
    kind: DocumentKind | None = None,
    organization: Chosen | None = None,
    includes_past: bool = False,
    limit: Shown = 20,
) -> list[dict[str, Any]]:
    """Passages nearest to ``q`` by words and meaning, the nearest first; scores compare within one answer only."""
    house = _house_named(organization)
    if organization is not None and house is None:
        return []
    found = selectors.find(
        request.user,
        q,
        kinds=[kind.value] if kind else [],
        organization=house,
        limit=limit,
        on=None if includes_past else timezone.localdate(),
    )
    return [
        {
            "document_id": each.document.pk,
            "title": each.document.title,
            "organization": each.document.organization,
            "order": each.passage.order,
            "page": each.passage.page,
            "headings": each.passage.headings,
            "text": each.passage.text,
            "snippet": each.snippet,
            "words": list(each.words),
            "meaning": each.meaning,
            "score": each.score,
            "url": each.url,
        }
        for each in found
    ]


@router.get(
    "/answers",
    response={200: AnswersPage, **READ},
    tags=["answers"],
    openapi_extra=OPEN,
    summary=gettext_noop("承認済み回答の一覧"),
)
def answers(
    request: HttpRequest,
    organization: Chosen | None = None,
    category: Code | None = None,
    cursor: Cursor | None = None,
    limit: Size = 50,
) -> dict[str, Any]:
    """Answers this caller may read, those changed last first."""
    rows = answer_access.visible(request.user).select_related("organization", "section")
    if organization is not None:
        rows = rows.filter(organization_id=organization)
    if category:
        rows = rows.filter(category=clean_text(category))
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters={"after": cursor or ""}, size=limit)
    return {"items": page.rows, "next_cursor": page.next_cursor}


@router.post(
    "/answers/ask",
    response={200: ReplyShown, **WRITE},
    tags=["answers"],
    summary=gettext_noop("たずねる(職員・会員)"),
)
def ask(request: HttpRequest, body: AskedByStaff) -> dict[str, Any]:
    """Ask over everything the caller may read; every sentence of the answer carries its passage."""
    if not request.user.is_authenticated:
        raise AuthenticationError
    _patience(request, "ask", "", ((_ASKED_A_MINUTE, 60),))
    house = asking.house_of(request.user)
    if house is None:
        raise PermissionDenied(
            _("まだ団体が登録されていないため、たずねる先がありません。管理者に登録を頼んでください。")
        )
    question = Question(
        body.question,
        request.user,
        [house],
        channel=Channel.STAFF,
        before=body.before,
        uses_generation=body.may_generate,
        everywhere=True,
    )
    return reply_shown(asking.ask(question, at=timezone.now()))


@router.get(
    "/concierge",
    response={200: list[DeskShown], **READ},
    tags=["concierge"],
    openapi_extra=OPEN,
    summary=gettext_noop("開いている住民の窓口"),
)
def open_desks(request: HttpRequest) -> Any:
    """Every desk for residents that is open."""
    return (
        Concierge.objects.filter(is_open=True).select_related("organization").order_by("organization__name")
    )


@router.post(
    "/concierge/{slug}/questions",
    response={200: Asking, 400: Problem, **READ},
    auth=None,
    tags=["concierge"],
    openapi_extra={"security": [{}]},
    summary=gettext_noop("住民の窓口でたずねる(鍵は要らない)"),
)
def ask_at_desk(request: HttpRequest, slug: Slug, body: AskedAtDesk) -> dict[str, Any]:
    """As on the page: no key, nobody in particular. ``before`` is the ``before`` of the last reply, for follow-up questions."""
    desk = _desk(slug)
    _at_desk(request, desk)
    reply = asking.ask(
        Question(
            body.question,
            AnonymousUser(),
            [desk.organization],
            language=body.language.value,
            channel=Channel.CONCIERGE,
            before=_unsigned(body.before),
            uses_documents=desk.uses_documents,
            uses_generation=desk.uses_generation,
            default_section_id=desk.default_section_id,
        ),
        at=timezone.now(),
    )
    masked = reply.masked.text
    return reply_shown(reply) | {
        "token": signing.dumps(str(reply.asked.pk), salt=SALT) if reply.asked is not None else "",
        "before": signing.dumps(masked[:MOST_KEPT], salt=SALT) if masked else "",
        "may_hand_over": bool(reply.asked and reply.asked.text and reply.leaves_open),
    }


@router.post(
    "/concierge/{slug}/feedback",
    response={200: Taken, 400: Problem, **READ},
    auth=None,
    tags=["concierge"],
    openapi_extra={"security": [{}]},
    summary=gettext_noop("役に立ったかを伝える"),
)
def feedback(request: HttpRequest, slug: Slug, body: FeedbackSent) -> dict[str, Any]:
    """Whether an answer helped; ``token`` is the reply's."""
    desk = _desk(slug)
    _at_desk(request, desk)
    taken = desks.give_feedback(
        question_id=_question(body.token),
        organization=desk.organization,
        helpful=body.helpful.value,
        comment=body.comment,
    )
    return {"taken": taken}


@router.post(
    "/concierge/{slug}/hand-over",
    response={200: HandedOver, 400: Problem, **READ},
    auth=None,
    tags=["concierge"],
    openapi_extra={"security": [{}]},
    summary=gettext_noop("質問を担当課に引き継ぐ"),
)
def hand_over(request: HttpRequest, slug: Slug, body: HandOverSent) -> dict[str, Any]:
    """Pass an unanswered question to its section; the number is what the resident tells on the telephone."""
    desk = _desk(slug)
    _at_desk(request, desk)
    made = desks.hand_over(
        question_id=_question(body.token), organization=desk.organization, at=timezone.now()
    )
    if made is None:
        raise Http404
    return {"number": made.number, "section": made.section}


def _house_named(key: int | None) -> Organization | None:
    return None if key is None else Organization.objects.filter(pk=key).first()


def _desk(slug: str) -> Concierge:
    rows = Concierge.objects.select_related("organization", "default_section")
    return get_object_or_404(rows, slug=slug, is_open=True)


def _at_desk(request: HttpRequest, desk: Concierge) -> None:
    _patience(request, "concierge", f"{desk.pk}:", ((A_MINUTE, 60), (A_DAY, _DAY)))


def _patience(request: HttpRequest, name: str, prefix: str, windows: tuple[tuple[int, int], ...]) -> None:
    """As often as on the pages, counted together with them."""
    for times, seconds in windows:
        kind = name if seconds == 60 else f"{name}-day"
        if is_over(kind, prefix + caller(request), times=times, seconds=seconds, shared=True):
            raise HttpError(429, too_often(seconds))


def _unsigned(token: str) -> str:
    try:
        found = signing.loads(token, salt=SALT, max_age=_DAY) if token else ""
    except signing.BadSignature:
        return ""
    return found if isinstance(found, str) else ""


def _question(token: str) -> uuid.UUID:
    try:
        return uuid.UUID(_unsigned(token))
    except ValueError as error:
        raise Http404 from error
