"""Canaries: unique strings in what is confidential, looked for everywhere anybody without right may look."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from enishi.audit.models import AuditEvent
from enishi.desk import cases, confidentiality, drafting, services
from enishi.desk.enums import ProposalStatus
from enishi.desk.errors import ReasonNeededError
from enishi.desk.models import CaseText, ConfidentialGrant, Letter, Proposal, Suggestion
from enishi.desk.services import letters
from enishi.desk.services.files import attach
from enishi.knowledge.models import SearchDocument
from enishi.notifications.models import Notice
from tests.desk.making import Desk
from tests.factories import NOON

pytestmark = pytest.mark.django_db

CANARIES = {
    "heading": "ひみつ見出しカナリア甲",
    "text": "ひみつ本文カナリア乙",
    "file_name": "ひみつ書類カナリア丙.txt",
    "file_text": "ひみつ中身カナリア丁",
    "name": "ひみつ氏名カナリア戊",
    "email": "canary-tsuchinoto@example.jp",
    "phone": "0999-12-3456",
}
WORDS = (*CANARIES.values(), "カナリア丙")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def planted(desk: Desk, settings: Any, tmp_path: Any) -> Proposal:
    settings.MEDIA_ROOT = tmp_path
    draft = desk.draft(
        parts=[(CANARIES["heading"], CANARIES["text"])],
        name=CANARIES["name"],
        email=CANARIES["email"],
        phone=CANARIES["phone"],
    )
    attach(
        proposal_id=draft.pk,
        name=CANARIES["file_name"],
        content=CANARIES["file_text"].encode(),
        is_confidential=True,
        actor=desk.partner,
        at=NOON,
    )
    proposal = services.submit(proposal_id=draft.pk, actor=desk.partner, at=NOON)
    # The case goes its way, so that every kind of notice, letter, suggestion and record comes to be.
    from enishi.desk.services.triage import suggest

    suggest(proposal_id=proposal.pk, actor=desk.planner, at=NOON)
    services.consult(
        proposal_id=proposal.pk, sections=[desk.welfare, desk.parks], actor=desk.planner, at=NOON
    )
    services.reply(proposal_id=proposal.pk, body="内容を確かめています。", actor=desk.planner, at=NOON)
    cases.refresh([proposal], at=NOON)
    return proposal


def _found(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def _body(answer: HttpResponseBase) -> str:
    parts = answer.streaming_content if answer.streaming else [answer.content]  # type: ignore[attr-defined]
    return b"".join(parts).decode("utf-8", "replace") + str(answer.headers)


def test_the_proposer_and_the_desk_read_and_every_reading_is_on_record(desk: Desk, planted: Proposal) -> None:
    for person in (desk.partner, desk.planner):
        parts = confidentiality.read_parts(planted, actor=person, at=NOON)
        assert [part.text for part in parts] == [CANARIES["text"]]

    readings = AuditEvent.objects.filter(action="read_confidential")
    assert readings.count() == 2


@pytest.mark.parametrize("who", ["officer", "manager", "auditor", "rival_partner", "neighbour", "stranger"])
def test_others_are_refused_and_told_whom_to_ask(desk: Desk, planted: Proposal, who: str) -> None:
    with pytest.raises(PermissionDenied) as refused:
        confidentiality.read_parts(planted, actor=getattr(desk, who), at=NOON)

    assert "窓口に頼んでください" in str(refused.value)


def test_given_with_a_reason_and_taken_back(desk: Desk, planted: Proposal) -> None:
    with pytest.raises(ReasonNeededError):
        confidentiality.give(
            proposal_id=planted.pk, actor=desk.planner, at=NOON, reason=" ", section=desk.welfare
        )
    grant = confidentiality.give(
        proposal_id=planted.pk, actor=desk.planner, at=NOON, reason="可否の判断", section=desk.welfare
    )

    assert confidentiality.may_read(desk.manager, planted)
    assert not confidentiality.may_read(desk.officer, planted)
    confidentiality.take_back(grant_id=grant.pk, actor=desk.planner, at=NOON)
    assert not confidentiality.may_read(desk.manager, planted)
    assert ConfidentialGrant.objects.get().ended_at == NOON


def test_a_section_officer_may_not_give(desk: Desk, planted: Proposal) -> None:
    with pytest.raises(PermissionDenied):
        confidentiality.give(
            proposal_id=planted.pk, actor=desk.manager, at=NOON, reason="見たい", person=desk.manager
        )


def test_nothing_shows_in_search_notices_letters_trail_or_suggestions(
    desk: Desk, planted: Proposal, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        services.move(proposal_id=planted.pk, status=ProposalStatus.IN_DIALOGUE, actor=desk.planner, at=NOON)
        letters.send_letters(NOON)
    from enishi.knowledge import services as knowledge

    knowledge.index("proposal", [planted.pk])

    places = {
        "search": json.dumps(list(SearchDocument.objects.values()), default=str, ensure_ascii=False),
        "notices": json.dumps(list(Notice.objects.values()), default=str, ensure_ascii=False),
        "letters": json.dumps(list(Letter.objects.values("subject", "body")), ensure_ascii=False),
        "mail": "\n".join(f"{one.subject}\n{one.body}" for one in mail.outbox),
        "trail": json.dumps(list(AuditEvent.objects.values()), default=str, ensure_ascii=False),
        "suggestions": json.dumps(list(Suggestion.objects.values()), default=str, ensure_ascii=False),
        "log": caplog.text,
        "drafting": str(drafting.offers(desk.proposal(), desk.planner)),
        "compared": cases.open_text(planted),
    }
    assert {place: found for place, text in places.items() if (found := _found(text))} == {}
    assert SearchDocument.objects.filter(kind="proposal", object_id=planted.pk).exists()
    assert CaseText.objects.filter(proposal=planted).exists()


def test_similar_cases_never_say_more_than_the_open_text(desk: Desk, planted: Proposal) -> None:
    other = desk.proposal(title="電気の使い方で見守る 二", summary="分電盤の機器で暮らしの変化に気づきます。")
    cases.refresh([planted, other], at=NOON)

    found = cases.similar_cases(other, desk.officer)

    assert planted.pk in [one.proposal.pk for one in found]
    assert _found(str([one.shared for one in found])) == []


OPENS_WHAT_IS_SEALED = {"desk:proposal_sealed", "desk:proposal_contact", "desk:file"}


def _addresses() -> Iterator[tuple[str, list[str]]]:
    """Every address of the desk with the names of its arguments: what the sub-rooms add comes by itself."""

    def walk(patterns: Any, names: list[str]) -> Iterator[tuple[str, list[str]]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, [*names, *one.pattern.converters])
            elif isinstance(one, URLPattern) and one.name:
                yield f"desk:{one.name}", [*names, *one.pattern.converters]

    for resolver in get_resolver().url_patterns:
        if (isinstance(resolver, URLResolver) and resolver.namespace == "desk") or "desk/" in str(
            resolver.pattern
        ):
            yield from walk(resolver.url_patterns, [])


def _urls(planted: Proposal) -> Iterator[tuple[str, str]]:
    consultation = planted.consultations.first()
    file = planted.files.first()
    values: dict[str, Any] = {"secret": "x" * 43, "step": "content", "token": "x" * 43}
    for name, arguments in _addresses():
        key = (
            consultation.pk
            if consultation and "consultation" in name
            else file.pk
            if file and name == "desk:file"
            else planted.pk
        )
        given = {argument: values.get(argument, key) for argument in arguments}
        try:
            yield name, reverse(name, kwargs=given)
        except Exception:
            given = {argument: "csv" if argument in {"form", "format"} else "x" for argument in arguments}
            continue


ROLES = (
    "officer",
    "manager",
    "welfare_officer",
    "auditor",
    "rival_partner",
    "neighbour",
    "stranger",
    "nobody",
)


@pytest.mark.parametrize("who", ROLES)
def test_no_page_of_the_desk_shows_anything_to_whoever_has_no_right(
    desk: Desk, planted: Proposal, who: str
) -> None:
    client = Client(raise_request_exception=True)
    if who != "nobody":
        client.force_login(getattr(desk, who))

    walked = 0
    leaks = {}
    for name, address in _urls(planted):
        # A page of one record knows no list to search or to give away.
        of_one = re.search(r"/\d+/", address)
        for query in ("",) if of_one else ("", "?format=csv", "?format=xlsx", "?q=カナリア", "?as=table"):
            answer = client.get(address + query)
            walked += 1
            found = _found(_body(answer) if "xlsx" not in query else _sheet(answer))
            if found:
                leaks[name + query] = found
    assert leaks == {}
    assert walked > 200


def _sheet(answer: HttpResponseBase) -> str:
    content = getattr(answer, "content", b"")
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    return str([list(sheet.values) for sheet in book.worksheets])


@pytest.mark.parametrize("who", ROLES)
def test_search_export_home_and_api_show_nothing(desk: Desk, planted: Proposal, who: str) -> None:
    client = Client()
    if who != "nobody":
        client.force_login(getattr(desk, who))
    addresses = [
        "/",
        "/search/?q=カナリア",
        "/search/?q=見守る",
        "/history/",
        "/notices/",
        "/api/v1/openapi.json",
    ]
    addresses += [f"/api/v1/proposals/{planted.pk}", "/api/v1/proposals", f"/case/proposal/{planted.pk}/"]

    leaks = {}
    for address in addresses:
        # The words of the question stand in the search field: they are taken out before looking.
        text = re.sub(r'value="[^"]*"|q=[^"&]*', "", _body(client.get(address))).replace("「カナリア」", "")
        found = _found(text)
        if found:
            leaks[address] = found
    assert leaks == {}


def test_a_visitors_status_page_hides_until_asked_and_serves_its_own(
    client: Client, desk: Desk, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    draft = desk.visitors_draft()
    services.save_draft(
        proposal_id=draft.pk, values={}, parts=[(CANARIES["heading"], CANARIES["text"])], actor=None, at=NOON
    )
    services.ask_for_proof(proposal_id=draft.pk, at=NOON)
    letters.send_letters(NOON)
    address = re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body)[1]

    page, sealed = client.get(address), client.get(f"{address}confidential/")

    assert _found(_body(page)) == []
    assert CANARIES["text"] in _body(sealed)
    # "no-referrer" would make browsers send "Origin: null" with the page's forms, which are then refused.
    assert {page.headers["Referrer-Policy"], sealed.headers["Referrer-Policy"]} == {"same-origin"}
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert AuditEvent.objects.filter(action="read_confidential").exists()


def test_a_file_is_served_to_the_desk_and_hidden_from_colleagues(
    client: Client, desk: Desk, planted: Proposal
) -> None:
    file = planted.files.get()

    client.force_login(desk.planner)
    opened = client.get(reverse("desk:file", args=[file.pk]))
    client.force_login(desk.officer)
    refused = client.get(reverse("desk:file", args=[file.pk]))

    assert CANARIES["file_text"] in _body(opened)
    assert refused.status_code == 403
    assert CANARIES["file_name"] not in _body(client.get(planted.get_absolute_url()))


def test_what_is_typed_into_the_form_is_not_kept_elsewhere(client: Client, desk: Desk) -> None:
    client.force_login(desk.partner)
    draft = desk.draft()

    client.post(
        reverse("desk:write_step", args=[draft.pk, "sealed"]),
        {
            "heading_0": CANARIES["heading"],
            "text_0": CANARIES["text"],
            "file": SimpleUploadedFile("a.pdf", b"x"),
        },
    )

    from enishi.foundation.models import FormDraft, Submission

    kept = [
        *FormDraft.objects.values_list("values", flat=True),
        *Submission.objects.values_list("result", flat=True),
    ]
    assert _found(str(kept)) == []
