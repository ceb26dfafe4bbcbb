"""Promises that every generator, reranker and translator keeps: beside a good service, a slow, wrong, mute or broken one."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from enishi.language.errors import LanguageError, NotConfiguredError, ServiceFailedError, ServiceRestingError
from enishi.language.generator import EndpointGenerator, EndpointTranslator, ExtractiveGenerator, cited
from enishi.language.null import NullGenerator, NullReranker, NullTranslator
from enishi.language.ports import Source, Usage, WritingTask
from enishi.language.reranker import EndpointReranker, LocalReranker
from enishi.language.service import ModelService, ServiceAddress, ServiceAddressError

TASK = WritingTask(
    "質問に答えます。",
    "粗大ごみの手数料はいくらですか",
    [Source("a", "図書館は月曜日に休みます。"), Source("b", "粗大ごみの手数料は500円です。")],
)
FAULTS = ("busy", "gone", "html", "list", "short", "words", "cut", "redirect", "huge_number")


class Service(BaseHTTPRequestHandler):
    """Chat and rerank as vLLM, llama.cpp server, Ollama and Azure speak them; ``fault`` says how it misbehaves."""

    fault = ""
    busy_times = 0
    seen: list[dict] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
        if self.fault == "drop":
            self.connection.close()
            return
        if self.fault == "busy_once" and len(self.seen) == 1:
            self.send_response(503)
            self.end_headers()
            return
        if self.fault == "drip":
            self.send_response(200)
            self.end_headers()
            for _part in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
            return
        status = {"busy": 503, "gone": 404, "redirect": 302}.get(self.fault, 200)
        self.send_response(status)
        if self.fault == "redirect":
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        content = self.answer().encode()
        self.send_header("Content-Length", str(len(content) + (50 if self.fault == "cut" else 0)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self):
        if self.fault == "html":
            return "<html>502</html>"
        if self.fault == "list":
            return "[]"
        if self.path.startswith("/v1/rerank"):
            return json.dumps(self.ranked())
        return json.dumps(self.chatted())

    def ranked(self):
        texts = self.seen[-1]["body"]["documents"]
        rows = [
            {"index": place, "relevance_score": float("手数料" in text)} for place, text in enumerate(texts)
        ]
        if self.fault == "short":
            rows = rows[1:]
        if self.fault == "huge_number":
            rows[0]["relevance_score"] = 1e999
        return {"results": "many" if self.fault == "words" else rows}

    def chatted(self):
        text = {"short": "  ", "words": 7, "huge_number": None}.get(self.fault, "手数料は500円です。[2]")
        return {
            "choices": [{"message": {"content": text}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5},
        }

    def log_message(self, *arguments):
        pass


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    Service.fault, Service.seen = "", []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def service(url, **more):
    return ModelService(
        ServiceAddress(url, "model", **{"wait_seconds": 0.0, **more}), sleep=lambda seconds: None
    )


@pytest.fixture(params=["extractive", "endpoint", "null"])
def any_generator(request):
    if request.param == "endpoint":
        return EndpointGenerator(service(request.getfixturevalue("url")))
    if request.param == "extractive":
        return ExtractiveGenerator(LocalReranker(request.getfixturevalue("embedder")))
    return NullGenerator()


@pytest.fixture(params=["local", "endpoint", "null"])
def any_reranker(request):
    if request.param == "endpoint":
        return EndpointReranker(service(request.getfixturevalue("url")))
    if request.param == "local":
        return LocalReranker(request.getfixturevalue("embedder"))
    return NullReranker()


@pytest.fixture(params=["endpoint", "null"])
def any_translator(request):
    if request.param == "endpoint":
        return EndpointTranslator(EndpointGenerator(service(request.getfixturevalue("url"))))
    return NullTranslator()


# --- Every adapter ----------------------------------------------------------------------------------------------------


def test_a_generator_writes_something_or_says_plainly_that_it_cannot(any_generator):
    try:
        written = any_generator.write(TASK)
    except NotConfiguredError as refusal:
        assert "設定されていません" in str(refusal)
    else:
        assert "500円" in written.text
        assert written.model == any_generator.name
        assert ("b",) in [keys for _sentence, keys in cited(written.text, TASK.sources)]


def test_one_that_does_not_write_freely_only_copies(any_generator):
    if any_generator.writes_freely or any_generator.name == "null":
        return
    sources = "".join(source.text for source in TASK.sources)

    assert all(sentence in sources for sentence, _keys in cited(any_generator.write(TASK).text, TASK.sources))


def test_a_reranker_gives_one_finite_number_a_text(any_reranker):
    scores = any_reranker.scores(TASK.question, [source.text for source in TASK.sources])

    assert scores.shape == (2,)
    assert np.isfinite(scores).all()
    assert any_reranker.name == "null" or scores[1] > scores[0]
    assert any_reranker.scores("何か", []).shape == (0,)


def test_a_translator_translates_or_says_plainly_that_it_cannot(any_translator):
    try:
        assert any_translator.translate("手数料は500円です。", to="en").text
    except NotConfiguredError as refusal:
        assert "職員が書いて" in str(refusal)


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_service_does_only_a_plain_refusal_comes_out(url, fault):
    Service.fault = fault
    asked = service(url)

    if fault != "huge_number":
        with pytest.raises(ServiceFailedError, match="言語サービス"):
            EndpointGenerator(asked).write(TASK)
    with pytest.raises(ServiceFailedError, match="言語サービス"):
        EndpointReranker(service(url)).scores("質問", ["手数料", "休み"])


def test_a_dropped_connection_is_told_plainly(url):
    Service.fault = "drop"

    with pytest.raises(ServiceFailedError, match="答えがありません"):
        EndpointGenerator(service(url)).write(TASK)
    assert len(Service.seen) == 2


def test_an_answer_that_drips_without_end_is_cut_off_at_the_limit(url):
    Service.fault = "drip"

    with pytest.raises(ServiceFailedError, match="時間内"):
        EndpointGenerator(service(url, timeout_seconds=0.3)).write(TASK)
    assert len(Service.seen) == 1


# --- Patience, rest, address ------------------------------------------------------------------------------------------


def test_a_busy_service_is_asked_once_more(url):
    Service.fault = "busy_once"

    assert EndpointGenerator(service(url)).write(TASK).text == "手数料は500円です。[2]"
    assert len(Service.seen) == 2


def test_the_waiting_doubles(url):
    Service.fault, waited = "busy", []
    asked = ModelService(ServiceAddress(url, "m", attempts=4, wait_seconds=0.5), sleep=waited.append)

    with pytest.raises(ServiceFailedError):
        asked.post("/chat/completions", {}, dict)

    assert waited == [0.5, 1.0, 2.0]


def test_a_refusal_is_not_repeated(url):
    Service.fault = "gone"

    with pytest.raises(ServiceFailedError, match="404"):
        EndpointGenerator(service(url)).write(TASK)
    assert len(Service.seen) == 1


def test_after_three_failures_it_is_left_alone_and_then_tried_by_one(url):
    Service.fault, now = "gone", [0.0]
    asked = ModelService(ServiceAddress(url, "m", rest_seconds=60), clock=lambda: now[0])
    for _call in range(3):
        with pytest.raises(ServiceFailedError):
            asked.post("/chat/completions", {}, dict)

    with pytest.raises(ServiceRestingError):
        asked.post("/chat/completions", {}, dict)
    assert len(Service.seen) == 3

    now[0], Service.fault = 61.0, ""
    assert asked.post("/chat/completions", {}, dict)["choices"]
    assert asked.post("/chat/completions", {}, dict)["choices"]


def test_while_one_tries_whether_it_is_back_others_wait(url):
    Service.fault, now = "gone", [0.0]
    asked = ModelService(ServiceAddress(url, "m", failures=1, rest_seconds=60), clock=lambda: now[0])
    with pytest.raises(ServiceFailedError):
        asked.post("/chat/completions", {}, dict)
    now[0] = 61.0

    with pytest.raises(ServiceFailedError, match="404"):
        asked.post("/chat/completions", {}, dict)
    with pytest.raises(ServiceRestingError):
        asked.post("/chat/completions", {}, dict)


def test_nonsense_three_times_in_a_row_is_enough(url):
    Service.fault = "short"
    asked = service(url)
    for _call in range(3):
        with pytest.raises(ServiceFailedError):
            EndpointGenerator(asked).write(TASK)

    with pytest.raises(ServiceRestingError):
        EndpointGenerator(asked).write(TASK)


def test_no_redirect_is_followed_and_no_proxy_used(url, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert EndpointGenerator(service(url)).write(TASK).text

    Service.fault = "redirect"
    with pytest.raises(ServiceFailedError, match="転送"):
        EndpointGenerator(service(url)).write(TASK)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file:///etc/passwd",
        "ftp://a/v1",
        "http://",
        "http://user:pass@host/v1",
        "http://host/v1?x=1",
        "http://host:99999/v1",
    ],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ServiceAddressError, match="住所"):
        ServiceAddress(address, "m")


def test_azure_s_way_of_key_and_version(url):
    address = ServiceAddress(url, "m", key="secret", key_header="api-key", query="api-version=2024-10-21")

    EndpointGenerator(ModelService(address)).write(TASK)

    assert Service.seen[0]["path"] == "/v1/chat/completions?api-version=2024-10-21"
    assert Service.seen[0]["headers"]["api-key"] == "secret"
    assert "Authorization" not in Service.seen[0]["headers"]


def test_a_text_never_becomes_part_of_the_address(url):
    hostile = WritingTask(
        "x", "http://127.0.0.1:9/ \r\nHost: elsewhere", [Source("a", "\r\n\r\nGET / HTTP/1.1")]
    )

    EndpointGenerator(service(url)).write(hostile)

    assert [each["path"] for each in Service.seen] == ["/v1/chat/completions"]


def test_the_tokens_are_those_the_service_tells(url):
    assert EndpointGenerator(service(url)).write(TASK).usage == Usage(10, 5)


def test_every_refusal_is_a_language_error():
    assert issubclass(ServiceRestingError, ServiceFailedError)
    assert issubclass(ServiceFailedError, LanguageError)
    assert issubclass(NotConfiguredError, LanguageError)
