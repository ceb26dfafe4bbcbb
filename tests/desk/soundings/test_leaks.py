from enishi.desk.soundings.leaks import Leak, Private, leaks, plain, shared_runs


def test_a_name_is_found_without_its_legal_form_and_in_any_width():
    found = leaks("青葉　建設からは賛成", [Private(7, ["株式会社青葉建設"], [])])

    assert found == [Leak("name", "青葉建設", 7)]


def test_wording_is_found_across_punctuation_and_quoted_once():
    said = "地下水の熱を夜のうちにためて朝の浴室に回す"

    found = leaks(
        "ある社は「地下水の熱を、夜のうちにためて朝の浴室に回す」と述べた。", [Private(1, [], [said])]
    )

    assert found == [Leak("wording", plain(said), 1)]


def test_what_was_announced_before_is_nobodys_secret():
    known = "旧第二小学校の校舎と体育館の使い方をうかがいます"

    assert leaks(known, [Private(1, [], [known])], known=known) == []


def test_a_figure_from_the_minutes_is_found_with_or_without_commas_and_years_are_not():
    private = [Private(3, [], ["月額12,800円、2031年から"])]

    assert leaks("一人12800円で、2031年まで", private) == [Leak("figure", "12800", 3)]


def test_a_paraphrase_passes():
    assert (
        leaks("夜の利用に前向きな声があった", [Private(1, ["緑屋"], ["当社は夜間も営業できると考える"])])
        == []
    )


def test_two_separate_runs_are_two():
    said = "あいうえおかきくけこさしすせそ。なにぬねのはひふへほまみむめも"

    assert len(shared_runs(plain("あいうえおかきくけこさしXXXなにぬねのはひふへほまみ"), plain(said))) == 2


def test_a_term_marked_as_know_how_is_watched_closer_than_what_was_merely_said():
    said = Private(1, [], ["膜屋根の独自工法がある"], ["膜屋根の独自工法。サウナ12台が上限"])

    assert leaks("膜屋根の独自工法で、12台まで", [said]) == [
        Leak("wording", "膜屋根の独自工法", 1),
        Leak("figure", "12", 1),
    ]
    assert leaks("独自の屋根という声", [said]) == []
