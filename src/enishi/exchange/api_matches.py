"""Programs' way to the matches of a challenge and of a resource, each with its score's parts and its reasons."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Status
from pydantic import Field as Limits

from enishi.exchange.api import actor_of, visible
from enishi.exchange.api_shapes import MatchesShown
from enishi.exchange.matches import selectors
from enishi.exchange.matches.errors import NotMatchableError
from enishi.exchange.matches.selectors import Found, RankedPage
from enishi.exchange.matches.services.indexing import is_matchable
from enishi.exchange.matches.store import IndexAwayError
from enishi.exchange.models import Challenge, Resource
from enishi.foundation.doorway import READ, KeyInPath, Problem, Size

router = Router()
Offset = Annotated[int, Limits(ge=0, le=280)]
MATCHES: dict[Any, Any] = {200: MatchesShown, 403: Problem, 409: Problem, 503: Problem, **READ}


@router.get(
    "/challenges/{key}/matches",
    response=MATCHES,
    tags=["matches"],
    summary=gettext_noop("課題に合う資源(点の内訳と理由つき)"),
)
def challenge_matches(request: HttpRequest, key: KeyInPath, limit: Size = 20, offset: Offset = 0) -> Any:
    """The resources that fit a challenge best, each with its score's parts and its reasons."""
    actor_of(request)
    record: Challenge = visible(request, Challenge, key)
    if not is_matchable(record):
        raise NotMatchableError
    try:
        page = selectors.ranked_resources(request.user, record, at=timezone.now(), offset=offset, size=limit)
    except IndexAwayError:
        return Status(
            503, {"sentence": _("縁の索引を作り直しています。数分してから、もう一度お試しください。")}
        )
    return _ranked(page, offset, limit, challenge=record)


@router.get(
    "/resources/{key}/matches",
    response=MATCHES,
    tags=["matches"],
    summary=gettext_noop("資源が役立つ課題(点の内訳と理由つき)"),
)
def resource_matches(request: HttpRequest, key: KeyInPath, limit: Size = 20, offset: Offset = 0) -> Any:
    """The open challenges a resource could serve best."""
    actor_of(request)
    record: Resource = visible(request, Resource, key)
    if not is_matchable(record):
        raise NotMatchableError
    page = selectors.ranked_challenges(request.user, record, at=timezone.now(), offset=offset, size=limit)
    return _ranked(page, offset, limit, resource=record)


def _ranked(
    page: RankedPage,
    offset: int,
    limit: int,
    *,
    challenge: Challenge | None = None,
    resource: Resource | None = None,
) -> dict[str, Any]:
    return {
        "items": [_match(found, challenge or found.record, resource or found.record) for found in page.rows],
        "count": page.count,
        "considered": page.considered,
        "left_out": [{"why": str(each.why), "count": each.count} for each in page.excluded],
        "weights_version": page.weights_version,
        "next_offset": offset + limit if offset + limit < min(page.count, 280) else None,
    }


def _match(found: Found, challenge: Challenge, resource: Resource) -> dict[str, Any]:
    return {
        "rank": found.match.rank,
        "score": found.match.score,
        "challenge": {"id": challenge.pk, "name": challenge.title},
        "resource": {"id": resource.pk, "name": resource.title},
        "is_unexpected": found.match.is_unexpected,
        "parts": [
            {
                "view": part.view.value,
                "value": part.value,
                "weight": part.weight,
                "contribution": part.contribution,
            }
            for part in found.match.parts
        ],
        "phrases": [
            {"want": phrase.want, "can": phrase.can, "shared": phrase.shared}
            for phrase in found.match.phrases
        ],
        "met": found.met,
        "not_met": found.not_met,
        "would_raise": found.raising,
    }
