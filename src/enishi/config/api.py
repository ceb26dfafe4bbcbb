"""The API's root: who calls, how often, and how a refusal sounds. OpenAPI 3.1 at ``/api/v1/openapi.json``."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError
from ninja.errors import ValidationError as ShapeError
from ninja.security import APIKeyCookie, HttpBearer

from enishi.accounts.models import ApiToken
from enishi.accounts.services import note_use
from enishi.agreements.api import router as agreements
from enishi.budgets.api import router as budgets
from enishi.desk.api import router as desk
from enishi.evaluation.api import router as evaluation
from enishi.exchange.api import router as exchange
from enishi.exchange.api_matches import router as matches
from enishi.exchange.errors import RefusedError
from enishi.foundation.limits import caller, is_over
from enishi.indicators.api import router as indicators
from enishi.knowledge.api import router as knowledge
from enishi.plans.api import router as plans
from enishi.plans.offers.api import router as plan_records
from enishi.projects.api import router as projects

PER_MINUTE = 300
SAFE = {"GET", "HEAD", "OPTIONS"}


class TooOftenError(Exception):
    pass


def _count(request: HttpRequest) -> None:
    writes = request.method not in SAFE
    if is_over("api", caller(request), times=PER_MINUTE, seconds=60, shared=writes):
        raise TooOftenError


class Bearer(HttpBearer):
    """A program's key: ``Authorization: Bearer enishi_…``. A key that does not work is told so, never ignored."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        at = timezone.now()
        key = ApiToken.objects.usable(at).matching(token).select_related("person").first()
        if key is None:
            raise AuthenticationError
        note_use(token=key, at=at)
        request.user = key.person
        _count(request)
        return key.person


class Session(APIKeyCookie):
    """The browser's own session; what changes something needs the CSRF token too."""

    param_name = "sessionid"

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if request.headers.get("Authorization"):
            raise AuthenticationError
        if not request.user.is_authenticated:
            return None
        if request.method not in SAFE and _lacks_csrf(request):
            raise HttpError(
                403, _("確認の印(CSRFトークン)がありません。画面を読み直すか、APIキーを使ってください。")
            )
        _count(request)
        return request.user


def _lacks_csrf(request: HttpRequest) -> bool:
    middleware = CsrfViewMiddleware(lambda _request: HttpResponse())
    middleware.process_request(request)
    return middleware.process_view(request, lambda _request: HttpResponse(), (), {}) is not None


def visitor_reads(request: HttpRequest) -> Any:
    """Reading without a key: the last door, open for what is public."""
    if request.method not in SAFE:
        return None
    _count(request)
    return "visitor"


class Doorway(NinjaAPI):
    """The operations never change while a process runs: their description takes a third of a second and is made once."""

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        return {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._schemas:
            self._schemas[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._schemas[prefix]


api = Doorway(
    title="Enishi API",
    version="1",
    description=(
        "課題・地域資源・縁を、プログラムから読み書きします。画面と同じ権限で動きます。"
        "一覧は `next_cursor` を `cursor` に渡して続きを読みます。誤りは `sentence`(日本語の文)で返ります。"
    ),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    auth=[Bearer(), Session(), visitor_reads],
)
api.add_router("", exchange)
api.add_router("", matches)
api.add_router("", desk)
api.add_router("", agreements)
api.add_router("", projects)
api.add_router("", knowledge)
api.add_router("", budgets)
api.add_router("", plans)
api.add_router("", plan_records)
api.add_router("", evaluation)
api.add_router("", indicators)


def _problem(
    request: HttpRequest, status: int, sentence: str, faults: Iterable[tuple[str, str]] = ()
) -> HttpResponse:
    body = {"sentence": sentence, "faults": [{"where": where, "why": why} for where, why in faults]}
    return api.create_response(request, body, status=status)


@api.exception_handler(AuthenticationError)
def _who(request: HttpRequest, error: Any) -> HttpResponse:
    answer = _problem(
        request,
        401,
        _(
            "だれからの依頼か分かりません。有効なAPIキーを Authorization: Bearer に付けるか、サインインしてください。"
        ),
    )
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(AuthorizationError)
@api.exception_handler(PermissionDenied)
def _not_allowed(request: HttpRequest, error: Any) -> HttpResponse:
    told = str(error)
    usual = _("この操作は許されていません。その団体の担当の人に頼んでください。")
    return _problem(request, 403, told if told and not told.isascii() else usual)


@api.exception_handler(Http404)
def _not_there(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 404, _("見つかりません。番号が違うか、見ることのできない記録です。"))


@api.exception_handler(TooOftenError)
def _too_often(request: HttpRequest, error: Any) -> HttpResponse:
    sentence = _("1分に%(times)d回までです。少し待ってから、もう一度お試しください。") % {"times": PER_MINUTE}
    answer = _problem(request, 429, sentence)
    answer["Retry-After"] = "60"
    return answer


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    told = str(error)
    sentence = told if not told.isascii() else _("送られた本文がJSONとして読めません。")
    return _problem(request, error.status_code, sentence)


@api.exception_handler(ShapeError)
def _shape(request: HttpRequest, error: ShapeError) -> HttpResponse:
    faults = [
        (".".join(str(part) for part in fault["loc"] if part != "body"), _why(fault))
        for fault in error.errors
    ]
    return _problem(request, 422, _("送られた内容に、読めないところがあります。"), faults)


_REMARKS: dict[str, str | Promise] = {
    "missing": gettext_lazy("必要です。"),
    "extra_forbidden": gettext_lazy("この名前の値は受け取れません。"),
    "string_too_long": gettext_lazy("長すぎます。%(max_length)s文字までです。"),
    "string_too_short": gettext_lazy("短すぎます。%(min_length)s文字以上で書いてください。"),
    "too_long": gettext_lazy("多すぎます。%(max_length)s個までです。"),
    "greater_than_equal": gettext_lazy("%(ge)s以上の数にしてください。"),
    "less_than_equal": gettext_lazy("%(le)s以下の数にしてください。"),
    "enum": gettext_lazy("選べない値です。選べるのは %(expected)s です。"),
    "int_type": gettext_lazy("整数で書いてください。"),
    "int_parsing": gettext_lazy("整数で書いてください。"),
    "string_type": gettext_lazy("文字で書いてください。"),
    "list_type": gettext_lazy("[ ] で囲んだ並びにしてください。"),
    "bool_type": gettext_lazy("true か false で書いてください。"),
    "float_type": gettext_lazy("数で書いてください。"),
}


def _why(fault: dict[str, Any]) -> str:
    """The reader's remark in our words; its own where we have none."""
    remark = _REMARKS.get(str(fault.get("type", "")))
    if remark is not None:
        try:
            return str(str(remark) % fault.get("ctx", {}))
        except (KeyError, ValueError):
            return str(remark)
    told = str(fault.get("msg", "")).removeprefix("Value error, ")
    return told if not told.isascii() else _("この値は受け取れません(%(reason)s)。") % {"reason": told}


@api.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    return _problem(request, 409, error.sentence)


@api.exception_handler(ValidationError)
def _refused_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = (
        [(name, " ".join(sentences)) for name, sentences in error.message_dict.items()]
        if hasattr(error, "error_dict")
        else [("", sentence) for sentence in error.messages]
    )
    return _problem(request, 409, _("この値では保存できません。"), faults)


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The operations on one plain page: it needs no script, as our content policy asks."""
    operations = [{**each, "summary": _(each["summary"])} for each in _operations()]
    return render(request, "config/api_reference.html", {"operations": operations})


@lru_cache(maxsize=1)
def _operations() -> list[dict[str, Any]]:
    """Read once a process: it takes a third of a second and never changes while it runs."""
    schema = api.get_openapi_schema()
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "parameters": operation.get("parameters", []),
            "tag": next(iter(operation.get("tags", [])), ""),
            "is_open": {} in operation.get("security", []),
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
