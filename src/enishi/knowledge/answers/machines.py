"""The language models this installation uses, and what each organisation used of them.

Nothing leaves the machine until an administrator has written the address of a service, and one switch
(``ENISHI_OUTBOUND=false``) forbids it whatever addresses there are.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.knowledge.answers.enums import ModelKind
from enishi.knowledge.answers.meaning import Vectors
from enishi.knowledge.documents.index import embedders
from enishi.knowledge.models import ModelLimit, ModelUse
from enishi.language.errors import LanguageError, NotConfiguredError, ServiceFailedError, ServiceRestingError
from enishi.language.generator import EndpointGenerator, EndpointTranslator, ExtractiveGenerator
from enishi.language.null import NullTranslator
from enishi.language.ports import (
    Generator,
    Reranker,
    TextLanguage,
    Translator,
    Usage,
    WritingTask,
    Written,
)
from enishi.language.reranker import EndpointReranker, LocalReranker
from enishi.language.service import ModelService, ServiceAddress
from enishi.organizations.models import Organization
from enishi.organizations.selectors import home_organization

logger = logging.getLogger(__name__)

_opening = threading.Lock()
_opened: dict[str, Vectors] = {}


class SpentError(LanguageError):
    """An organisation has used what it allows itself in a month."""


def vectors() -> Vectors | None:
    """The embedder that runs here, and its memory; ``None`` while the model is not prepared."""
    embedder = embedders.own_embedder()
    if embedder is None:
        return None
    with _opening:
        if embedder.name not in _opened:
            _opened[embedder.name] = Vectors(embedder)
        return _opened[embedder.name]


def may_call_out() -> bool:
    return bool(settings.OUTBOUND)


def writes_freely() -> bool:
    """Whether a service that writes texts of its own is set up and allowed."""
    return may_call_out() and bool(settings.GENERATOR_URL)


@lru_cache(maxsize=4)
def _service(url: str, model: str, key: str, header: str, query: str, timeout: int) -> ModelService:
    # One for the process: the breaker must remember how the service did for others.
    return ModelService(
        ServiceAddress(url, model, key, timeout_seconds=timeout, key_header=header, query=query)
    )


def _generator_service() -> ModelService:
    return _service(
        settings.GENERATOR_URL,
        settings.GENERATOR_MODEL,
        settings.GENERATOR_KEY,
        settings.GENERATOR_KEY_HEADER,
        settings.GENERATOR_QUERY,
        settings.GENERATOR_TIMEOUT,
    )


def reranker() -> Reranker:
    """A service that puts texts in order where one is set up, otherwise the bundled model and words."""
    if reorders():
        return EndpointReranker(
            _service(
                settings.RERANKER_URL,
                settings.RERANKER_MODEL,
                settings.RERANKER_KEY,
                settings.GENERATOR_KEY_HEADER,
                "",
                settings.GENERATOR_TIMEOUT,
            )
        )
    opened = vectors()
    if opened is None:
        raise NotConfiguredError(
            _("言語モデルの用意ができていません。管理者に「enishi setup」を頼んでください。")
        )
    return LocalReranker(opened.embedder)


def reorders() -> bool:
    """Whether a service that puts texts in order is set up and allowed."""
    return may_call_out() and bool(settings.RERANKER_URL)


def best_of(
    organization: Organization, question: str, texts: Sequence[str], *, most: int
) -> list[int] | None:
    """Which texts answer best by the service that puts texts in order, the best first; ``None`` where there is none.

    A service that is silent, slow or talks nonsense changes nothing: the order the search found stays.
    """
    if not reorders() or not texts:
        return None
    service = reranker()
    try:
        scores = service.scores(question, texts)
    except LanguageError:
        logger.warning("texts were not put in order by %s", service.name)
        count_use(organization, ModelKind.RERANKER, service.name, Usage(), at=timezone.now(), failed=True)
        return None
    count_use(organization, ModelKind.RERANKER, service.name, Usage(), at=timezone.now())
    return [int(place) for place in np.argsort(-scores, kind="stable")[:most]]


def count_embedding(organization_id: int | None, name: str, usage: Usage, failed: bool) -> None:
    """Count a call for vectors; a visitor's question is the house's that runs this installation."""
    house = (
        Organization.objects.filter(pk=organization_id).first() if organization_id else home_organization()
    )
    if house is not None:
        count_use(house, ModelKind.EMBEDDER, name, usage, at=timezone.now(), failed=failed)


def generator_for(organization: Organization) -> Generator:
    """What writes texts for this organisation: a service, metered, or the choice of sentences out of the sources."""
    if not writes_freely() or not allows_generation(organization):
        return ExtractiveGenerator(reranker())
    return _MeteredGenerator(EndpointGenerator(_generator_service()), organization)


def translator_for(organization: Organization) -> Translator:
    if not writes_freely():
        return NullTranslator()
    return _MeteredTranslator(EndpointTranslator(EndpointGenerator(_generator_service())), organization)


def allows_generation(organization: Organization) -> bool:
    limit = ModelLimit.objects.filter(organization=organization).first()
    return limit is None or limit.allows_generation


class _MeteredGenerator:
    """A generator whose every call is counted against its organisation."""

    writes_freely = True

    def __init__(self, inner: EndpointGenerator, organization: Organization) -> None:
        self._inner, self._organization = inner, organization

    @property
    def name(self) -> str:
        return self._inner.name

    def write(self, task: WritingTask) -> Written:
        return _metered(self._organization, ModelKind.GENERATOR, self.name, lambda: self._inner.write(task))


class _MeteredTranslator:
    def __init__(self, inner: EndpointTranslator, organization: Organization) -> None:
        self._inner, self._organization = inner, organization

    @property
    def name(self) -> str:
        return self._inner.name

    def translate(self, text: str, *, to: TextLanguage) -> Written:
        written = _metered(
            self._organization,
            ModelKind.TRANSLATOR,
            self.name,
            lambda: self._inner.translate(text, to=to),
        )
        if written.was_cut:
            # Paid for all the same. Half a translation may leave out the very exception that matters.
            raise ServiceFailedError(_("訳が途中で切れたため使いません。回答を短くするか、分けてください。"))
        return written


def _metered(organization: Organization, kind: ModelKind, name: str, call: Callable[[], Written]) -> Written:
    refuse_when_spent(organization, timezone.now())
    try:
        written = call()
    except ServiceRestingError:
        # Nothing was called: there is nothing to count.
        raise
    except LanguageError:
        count_use(organization, kind, name, Usage(), at=timezone.now(), failed=True)
        raise
    count_use(organization, kind, name, written.usage, at=timezone.now())
    return written


def refuse_when_spent(organization: Organization, at: dt.datetime) -> None:
    """Raise ``SpentError`` when the month's tokens are used up."""
    if tokens_left(organization, at) <= 0:
        raise SpentError(
            _(
                "%(name)sは今月のトークンの上限まで使いました。来月になるか、管理者が上限を上げると、また使えます。資料の文を選んで示す方法はそのまま使えます。"
            )
            % {"name": organization.name}
        )


def tokens_left(organization: Organization, at: dt.datetime) -> int:
    limit = ModelLimit.objects.filter(organization=organization).first()
    allowed = limit.tokens_a_month if limit else settings.MODEL_TOKENS_A_MONTH
    used = ModelUse.objects.filter(organization=organization, month=_month(at)).aggregate(
        prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens")
    )
    return int(allowed) - int(used["prompt"] or 0) - int(used["completion"] or 0)


@transaction.atomic
def count_use(
    organization: Organization,
    kind: ModelKind,
    name: str,
    usage: Usage,
    *,
    at: dt.datetime,
    failed: bool = False,
) -> None:
    """Add one call to the month's row; several processes may do so at once."""
    row, _is_new = ModelUse.objects.get_or_create(
        organization=organization, month=_month(at), kind=kind, model=name[:120]
    )
    # Yen a million tokens is millionths of a yen a token.
    cost = (
        usage.prompt_tokens * settings.MODEL_YEN_PROMPT
        + usage.completion_tokens * settings.MODEL_YEN_COMPLETION
    )
    ModelUse.objects.filter(pk=row.pk).update(
        calls=F("calls") + 1,
        failures=F("failures") + int(failed),
        prompt_tokens=F("prompt_tokens") + usage.prompt_tokens,
        completion_tokens=F("completion_tokens") + usage.completion_tokens,
        cost_micro_yen=F("cost_micro_yen") + cost,
    )


def _month(at: dt.datetime) -> dt.date:
    return timezone.localdate(at).replace(day=1)
