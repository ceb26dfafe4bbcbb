"""Services behind addresses that find and order passages: used where set, counted, and never in the way."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from enishi.knowledge.answers import machines
from enishi.knowledge.documents import selectors
from enishi.knowledge.documents.index import building, embedders
from enishi.knowledge.documents.index import store as stores
from enishi.knowledge.models import ModelUse, Passage
from tests.factories import TODAY
from tests.knowledge.documents.making import collection, document, keeper

pytestmark = pytest.mark.django_db


class Models(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/rerank"):
            # What speaks of fireflies answers best, whatever was asked.
            scores = [float("蛍" in text) for text in sent["documents"]]
            rows = [{"index": place, "relevance_score": score} for place, score in enumerate(scores)]
            body = {"results": rows}
        else:
            rows = [
                {"index": place, "embedding": [float("補助" in text), 1.0, 0.0, 0.0]}
                for place, text in enumerate(sent["input"])
            ]
            body = {"data": rows, "usage": {"prompt_tokens": 7 * len(rows)}}
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def address(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    Models.status = 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    machines._service.cache_clear()
    stores.store.forget()
    settings.OUTBOUND = True
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()
    stores.store.forget()
    embedders._opened.pop(embedders.ENDPOINT, None)


@pytest.fixture
def office():
    person, organization = keeper()
    kept = collection(person, organization)
    document(kept, person)
    document(kept, person, "蛍", "蛍の夕べは六月です。")
    return person, organization


def test_a_service_puts_passages_in_order_and_is_counted(address, office, settings):
    _person, organization = office
    settings.RERANKER_URL = address

    order = machines.best_of(organization, "補助", ["補助は30万円", "蛍の夕べ"], most=1)

    assert order == [1]
    assert ModelUse.objects.get().kind == "reranker"


def test_a_service_that_fails_leaves_the_order_as_it_was(address, office, settings):
    _person, organization = office
    settings.RERANKER_URL = address
    Models.status = 500

    assert machines.best_of(organization, "補助", ["補助は30万円", "蛍の夕べ"], most=1) is None
    assert ModelUse.objects.get().failures == 1


def test_nothing_is_asked_where_calls_out_are_forbidden(address, office, settings):
    settings.RERANKER_URL, settings.EMBEDDER_URL, settings.OUTBOUND = address, address, False

    assert machines.best_of(office[1], "補助", ["補助は30万円"], most=1) is None
    assert embedders.endpoint_embedder() is None


def test_a_service_for_vectors_reads_documents_on_their_owner_s_account(address, office, settings):
    person, organization = office
    settings.EMBEDDER_URL, settings.EMBEDDER_DIMENSIONS = address, 4
    settings.RETRIEVAL_EMBEDDER = embedders.ENDPOINT

    building.embed_waiting()
    found = selectors.find(person, "補助", on=TODAY)

    assert set(Passage.objects.values_list("embedder", flat=True)) == {"endpoint:default:4"}
    assert found[0].document.title == "空き家の補助"
    use = ModelUse.objects.get()
    assert (use.organization, use.kind, use.prompt_tokens) == (organization, "embedder", 7 * 3)
