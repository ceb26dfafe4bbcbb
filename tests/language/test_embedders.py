"""Promises that every embedder keeps."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from enishi.language.endpoint import Endpoint, EndpointEmbedder, EndpointSettingsError
from enishi.language.errors import EmbeddingFailedError

DIMENSIONS = 16


class Service(BaseHTTPRequestHandler):
    """A small embeddings service: counts signs, answers in reverse order."""

    fault = ""
    seen: list[dict[str, object]] = []

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append({"key": self.headers.get("Authorization"), **asked})
        rows = [{"index": index, "embedding": self.vector(text)} for index, text in enumerate(asked["input"])]
        body = {
            "": json.dumps({"data": rows[::-1]}),
            "short": json.dumps({"data": rows[1:]}),
            "words": json.dumps({"data": "none"}),
            "html": "<html>502</html>",
            "stream": 'data: {"data": []}\n\ndata: [DONE]\n\n',
            "endless": json.dumps({"data": [{"index": 0, "embedding": [10**400] * DIMENSIONS}]}),
            "spent": json.dumps({"data": rows, "usage": {"prompt_tokens": 10**30}}),
        }[self.fault]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def vector(self, text):
        counts = np.zeros(DIMENSIONS)
        for sign in text:
            counts[ord(sign) % DIMENSIONS] += 1
        return counts.tolist()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    Service.fault, Service.seen = "", []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["bundled", "endpoint"])
def any_embedder(request):
    if request.param == "bundled":
        return request.getfixturevalue("embedder")
    return EndpointEmbedder(Endpoint(request.getfixturevalue("service"), "counts", DIMENSIONS))


def test_one_vector_of_length_one_a_text(any_embedder):
    vectors = any_embedder.embed(["断水が続く", "水を運ぶ"], side="query")

    assert vectors.shape == (2, any_embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_no_text_gives_no_vector(any_embedder):
    assert any_embedder.embed([], side="passage").shape == (0, any_embedder.dimensions)


def test_an_empty_text_gives_zeros(any_embedder):
    vectors = any_embedder.embed(["", "水を運ぶ", "\x00"], side="passage")

    assert [bool(vector.any()) for vector in vectors] == [False, True, False]


def test_the_same_text_gives_the_same_vector(any_embedder):
    first, second = (any_embedder.embed(["断水が続く"], side="query") for _ in range(2))

    assert np.array_equal(first, second)


def test_spellings_of_a_text_give_the_same_vector(any_embedder):
    first, second = any_embedder.embed(["ボランティア10人", "ﾎﾞﾗﾝﾃｨｱ１０人"], side="query")

    assert np.array_equal(first, second)


def test_order_is_kept_over_many_texts(any_embedder):
    texts = [f"{number}番の橋を直す" for number in range(40)]

    together = any_embedder.embed(texts, side="passage")

    assert np.allclose(together[37], any_embedder.embed([texts[37]], side="passage")[0], atol=1e-6)


def test_the_name_tells_models_apart(any_embedder, service):
    other = EndpointEmbedder(Endpoint(service, "other", DIMENSIONS))

    assert any_embedder.name != other.name


@pytest.mark.parametrize("fault", ["short", "words", "html", "stream", "endless"])
def test_a_wrong_answer_is_refused_plainly(service, fault):
    Service.fault = fault
    embedder = EndpointEmbedder(Endpoint(service, "counts", DIMENSIONS))

    with pytest.raises(EmbeddingFailedError, match="埋め込みサービス"):
        embedder.embed(["断水"], side="query")


def test_useless_answers_are_asked_for_three_times_and_then_no_more(service):
    Service.fault = "words"
    embedder = EndpointEmbedder(Endpoint(service, "counts", DIMENSIONS))

    for _time in range(5):
        with pytest.raises(EmbeddingFailedError):
            embedder.embed(["断水"], side="query")

    assert len(Service.seen) == 3


def test_tokens_nobody_can_have_used_are_not_counted(service):
    Service.fault = "spent"

    _vectors, usage = EndpointEmbedder(Endpoint(service, "counts", DIMENSIONS)).embed_counted(
        ["断水"], side="query"
    )

    assert usage.tokens == 0


def test_wrong_dimensions_are_refused(service):
    embedder = EndpointEmbedder(Endpoint(service, "counts", DIMENSIONS + 1))

    with pytest.raises(EmbeddingFailedError, match="次元"):
        embedder.embed(["断水"], side="query")


def test_a_silent_service_is_told_plainly():
    embedder = EndpointEmbedder(Endpoint("http://127.0.0.1:9/v1", "counts", DIMENSIONS, timeout_seconds=1))

    with pytest.raises(EmbeddingFailedError, match="答えがありません"):
        embedder.embed(["断水"], side="query")


def test_prefix_and_key_are_sent(service):
    endpoint = Endpoint(service, "counts", DIMENSIONS, key="secret", query_prefix="query: ")

    EndpointEmbedder(endpoint).embed(["断水"], side="query")

    assert Service.seen == [{"key": "Bearer secret", "model": "counts", "input": ["query: 断水"]}]


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "127.0.0.1:8080", "http://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(EndpointSettingsError, match="http"):
        Endpoint(url, "counts", DIMENSIONS)
