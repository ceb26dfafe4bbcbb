"""Pages of documents, as those who keep and those who read them use them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from enishi.foundation import erasing, jobs
from enishi.knowledge.documents import readings, selectors, services
from enishi.knowledge.documents.enums import ReadingState
from enishi.knowledge.documents.index import store as stores
from enishi.knowledge.documents.models import Collection, Document, SynonymGroup
from enishi.knowledge.documents.search import document_text
from enishi.organizations.enums import Role, Visibility
from tests.factories import NOON
from tests.knowledge.documents.making import collection, document, keeper

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    stores.store.forget()
    yield
    stores.store.forget()


@pytest.fixture
def office(client):
    person, organization = keeper()
    kept = collection(person, organization)
    client.force_login(person)
    return person, kept


def upload(client, kept, *files, **more):
    listed = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(
        reverse("documents:upload"), {"collection": kept.pk, "papers": listed, **more}, follow=True
    )


def test_files_are_kept_read_and_shown(client, office):
    _person, kept = office

    answer = upload(
        client,
        kept,
        ("要綱.md", "# 空き家の補助\n上限は30万円です。".encode()),
        ("案内.html", "<html><script>alert(1)</script><h1>図書館</h1><p>月曜休み</p></html>".encode()),
        publisher="あおば市",
        published_on="令和8年4月1日",
    )

    made = {row.file_name: row for row in Document.objects.all()}
    assert made["要綱.md"].state == ReadingState.READY
    assert made["要綱.md"].passages.get().heading_path == "空き家の補助"
    assert made["要綱.md"].publisher == "あおば市"
    assert made["案内.html"].text.split() == ["図書館", "月曜休み"]
    assert "資料を2件加えました" in answer.content.decode()


def test_the_same_file_is_not_kept_twice(client, office):
    _person, kept = office
    upload(client, kept, ("住まい.txt", "空き家の補助".encode()))

    answer = upload(client, kept, ("b.txt", "空き家の補助".encode()))

    assert Document.objects.count() == 1
    assert "同じ中身の資料「住まい」がすでにあります" in answer.content.decode()


def test_of_many_files_each_that_is_not_kept_or_read_is_named(client, office):
    _person, kept = office

    answer = upload(
        client,
        kept,
        ("案内.txt", "月曜休み".encode()),
        ("空.txt", b""),
        ("道具.exe", b"MZ"),
        ("図.docx", b"PK"),
    )

    page = answer.content.decode()
    assert [row.file_name for row in Document.objects.order_by("pk")] == ["案内.txt", "図.docx"]
    assert "「空.txt」は空のファイルです" in page and "「道具.exe」は、文章を読める種類" in page
    assert "うち1件は文章を読み取れませんでした。理由は資料のページにあります: 図.docx" in page


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.pdf", b"%PDF-1.4 broken", "PDFを開けません"),
        ("x.docx", b"PK\x03\x04broken", "開けません"),
        ("x.xlsx", b"no archive", "中身が違います"),
        ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "古い形式"),
    ],
)
def test_what_cannot_be_read_says_why_on_its_page(client, office, name, content, sentence):
    person, kept = office

    made = services.add_file(collection=kept, name=name, content=content, actor=person, at=NOON)
    readings.read(made)

    assert made.state == ReadingState.FAILED
    page = client.get(made.get_absolute_url()).content.decode()
    assert sentence in page
    assert "もう一度読み取る" in page


def test_the_very_passage_is_opened_and_marked(client, office):
    person, kept = office
    text = "\n".join(f"# 第{number}条\n" + f"第{number}条の本文です。" * 30 for number in range(1, 90))
    made = document(kept, person, "規則", text)

    page = client.get(made.passage_url(75)).content.decode()

    assert page.count("<mark") == 1
    assert 'id="passage-75"' in page
    assert 'id="passage-1"' not in page


def test_search_on_the_page_shows_passages_with_marks_and_way_to_them(client, office):
    person, kept = office
    document(kept, person)

    page = client.get(reverse("documents:documents"), {"q": "空き家の補助の上限"}).content.decode()

    assert "<mark>補助</mark>" in page
    assert "?passage=1&amp;q=" in page


def test_nothing_found_says_which_word_is_unknown_and_whom_to_ask(client, office):
    page = client.get(reverse("documents:documents"), {"q": "宇宙エレベーター"}).content.decode()

    assert "近い箇所が見つかりません" in page
    assert "どの記録にもありません" in page


def test_a_new_version_takes_the_place_of_the_old(client, office):
    _person, kept = office
    upload(client, kept, ("要綱.txt", "上限は20万円です。".encode()))
    old = Document.objects.get()

    client.post(
        reverse("documents:document_replace", args=[old.pk]),
        {"file": SimpleUploadedFile("要綱2.txt", "上限は30万円です。".encode())},
    )

    old.refresh_from_db()
    assert old.superseded_by is not None
    assert old.superseded_by.text.strip() == "上限は30万円です。"
    assert "これは古い版です" in client.get(old.get_absolute_url()).content.decode()


def test_a_file_much_like_another_asks_whether_it_is_a_new_version(client, office):
    person, kept = office
    parts = "\n".join(f"# {number}\n" + f"{number}番目の決まりです。" * 20 for number in range(9))
    old = document(kept, person, "規程", parts)
    new = document(kept, person, "規程(改正)", parts + "\n# 附則\n施行する。")

    page = client.get(new.get_absolute_url()).content.decode()
    assert "新しい版ですか" in page

    client.post(reverse("documents:document_supersede", args=[new.pk]), {"old": old.pk})
    old.refresh_from_db()
    assert old.superseded_by == new


def test_versions_never_make_a_ring(office):
    person, kept = office
    one, two = document(kept, person, "一"), document(kept, person, "二", "別の文")
    services.supersede(old_id=one.pk, new_id=two.pk, actor=person, at=NOON)

    with pytest.raises(Exception, match="輪になります"):
        services.supersede(old_id=two.pk, new_id=one.pk, actor=person, at=NOON)


def test_strangers_neither_see_nor_change(client, office):
    person, kept = office
    secret = document(kept, person, "内部", visibility=Visibility.INTERNAL)
    public = document(kept, person, "公開", "別の文")
    stranger, _other = keeper()
    client.force_login(stranger)

    assert client.get(secret.get_absolute_url()).status_code == 404
    assert client.get(reverse("documents:document_file", args=[secret.pk])).status_code == 404
    assert client.get(public.get_absolute_url()).status_code == 200
    assert client.post(reverse("documents:document_delete", args=[public.pk])).status_code == 403
    assert "内部" not in client.get(reverse("documents:documents")).content.decode()


def test_an_officer_keeps_only_what_the_section_looks_after(client, office):
    person, kept = office
    from tests.factories import SectionFactory

    mine = SectionFactory(organization=kept.organization)
    officer, _same = keeper(kept.organization, role=Role.OFFICER, section=mine)
    others = document(kept, person, "他課", section=SectionFactory(organization=kept.organization))
    own = document(kept, person, "自課", "別の文", section=mine)
    client.force_login(officer)

    assert client.get(reverse("documents:document_edit", args=[others.pk])).status_code == 403
    assert client.get(reverse("documents:document_edit", args=[own.pk])).status_code == 200


def test_two_editors_never_overwrite_each_other(client, office):
    person, kept = office
    made = document(kept, person)
    services.edit_document(document_id=made.pk, values={"title": "先"}, version=1, actor=person, at=NOON)

    answer = client.post(
        reverse("documents:document_edit", args=[made.pk]),
        {"title": "後", "kind": "faq", "visibility": "public", "version": "1"},
    )

    made.refresh_from_db()
    assert made.title == "先"
    assert "ほかの人が先に保存しました" in answer.content.decode()


def test_lists_come_out_as_tables(client, office):
    person, kept = office
    document(kept, person)

    answer = client.get(reverse("documents:documents"), {"format": "csv"})

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("題名,種類,資料集")
    assert lines[1].startswith("空き家の補助,よくある質問,よくある質問")


@pytest.mark.parametrize("count", [2, 9])
def test_the_list_asks_the_same_number_of_questions_however_long(
    client, office, count, django_assert_max_num_queries
):
    person, kept = office
    for number in range(count):
        document(kept, person, f"資料{number}", f"{number}番目")
    client.get(reverse("documents:documents"))

    with django_assert_max_num_queries(18):
        client.get(reverse("documents:documents"))


def test_the_rows_of_a_table_are_shown_and_cited_as_a_table(client, office):
    person, kept = office
    text = "使用料は次のとおりです。\n| 室 | 午前 |\n| <b>和室</b> | 800円 |\n"
    row = document(kept, person, "使用料", text)

    page = client.get(row.get_absolute_url() + "?passage=1").content.decode()

    assert "<td><mark>&lt;b&gt;和室&lt;/b&gt;</mark></td><td><mark>800円</mark></td></tr>" in page
    assert '<p class="passage-text"><mark>使用料は次のとおりです。</mark></p>' in page
    (found,) = selectors.find(person, "和室の使用料", on=NOON.date())
    assert found.snippet == "使用料は次のとおりです。 / 室 / 午前 / <b>和室</b> / 800円"


def test_words_that_mean_the_same_are_kept_edited_and_removed(client, office):
    client.post(reverse("documents:synonyms"), {"words": "循環線、あおバス"})
    group = SynonymGroup.objects.get()
    assert group.words == "循環線, あおバス"

    client.post(reverse("documents:synonym_edit", args=[group.pk]), {"words": "循環線, 市バス"})
    group.refresh_from_db()
    assert group.words == "循環線, 市バス"

    client.post(reverse("documents:synonym_remove", args=[group.pk]))
    assert not SynonymGroup.objects.exists()
    assert "二つ以上" in client.post(reverse("documents:synonyms"), {"words": "ひとつ"}).content.decode()


def test_words_that_mean_the_same_go_out_and_come_back_as_a_table(client, office):
    client.post(reverse("documents:synonyms"), {"words": "循環線、あおバス\nごみ袋\t指定袋"})
    for form in ("xlsx", "csv-cp932"):
        table = client.get(reverse("documents:synonyms"), {"format": form}).content
        SynonymGroup.objects.last().delete()
        file = SimpleUploadedFile("言い換え.csv" if form != "xlsx" else "言い換え.xlsx", table)

        client.post(reverse("documents:synonyms"), {"table": file})

        assert [group.words for group in SynonymGroup.objects.all()] == ["ごみ袋, 指定袋", "循環線, あおバス"]
    broken = SimpleUploadedFile("x.csv", "循環線,バス\n一つだけ\n".encode())
    assert (
        "2行目「一つだけ」" in client.post(reverse("documents:synonyms"), {"table": broken}).content.decode()
    )
    assert SynonymGroup.objects.count() == 2


def test_a_reader_learns_nothing_of_what_stands_around_a_public_document(client, office):
    person, _kept = office
    secret = collection(person, _kept.organization, name="極秘の検討", visibility=Visibility.INTERNAL)
    old = document(secret, person, "公開の案内", visibility=Visibility.PUBLIC)
    new = document(secret, person, "内緒の改定", "上限をなくす。")
    services.supersede(old_id=old.pk, new_id=new.pk, actor=person, at=NOON)
    addresses = [
        old.get_absolute_url(),
        reverse("documents:documents") + "?format=csv",
        f"/api/v1/documents/{old.pk}",
        "/api/v1/documents",
    ]
    inside = "".join(client.get(address).content.decode() for address in addresses)
    client.logout()

    seen = "".join(client.get(address).content.decode() for address in addresses)

    assert "極秘の検討" in inside and "内緒の改定" in inside
    assert "公開の案内" in seen
    assert "極秘" not in seen and "内緒" not in seen
    assert "極秘" not in str(document_text(old)) and "極秘" in str(document_text(new))


def test_an_old_version_never_holds_again_because_the_new_one_was_erased(client, office):
    person, kept = office
    old, new = document(kept, person, "古い案内"), document(kept, person, "新しい案内", "別の文")
    services.supersede(old_id=old.pk, new_id=new.pk, actor=person, at=NOON)
    services.delete_document(document_id=new.pk, actor=person, at=NOON)

    erasing.erase_old(NOON + timedelta(days=60))

    old.refresh_from_db()
    assert not old.is_current(NOON.date())
    assert "いまの版に戻す" in client.get(old.get_absolute_url()).content.decode()


def test_a_collection_with_documents_is_not_thrown_away(client, office):
    person, kept = office
    document(kept, person)

    client.post(reverse("documents:collection_delete", args=[kept.pk]))

    assert Collection.objects.get().deleted_at is None


def test_a_folder_comes_in_and_again_without_doubles(office, tmp_path):
    person, kept = office
    folder = tmp_path / "in"
    (folder / "議事録").mkdir(parents=True)
    (folder / "議事録" / "1.txt").write_text("空き家を話し合った。", "utf-8")
    (folder / "2.md").write_text("# 手引き\n窓口で受ける。", "utf-8")
    (folder / ".hidden.txt").write_text("x", "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4")
    (folder / "out.txt").symlink_to("/etc/hostname")
    (folder / "写真.jpg").write_bytes(b"\xff\xd8")
    (folder / "昔の要綱.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

    first = readings.import_folder(folder, collection=kept, person=person, progress=lambda *_told: None)
    second = readings.import_folder(folder, collection=kept, person=person, progress=lambda *_told: None)

    assert (first["added"], first["failed_count"]) == (4, 2)
    assert (second["added"], second["same"]) == (0, 4)
    assert "broken.pdf" in first["failed"][0]
    assert "昔の要綱.doc: 古い形式" in first["failed"][1]
    assert first["left_out"] == {".jpg": 1}


def test_why_a_file_was_not_read_is_said_in_the_readers_language_whoever_had_it_read(office):
    person, kept = office
    row = services.add_file(collection=kept, name="予算.xlsx", content=b"no workbook", actor=person, at=NOON)
    with translation.override("en"):
        readings.read(row)

    row.refresh_from_db()
    assert row.state_note == row.state_note_in_words
    assert row.state_note.startswith("名前は .xlsx ですが、中身が違います。")
    with translation.override("en"):
        assert ".xlsx" in row.state_note_in_words and "名前" not in row.state_note_in_words


def test_a_reading_that_was_stopped_goes_on_within_the_file(office, settings):
    person, kept = office
    content = Path(__file__).with_name("data").joinpath("columns_and_vertical.pdf").read_bytes()
    row = services.add_file(collection=kept, name="計画.pdf", content=content, actor=person, at=NOON)
    told = []

    def stop(page, _of):
        raise jobs.CancelledError

    with pytest.raises(jobs.CancelledError):
        readings.read(row, tell=stop)
    row.refresh_from_db()
    between = row.state
    readings.read(row, tell=lambda page, of: told.append((page, of)))

    assert (between, row.state, told) == (ReadingState.WAITING, ReadingState.READY, [(2, 2)])
    assert {each.page for each in row.passages.all()} == {1, 2}
    assert list((settings.DATA_FOLDER / "reading").iterdir()) == []


def test_a_replaced_file_name_never_becomes_a_path(office):
    person, kept = office

    made = services.add_file(
        collection=kept, name="../../etc/pass\u202ewd.txt", content=b"text", actor=person, at=NOON
    )

    assert made.file_name == "passwd.txt"
    assert made.file.name.startswith("documents/")


def test_what_was_thrown_away_comes_back(client, office):
    person, kept = office
    made = document(kept, person)
    client.post(reverse("documents:document_delete", args=[made.pk]))
    client.post(reverse("documents:collection_delete", args=[kept.pk]))
    kept.refresh_from_db()
    assert kept.deleted_at is not None

    trash = client.get(reverse("staff:trash")).content.decode()
    assert "空き家の補助" in trash
    client.post(reverse("staff:trash_restore", args=["collection", kept.pk]))
    client.post(reverse("staff:trash_restore", args=["document", made.pk]))

    kept.refresh_from_db()
    made.refresh_from_db()
    assert (kept.deleted_at, made.deleted_at) == (None, None)


@pytest.mark.parametrize("what", ["document", "collection"])
def test_the_second_of_two_editors_sees_both_versions_and_loses_nothing(client, office, what):
    person, kept = office
    record = kept if what == "collection" else document(kept, person)
    name = "name" if what == "collection" else "title"
    address = reverse(f"documents:{what}_edit", args=[record.pk])
    common = {"kind": "faq", "visibility": "public", "version": record.version, "organization": ""}

    client.post(address, common | {name: "先に保存した名前"})
    second = client.post(address, common | {name: "あとから書いた名前"}).content.decode()
    again = client.post(address, common | {name: "あとから書いた名前", "version": record.version + 1})

    assert "先に保存した名前" in second and "あとから書いた名前" in second
    assert "ほかの人が先に保存しました" in second
    record.refresh_from_db()
    assert (again.status_code, getattr(record, name)) == (302, "あとから書いた名前")


class NeverWhole(ContentFile):
    """A file of which nobody may ask everything at once."""

    def read(self, size=-1):
        assert size > 0, "the whole file was asked for"
        return super().read(size)


def test_a_large_file_goes_to_its_place_piece_by_piece(office):
    person, kept = office

    made = services.add_file(
        collection=kept, name="厚い.txt", content=NeverWhole(b"0" * 200_000), actor=person, at=NOON
    )

    assert made.size == made.file.size == 200_000


@pytest.mark.parametrize(
    ("name", "first", "title"),
    [
        ("R7_09_touben.md", "# 令和7年9月定例会 一般質問の答弁", "令和7年9月定例会 一般質問の答弁"),
        ("空き家対策計画(令和8年度).md", "# 空き家対策計画", "空き家対策計画(令和8年度)"),
        ("kisoku2.md", "# 第1章 総則に関すること", "kisoku2"),
        ("R8_03_kaigi.txt", "第3回 地域公共交通会議 会議録", "第3回 地域公共交通会議 会議録"),
        ("tsuuchi.txt", "自治会長 各位", "tsuuchi"),
    ],
)
def test_a_file_nobody_has_named_is_called_as_it_calls_itself(office, name, first, title):
    person, kept = office
    content = f"{first}\n空き家の補助は50万円までです。".encode()

    made = readings.read(
        services.add_file(collection=kept, name=name, content=content, actor=person, at=NOON)
    )

    made.refresh_from_db()
    assert (made.title, made.file_name) == (title, name)
