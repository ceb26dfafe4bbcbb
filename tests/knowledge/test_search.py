"""What is found, by whom, in which order."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.exchange.models import Resource
from enishi.knowledge import counting, registry, selectors, services
from enishi.knowledge.asked import Asked
from enishi.knowledge.models import SearchDocument
from enishi.knowledge.registry import SearchSource, SearchText
from enishi.knowledge.selectors import missing, search, search_each
from tests.factories import (
    NOON,
    ChallengeFactory,
    FieldFactory,
    MembershipFactory,
    OrganizationFactory,
    ResourceFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()


def resource(title="見守り", offer="内容", *, days=0, **named):
    made = ResourceFactory(
        title=title,
        offer=offer,
        updated_at=NOON + dt.timedelta(days=days),
        **{"confirmed_on": NOON.date(), **named},
    )
    services.index("resource", [made.pk])
    return made


def titles(query="", person=VISITOR, **named):
    return [hit.title for hit in search(person, query, **named).items]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("子ども食堂をひらく", "こども食堂"),
        ("こども食堂をひらく", "子ども食堂"),
        ("子ども食堂をひらく", "コドモ食堂"),
        ("子ども食堂をひらく", "こどもしょくどう"),
        ("移動販売の取り組み", "取組"),
        ("移動販売の取組", "取り組み"),
        ("空家の改修", "空き家"),
        ("空き家の改修", "あきや"),
        ("ボランティアの派遣", "ﾎﾞﾗﾝﾃｨｱ"),
        ("ボランティアの派遣", "ぼらんてぃあ"),
        ("ボランティアの派遣", "ボラン"),
        ("高齢者の見守り", "見守"),
        ("高齢者の見守り", "高齢"),
        ("地方自治法第244条の2の指定管理", "244条"),
        ("令和8年12月1日の講座", "2026-12-01"),
        ("2026/12/1の講座", "令和８年１２月１日"),
        ("型番ABC-123の機器", "ａｂｃ－１２３"),
        ("型番ABC-123の機器", "abc123"),
        ("𠮷野家の隣", "𠮷野家"),
        ("葛󠄀城市の講座", "葛城市"),
        ("高橋商店", "髙橋商店"),
    ],
)
def test_spellings_meet(written, typed):
    resource(written)

    assert titles(typed) == [written]


@pytest.mark.parametrize("together", [200, 3, 0])
def test_all_kinds_at_once_find_what_each_finds_alone(together, monkeypatch):
    monkeypatch.setattr(selectors, "TOGETHER", together)
    for number in range(4):
        resource(f"見守り{number}", offer="配食", days=number)
    resource("配食の車", offer="見守り", confirmed_on=dt.date(2020, 1, 1))
    services.index("challenge", [ChallengeFactory(title="見守りの手が足りない").pk])
    services.index("challenge", [ChallengeFactory(title="空き家").pk])
    kinds = ["challenge", "resource", "project"]

    for typed in ("見守り", "見守り 配食", "みまもり -配食", "空家"):
        at_once = search_each(VISITOR, typed, kinds, limit=3)
        alone = {kind: search(VISITOR, typed, kinds=[kind], limit=3, faceted=False) for kind in kinds}
        assert {kind: (hits.object_ids, hits.count) for kind, hits in at_once.items()} == {
            kind: (hits.object_ids, hits.count) for kind, hits in alone.items()
        }


def test_words_stand_in_the_body_too_and_all_must_be_there():
    resource("送迎", "買い物に行けない人を車で運びます。")
    resource("配達", "買い物を届けます。")

    assert titles("買い物 車") == ["送迎"]


def test_phrase_and_exclusion():
    resource("移住体験ツアー")
    resource("体験農園", "移住の相談")

    assert titles('"移住体験"') == ["移住体験ツアー"]
    assert titles("移住 -農園") == ["移住体験ツアー"]
    assert titles("-農園") == ["移住体験ツアー"]


def test_title_comes_before_body_and_new_before_old():
    resource("見守りの電球", days=0)
    resource("見守りの犬", days=1)
    resource("電球", "見守りに使えます。", days=2)

    assert titles("見守り") == ["見守りの犬", "見守りの電球", "電球"]
    assert titles("見守り", order="recent") == ["電球", "見守りの犬", "見守りの電球"]


def test_unconfirmed_sinks():
    resource("見守り旧", days=1)
    resource("見守り新", days=2, confirmed_on=NOON.date() - dt.timedelta(days=400))

    assert titles("見守り") == ["見守り旧", "見守り新"]
    assert titles() == ["見守り旧", "見守り新"]


def test_tags_of_one_facet_add_up_and_facets_narrow():
    welfare, farm = FieldFactory(code="w"), FieldFactory(code="f")
    resource("甲", fields=[welfare], kinds=["technology"])
    resource("乙", fields=[farm], kinds=["people"])
    resource("丙", fields=[farm], kinds=["technology"])

    hits = search(VISITOR, tags=["field:f", "kind:technology"])

    assert [hit.title for hit in hits.items] == ["丙"]
    assert titles(tags=["field:f", "field:w"], order="recent") == ["丙", "乙", "甲"]
    assert hits.facet("field:w") == 1
    assert hits.facet("field:f") == 1
    assert hits.facet("kind:people") == 1


def test_kinds():
    made = ChallengeFactory(title="見守りの課題")
    services.index("challenge", [made.pk])
    resource("見守りの資源")

    assert titles("見守り", kinds=["challenge"]) == ["見守りの課題"]
    assert search(VISITOR, "見守り").facets["in:resource"] == 1


def test_two_kinds_of_many_are_walked_from_the_newest_of_either():
    """What lay above the first kind's newest was missed: a later kind, and what has sunk."""
    resource("見守り")
    services.index("challenge", [ChallengeFactory(title="見守りの課題").pk])
    resource("見守りの古い資源", confirmed_on=NOON.date() - dt.timedelta(days=400))

    found = titles("見守り", kinds=["resource", "challenge"])

    assert set(found) == {"見守り", "見守りの課題", "見守りの古い資源"}
    assert titles("見守り", kinds=["resource"]) == ["見守り", "見守りの古い資源"]


def test_pages_follow_each_other_without_gaps_in_both_directions():
    made = [resource(f"見守り{number}", days=number % 3).title for number in range(7)]
    made += [resource("電球", f"見守り{number}", days=number).title for number in range(4)]
    seen, after, cursors = [], "", []
    for _page in range(10):
        hits = search(VISITOR, "見守り", after=after, limit=3)
        seen.append([hit.object_id for hit in hits.items])
        cursors.append(hits)
        after = hits.next_cursor
        if not after:
            break
    back = search(VISITOR, "見守り", before=cursors[2].previous_cursor, limit=3)

    assert len({key for page in seen for key in page}) == len(made)
    assert [hit.object_id for hit in back.items] == seen[1]
    assert all(hits.count == len(made) for hits in cursors)


@pytest.mark.parametrize("visibility", ["public", "members", "parties", "internal"])
def test_who_finds_what(visibility):
    owner, invited, other = (MembershipFactory() for _ in range(3))
    made = resource(
        "秘密の見守り", organization=owner.organization, visibility=visibility, parties=[invited.organization]
    )

    found = {
        name: titles("見守り", person) == [made.title]
        for name, person in (
            ("visitor", VISITOR),
            ("owner", owner.person),
            ("invited", invited.person),
            ("other", other.person),
        )
    }

    assert found == {
        "visitor": visibility == "public",
        "owner": True,
        "invited": visibility in ("public", "members", "parties"),
        "other": visibility in ("public", "members"),
    }


@pytest.mark.parametrize("unshared", [False, True])
def test_counts_and_readable_records_are_the_same_for_everybody(monkeypatch, unshared):
    """Counts come from the index's own words: they must say what ``visible_to`` says."""
    house, guest, other = (OrganizationFactory() for _ in range(3))
    section = SectionFactory(organization=house)
    people = [
        VISITOR,
        MembershipFactory(organization=house).person,
        MembershipFactory(organization=house, section=section).person,
        MembershipFactory(
            organization=house, section=SectionFactory(organization=house, parent=section)
        ).person,
        MembershipFactory(organization=house, section=SectionFactory(organization=house)).person,
        MembershipFactory(organization=house, role="auditor").person,
        MembershipFactory(organization=house, role="resident").person,
        MembershipFactory(organization=guest, role="partner_member").person,
        MembershipFactory(organization=other).person,
    ]
    with monkeypatch.context() as patched:
        patched.setitem(registry._sources, "resource", SearchSource("resource", Resource, circle(unshared)))
        for visibility in ("public", "members", "parties", "internal", "section"):
            resource("見守り", organization=house, section=section, visibility=visibility, parties=[guest])

        for person in people:
            readable = SearchDocument.objects.visible_to(person).count()
            question = Asked.of(person, "見守り", ["resource"], ())
            assert counting.count(question, question.expression) == (readable, True)
            assert len(titles("見守り", person)) == readable


def circle(unshared):
    return lambda made: SearchText(
        title=made.title,
        organization_id=made.organization_id,
        section_id=made.section_id,
        visibility=made.visibility,
        parties=[party.pk for party in made.parties.all()],
        updated_at=made.updated_at,
        not_yet_shared=unshared,
    )


def test_what_is_not_yet_shared_is_found_by_its_owner_only(monkeypatch):
    owner, other = MembershipFactory(), MembershipFactory()
    monkeypatch.setitem(registry._sources, "resource", SearchSource("resource", Resource, unshared))
    resource("下書きの見守り", organization=owner.organization)

    assert titles("見守り") == titles("見守り", other.person) == []
    assert titles("見守り", owner.person) == ["下書きの見守り"]


def unshared(made):
    return SearchText(
        title=made.title,
        organization_id=made.organization_id,
        visibility="public",
        updated_at=made.updated_at,
        not_yet_shared=True,
    )


def test_change_moves_up_and_is_found_by_its_new_words_only():
    made = resource("甲の見守り")
    resource("乙の見守り", days=1)
    made.title, made.updated_at = "丙の送迎", NOON + dt.timedelta(days=2)
    made.save()

    services.index("resource", [made.pk])

    assert titles("甲") == []
    assert titles(order="recent") == ["丙の送迎", "乙の見守り"]


def test_reindexing_what_did_not_change_keeps_its_place():
    first = resource("甲の見守り")
    resource("乙の見守り", days=1)

    services.index("resource", [first.pk])

    assert titles(order="recent") == ["乙の見守り", "甲の見守り"]


def test_deleted_and_removed_are_gone():
    deleted, removed = resource("甲の見守り"), resource("乙の見守り")
    deleted.deleted_at = NOON
    deleted.save()

    services.index("resource", [deleted.pk])
    services.remove("resource", [removed.pk])

    assert titles("見守り") == []
    assert titles() == []


@pytest.mark.parametrize(
    "typed",
    [
        '"', "'", '""', "-", "--", '-"', "NOT", "AND OR", "a OR", "(", ")", "*", "words:x", "NEAR(a b)", "\x00", "見守り\x00",
        "👨‍👩‍👧‍👦🎉", "\ud800", "\\", "%s %d %", "'; DROP TABLE knowledge_words; --", "見" * 10_000, "a " * 5_000, "!&|:*<->",
        "t=見守り", "#in:resource", "の は を", "。。。", "\u202e見守り", "𠮷" * 300, '"' * 999, "-見守り -送迎 -電球",
    ],
)  # fmt: skip
def test_nothing_typed_is_an_error(typed):
    resource("見守りの電球")

    hits = search(VISITOR, typed, tags=[typed[:50]], after=typed[:50])

    assert hits.count == len(hits.items)
    assert search(VISITOR, typed).count in (0, 1)
    missing(VISITOR, typed)


def test_hit_marks_what_was_found_and_nothing_of_what_was_written_acts():
    resource(
        "<b>見守り</b>の灯り", "<script>alert(1)</script>とある。" + "長い文。" * 60 + "最後に見守りとある。"
    )

    [hit] = search(VISITOR, "見守り").items

    assert hit.title_marked == "&lt;b&gt;<mark>見守り</mark>&lt;/b&gt;の灯り"
    assert "<script>" not in hit.snippet
    assert "<mark>見守り</mark>" in hit.snippet


def test_missing_words_come_with_their_likely_spelling():
    resource("ボランティアの派遣")

    [word] = missing(VISITOR, "ボランテイア")

    assert word.shown == "ボランテイア"
    assert word.suggestions[0] == "ぼらんてぃあ"


def test_no_spelling_tells_of_a_word_that_stands_in_hidden_records_alone():
    owner = MembershipFactory()
    resource("ボランテアス計画", visibility="internal", organization=owner.organization)

    [word] = missing(VISITOR, "ボランテオス")

    assert word.suggestions == []
    assert missing(owner.person, "ボランテオス")[0].suggestions


def test_facet_counts_only_what_the_person_may_see():
    owner = MembershipFactory()
    resource("甲", kinds=["people"])
    resource("乙", kinds=["people"], visibility="internal", organization=owner.organization)

    assert search(VISITOR).facet("kind:people") == 1
    assert search(owner.person).facet("kind:people") == 2


def test_organization_of_another_kind_is_a_facet():
    resource("甲", organization=OrganizationFactory(kind="npo"))

    assert search(VISITOR).facet("orgkind:npo") == 1
