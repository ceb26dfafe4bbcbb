"""The imaginary region's documents answer as they should."""

import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.config.demo import documents, region
from enishi.knowledge.documents import selectors
from enishi.knowledge.documents.index import store as stores
from enishi.knowledge.documents.models import Document
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db


def test_the_regions_documents_answer_by_circle_and_day(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    stores.store.forget()
    organizations = region._organizations()
    sections = region._sections(organizations)
    people = region._people(organizations, sections, NOON)

    documents.fill(organizations, sections, people, NOON)

    assert Document.objects.count() == 28
    visitor = selectors.find(AnonymousUser(), "空き家の改修の補助はいくらまで", on=TODAY)
    officer = selectors.find(people["planner"], "協定に書いていない仕事を頼まれた", on=TODAY)
    assert "空き家改修事業補助金交付要綱(旧)" not in {found.document.title for found in visitor}
    assert {found.document.visibility for found in visitor} == {"public"}
    assert officer[0].document.title == "協定の外の仕事を頼まれたとき"
    assert not selectors.find(AnonymousUser(), "協定に書いていない仕事を頼まれた", on=TODAY)[:1] or all(
        found.document.visibility == "public"
        for found in selectors.find(AnonymousUser(), "協定に書いていない仕事を頼まれた", on=TODAY)
    )
    expired = "電子図書館のご案内(令和7年度)"
    assert expired not in {
        row.document.title for row in selectors.find(AnonymousUser(), "電子図書館", on=TODAY)
    }
    stores.store.forget()
