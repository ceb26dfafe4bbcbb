"""Calls to a language service, whichever it is: one address, a time limit, patience with a limit, and a rest after failures.

Only the host an administrator wrote is ever called: redirects are refused, proxies of the environment are not used, and
nothing a document or a question says becomes part of the address.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from enishi.language.errors import LanguageError, ServiceFailedError, ServiceRestingError

Made = TypeVar("Made")
MOST_ANSWER_BYTES = 64 * 1024 * 1024
_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))


class ServiceAddressError(LanguageError):
    """The address cannot be used."""


@dataclass(frozen=True)
class ServiceAddress:
    """Where the service is: ``url`` up to and including the version, as in ``http://127.0.0.1:8080/v1``.

    ``timeout_seconds`` is the limit of one attempt as a whole, ``attempts`` how often a busy or silent service is
    asked, ``failures`` how many calls in a row may fail before it is left alone for ``rest_seconds``.
    Azure wants its key in a header ``api-key`` and its version behind the address: ``key_header`` and ``query``.
    """

    url: str
    model: str
    key: str = ""
    timeout_seconds: float = 30.0
    attempts: int = 2
    wait_seconds: float = 0.5
    failures: int = 3
    rest_seconds: float = 60.0
    key_header: str = "Authorization"
    query: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        try:
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or "@" in parts.netloc or parts.query or parts.fragment:
            raise ServiceAddressError(
                "言語サービスの住所「%(url)s」は使えません。http:// か https:// で始め、/v1 までを書いてください。",
                url=self.url[:100],
            )


class Breaker:
    """Leaves a service alone after several failures in a row; then one call tries whether it is back."""

    def __init__(self, *, failures: int, rest_seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._rest, self._clock = failures, rest_seconds, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_until = 0.0

    def lets_through(self) -> bool:
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._closed_until:
                return False
            # Others keep waiting while this one call tries.
            self._closed_until = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            self._closed_until = self._clock() + self._rest


class UselessAnswerError(Exception):
    """The service answered in the right shape, but nothing that could be used; ``what`` says why."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class _BusyError(Exception):
    """Worth another attempt."""


class ModelService:
    """Asks one service by POST and JSON. Safe from several threads: each call has its own connection."""

    def __init__(
        self,
        address: ServiceAddress,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self._clock, self._sleep = clock, sleep
        self._breaker = Breaker(failures=address.failures, rest_seconds=address.rest_seconds, clock=clock)

    def post(self, path: str, body: Mapping[str, object], read: Callable[[dict[str, Any]], Made]) -> Made:
        """Return what ``read`` takes out of the JSON object the service answers.

        ``read`` may fail as one who reads a strange object does, or raise ``UselessAnswerError``: an answer that is of no use
        counts like silence.

        Raises
        ------
        ServiceRestingError
            If it failed too often just now.
        ServiceFailedError
            If it is silent, slow, refuses, or answers something else than was asked for.
        """
        if not self._breaker.lets_through():
            raise ServiceRestingError(
                "言語サービス %(host)s の失敗が続いたため、しばらく呼び出しを止めています。サービスの状態を確かめてください。",
                host=self.host,
            )
        try:
            made = self._read_out(self._with_patience(path, json.dumps(body).encode()), read)
        except ServiceFailedError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return made

    def _read_out(self, answer: dict[str, Any], read: Callable[[dict[str, Any]], Made]) -> Made:
        try:
            return read(answer)
        except UselessAnswerError as error:
            raise self.failure(error.what) from error
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise self.failure("答えの形が違います") from error

    @property
    def host(self) -> str:
        return urlsplit(self.address.url).netloc

    def failure(self, what: str) -> ServiceFailedError:
        return ServiceFailedError(
            "言語サービス %(host)s から結果を受け取れません(%(what)s)。サービスの状態と設定を確かめてください。",
            host=self.host,
            what=what,
        )

    def _with_patience(self, path: str, body: bytes) -> dict[str, Any]:
        for attempt in range(1, self.address.attempts + 1):
            try:
                return self._once(path, body)
            except _BusyError as busy:
                if attempt == self.address.attempts:
                    raise self.failure(str(busy)) from busy
                self._sleep(self.address.wait_seconds * 2 ** (attempt - 1))
        raise self.failure("答えがありません")

    def _once(self, path: str, body: bytes) -> dict[str, Any]:
        deadline = self._clock() + self.address.timeout_seconds
        connection = self._connection()
        try:
            connection.request("POST", self._target(path), body, self._headers())
            response = connection.getresponse()
            self._check_status(response)
            raw = self._read(response, deadline)
        except TimeoutError as error:
            # Whoever was too slow once would only make the asker wait twice.
            raise self.failure("時間内に答えがありません") from error
        except (OSError, http.client.HTTPException) as error:
            raise _BusyError("答えがありません") from error
        finally:
            with contextlib.suppress(OSError):
                connection.close()
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self.failure("答えの形が違います") from error
        if not isinstance(answer, dict):
            raise self.failure("答えの形が違います")
        return answer

    def _check_status(self, response: http.client.HTTPResponse) -> None:
        if response.status in _BUSY:
            raise _BusyError(f"状態 {response.status}")
        if 300 <= response.status < 400:
            raise self.failure("ほかの住所への転送には従いません")
        if response.status >= 400:
            raise self.failure(f"状態 {response.status}")

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """All of the answer, however slowly it drips, but not after the deadline and not without end."""
        parts: list[bytes] = []
        size = 0
        while part := response.read1(65_536):
            parts.append(part)
            size += len(part)
            if size > MOST_ANSWER_BYTES:
                raise self.failure("答えが大きすぎます")
            if self._clock() > deadline:
                raise TimeoutError
        if response.length:
            raise http.client.IncompleteRead(b"")
        return b"".join(parts)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address.url)
        assert parts.hostname is not None
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                parts.hostname,
                parts.port,
                timeout=self.address.timeout_seconds,
                context=ssl.create_default_context(),
            )
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.address.timeout_seconds)

    def _target(self, path: str) -> str:
        target = urlsplit(self.address.url).path.rstrip("/") + path
        return f"{target}?{self.address.query}" if self.address.query else target

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.address.key:
            bearer = self.address.key_header == "Authorization"
            headers[self.address.key_header] = f"Bearer {self.address.key}" if bearer else self.address.key
        return headers
