"""Frozen data: what is downloaded recomputes to exactly what the page shows, and two persons publish."""

import hashlib
import json
import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from enishi.evaluation.models import PublishedDataSet, Reflection
from enishi.evaluation.published import selectors, services, sources
from enishi.evaluation.published.answers import shown
from enishi.evaluation.published.freezing import as_csv, as_json
from enishi.evaluation.published.measures import recompute
from enishi.evaluation.published.reading import open_data, read_rows
from enishi.evaluation.published.tables import DECISIONS
from enishi.evaluation.reflection.selectors import Moment
from enishi.evaluation.reflection.services import Said, approve, record_reflection
from enishi.foundation.refusals import RefusedError
from enishi.knowledge import services as knowledge
from enishi.knowledge.models import SearchDocument
from enishi.organizations.enums import Visibility
from tests.evaluation.money_world import MILLION, YEAR, allocate, budget, cycle, decision, programme, town
from tests.factories import NOON


def test_rows_come_back_from_both_forms_as_they_were():
    row = {
        "decision": "D1",
        "subject": "100101",
        "title": '=cmd "危ない", 名前\n二行目',
        "evaluated_year": 2024,
        "target_year": None,
        "course": "継続(経過観察)",
        "budget_relevant": False,
        "decided_yen": -5,
        "content": "-減らす",
    }
    back = [
        next(read_rows(DECISIONS, name, write(DECISIONS, [row])))
        for name, write in (("decisions.csv", as_csv), ("decisions.json", as_json))
    ]

    assert back[0] == back[1]
    assert {key: back[0][key] for key in row} == row


@pytest.fixture
def place(db):
    return town()


def finished(place):
    """Four decisions: reflected, partly, not, and one of a programme that is not public."""
    of_cycle = cycle(place)
    codes = ("0100", "0200", "0300", "0400")
    budget(place, [(2025, code, 10 * MILLION) for code in codes])
    budget(place, [(2026, code, yen * MILLION) for code, yen in zip(codes, (8, 9, 10, 5), strict=True)])
    programme(place, "100104", Visibility.INTERNAL)
    said = [("反映", ""), ("一部反映", ""), ("未反映", "契約が残るため"), ("反映", "")]
    for n, code in enumerate(codes):
        row = decision(place, of_cycle, f"10010{n + 1}", "縮小", -2 * MILLION)
        allocate(place, f"10010{n + 1}", (2025, code), (2026, code))
        record_reflection(
            decision_id=row.pk, moment=Moment(YEAR), said=Said(*said[n]), actor=place.finance, at=NOON
        )
    decision(place, of_cycle, "100105", "継続")
    approve(reflection_ids=list(Reflection.objects.values_list("pk", flat=True)), actor=place.second, at=NOON)


def frozen(place):
    return services.freeze(
        organization=place.house,
        fiscal_year=YEAR,
        title="令和8年度のデータ",
        note="",
        actor=place.finance,
        at=NOON,
    )


def published(place):
    finished(place)
    return services.publish(data_set_id=frozen(place).pk, actor=place.second, at=NOON)


def test_what_anybody_downloads_recomputes_to_what_the_page_shows(place, client, tmp_path):
    row = published(place)
    page = client.get(row.get_absolute_url()).content.decode()
    archive = client.get(reverse("evaluation:data_set_zip", args=[row.pk]))
    (tmp_path / "data.zip").write_bytes(archive.content)

    for name in ("反映率", "反映率(一部反映を含む)", "反映率(金額)"):
        answer = recompute(name, open_data(tmp_path / "data.zip"), year=YEAR)
        assert shown(answer.figure) in page
    answer = recompute("反映率", open_data(tmp_path / "data.zip"), year=YEAR)
    assert (answer.year, shown(answer.figure)) == (YEAR, "50.0%(2/4)")
    assert answer == selectors.told(row).headline
    assert answer.notes == ()
    assert "契約が残るため" in page
    review = recompute("見直し率", open_data(tmp_path / "data.zip"))
    assert shown(review.figure) == "80.0%(4/5)"
    assert f"見直し率(評価年度 令和6年度): {shown(review.figure)}" in page


def test_files_are_the_frozen_bytes_with_their_hashes(place, client):
    row = published(place)
    archive = zipfile.ZipFile(BytesIO(client.get(reverse("evaluation:data_set_zip", args=[row.pk])).content))
    about = json.loads(archive.read("about.json"))

    for name, digest in about["sha256"].items():
        file = client.get(reverse("evaluation:data_set_file", args=[row.pk, name]))
        assert hashlib.sha256(file.content).hexdigest() == digest == row.files.get(name=name).sha256
        assert archive.read(name) == file.content
    readme = archive.read("README.md").decode()
    assert "| 決定番号 | decision |" in readme
    # Whoever has only a spreadsheet finds the cells, and the answer they must come to.
    assert '- M2(分母)`=IF(AND(E2=2026,G2="はい",LEFT(F2,2)<>"継続"),1,0)`' in readme
    assert "- 反映率 `=SUM(N:N)/SUM(M:M)` … このデータでは **50.0%(2/4)**" in readme
    assert client.get(reverse("evaluation:data_set_file", args=[row.pk, "secret.csv"])).status_code == 404


def test_programs_and_the_search_find_a_set_only_while_it_is_published(
    place, client, django_capture_on_commit_callbacks
):
    finished(place)
    kept = frozen(place)
    with django_capture_on_commit_callbacks(execute=True):
        services.publish(data_set_id=kept.pk, actor=place.second, at=NOON)

    (item,) = client.get("/api/v1/evaluation/data-sets?year=2026").json()["items"]
    whole = client.get(f"/api/v1/evaluation/data-sets/{kept.pk}").json()
    first = whole["numbers"][0]
    file = next(each for each in whole["files"] if each["name"] == "decisions.csv")

    assert (item["id"], first["name"], first["value"], first["shown"]) == (
        kept.pk,
        "反映率",
        "1/2",
        "50.0%(2/4)",
    )
    assert hashlib.sha256(client.get(file["url"]).content).hexdigest() == file["sha256"]
    assert SearchDocument.objects.filter(kind="evaluation_data", object_id=kept.pk).exists()
    knowledge.catch_up(NOON)  # the nightly round finds what was missed by ``updated_at``
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw(data_set_id=kept.pk, reason="直すため", actor=place.finance, at=NOON)
    assert not SearchDocument.objects.filter(kind="evaluation_data").exists()
    assert client.get(f"/api/v1/evaluation/data-sets/{kept.pk}").status_code == 404


def test_later_changes_do_not_reach_what_was_published(place, client):
    row = published(place)
    before = client.get(reverse("evaluation:data_set_zip", args=[row.pk])).content
    Reflection.objects.filter(status="反映").update(status="一部反映")

    assert client.get(reverse("evaluation:data_set_zip", args=[row.pk])).content == before
    with pytest.raises(TypeError):
        row.files.first().save()


def test_what_is_not_public_is_counted_without_its_name(place):
    finished(place)
    rows = {row["subject"]: row for row in selectors.data_of(frozen(place)).rows(DECISIONS)}

    assert (rows["100104"]["title"], rows["100104"]["content"]) == ("(公開していない事業)", "")
    assert rows["100101"]["title"] == "100101の事業"


def test_unapproved_reflections_do_not_count(place):
    finished(place)
    Reflection.objects.filter(status="反映").update(approved_by=None, approved_at=None)

    answer = selectors.told(frozen(place)).headline

    assert shown(answer.figure) == "0.0%(0/4)"
    assert answer.counts["未反映などの理由"] == {"反映の記録がない": 2, "契約が残るため": 1}


def test_a_second_person_publishes_and_residents_see_it_only_then(place, client):
    finished(place)
    row = frozen(place)
    assert client.get(row.get_absolute_url()).status_code == 404
    with pytest.raises(RefusedError, match="自分が作った"):
        services.publish(data_set_id=row.pk, actor=place.finance, at=NOON)
    with pytest.raises(PermissionDenied):
        services.publish(data_set_id=row.pk, actor=place.officer, at=NOON)

    services.publish(data_set_id=row.pk, actor=place.mayor, at=NOON)

    assert client.get(row.get_absolute_url()).status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedDataSet.objects.filter(pk=row.pk).update(published_by=place.finance)


def test_a_newer_set_takes_the_place_of_the_older(place):
    first = published(place)
    second = services.publish(data_set_id=frozen(place).pk, actor=place.second, at=NOON)

    first.refresh_from_db()
    assert (first.state, first.withdrawn_reason) == ("withdrawn", "新しいデータに差し替えました。")
    assert second.is_public


def test_a_year_without_decisions_is_refused(place):
    with pytest.raises(RefusedError, match="決定がありません"):
        frozen(place)


def test_rooms_above_contribute_their_tables(place, monkeypatch):
    finished(place)
    monkeypatch.setitem(
        sources._sources,
        "proposals",
        lambda house, year: [
            {"proposal": "R8-1", "received_on": NOON.date(), "decided_on": NOON.date(), "agreed": True, "fate": "実現", "ended_on": NOON.date()}
        ],
    )  # fmt: skip

    others = {answer.measure: shown(answer.figure) for answer in selectors.told(frozen(place)).others}

    assert others["提案成約率"] == "100.0%(1/1)"
