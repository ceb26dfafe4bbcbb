"""Help in writing: what is a trouble, what is a solution, what is too vague."""

import pytest
from django.urls import reverse

from enishi.exchange.models import Challenge, Field
from enishi.exchange.selectors import similar_challenges
from enishi.exchange.writing import named_means, solutions, vague_words
from tests.factories import ChallengeFactory, MembershipFactory, OrganizationFactory

SOLUTIONS = """
見守りアプリを導入したい。
AIで需要を予測するシステムが必要である。
補助金を出して空き家の改修を進めたい。
ポイ捨て禁止条例を制定する。
公園に防犯カメラを設置したい。
高齢者にタブレットを配布する。
空き家バンクの整備が急務だ。
観光マップを作りたい。
チャットボットで問い合わせに答える仕組みを作りたい。
ドローンを使って被害を調べたい。
予約システムの導入を検討している。
予約システムの導入を検討しています。
デマンド交通を走らせたい。
アプリがあれば、情報が早く届くはずだ。
専用のポータルサイトを開設してほしい。
住民向けの研修が必要です。
相談窓口を設けるべきだ。
見守りシステムの構築。
子育て世帯にクーポンを配りたい。
太陽光パネルと蓄電池を避難所に設置する予定である。
SNSを活用して発信したい。
RPAを導入すれば残業が減ると考えている。
商店街でイベントを開催したい。
オンライン診療の導入を進める。
人手が足りないので、配膳ロボットを導入したい。
高齢者向けの配食サービスを始めたい。
スマートロックを導入し、鍵の受け渡しをなくしたい。
道の駅にEV充電器を設置したい。
庁内にAI議事録を導入することを検討中だ。
見守りセンサーを百世帯に配る予定です。
移住者向けの支援金を創設すべきだ。
水位計の設置が必要だ。
オンライン予約システムをつくってほしい。
市民が通報できるアプリの開発を求めている。
ごみ出し支援の制度をつくる。
多言語の案内板を設置する必要がある。
防災訓練のイベントを開催し、参加を増やしたい。
DX化を進める。
マッチングサイトを立ち上げたい。
GPS端末を貸し出したい。
""".split()

TROUBLES = """
予約システムが古く、毎月三日かけて転記している。
導入したアプリの利用者が12%にとどまる。
補助金が今年度で終わり、続けられない。
アプリを使えない高齢者が取り残されている。
条例の改正が追いつかない。
システムの導入費用が出せない。
タブレットを配布したが、三割しか使われていない。
一人で暮らす高齢者の変化に気づけない。
バスの運転手が足りず、二路線を減便した。
空き家が五年で二割増えた。
防犯カメラの映像を見返すのに半日かかる。
イベントの日だけ人が来て、平日は静かだ。
研修に出られる職員が一人もいない。
補助金の申請書が18枚あり、書ききれずにあきらめる店がある。
ホームページに載せても読まれていない。
相談窓口が平日の昼しか開いておらず、働く人が来られない。
出店したい事業者が減っている。
高齢者がスマートフォンを使えるようになりたいと話している。
住み続けたいと答えた若者は41%だった。
センサーの電池が冬に切れる。
データベースが三つに分かれ、同じ人を三回入力している。
ドローンで調べたが、木の下の被害は分からなかった。
除雪の担い手の平均年齢が68歳になった。
制度を知らないまま期限を過ぎる人が多い。
委員会の委員のなり手がいない。
子どもが安心して過ごせる場所がない。
地図が古く、避難所の場所が間違っている。
センサーを付けたいという家族は多いが、費用が出せない。
サイトの更新が半年止まっている。
カメラに映らない死角が十か所ある。
補助金を使っても、自己負担が30万円残る。
チラシを配る人がいない。
タブレットの台数が足りない。
マニュアルが担当者の頭の中にしかない。
アプリの通知に気づかない人が半分いる。
AIに置きかえられると不安に思う職員がいる。
相談窓口に来る人の七割が女性だ。
ポイント目当ての参加で終わり、翌月には元に戻る。
平日の朝に橋が渋滞し、通学バスが15分遅れる。
住民が安心して暮らせるようにしたい。
祭りを続けたい。
条例では対象にならない空き地が増えている。
システムを入れ替えたばかりで、五年は変えられない。
クーポンを配ったものの、町外の店で使われた。
""".split()


@pytest.mark.parametrize("sentence", SOLUTIONS)
def test_a_sentence_that_names_a_solution_is_pointed_at(sentence):
    assert named_means(sentence)


@pytest.mark.parametrize("sentence", TROUBLES)
def test_a_sentence_that_tells_of_a_trouble_is_left_alone(sentence):
    assert named_means(sentence) == ""


def test_a_solution_is_found_where_it_stands():
    text = "通院の足がない。デマンド交通を走らせたい。冬は特に困る。"

    (found,) = solutions(text)

    assert text[found.start : found.end] == "デマンド交通を走らせたい。"
    assert found.means == "デマンド交通"


def test_vague_words_come_with_the_question_that_mends_them():
    found = vague_words("商店街の活性化や情報発信などを推進し、一定の効果を得る。")

    assert [one.word for one in found] == ["活性化", "など", "推進", "一定"]
    assert all(one.question.endswith(("か。", "ください。")) for one in found)


@pytest.mark.parametrize(
    "text", ["小学校の給食を食べる。", "高等学校の生徒が減った。", "平等に扱う。", "彼等が来た。"]
)
def test_other_words_with_the_same_letters_are_left_alone(text):
    assert [one.word for one in vague_words(text) if one.word == "など"] == []


@pytest.mark.parametrize("text", ["", "\x00", "あ" * 300_000, "👨‍👩‍👧𠮷", "。。。。", "\ud800"])
def test_any_text_is_safe(text):
    assert solutions(text) == []


@pytest.mark.django_db
def test_similar_challenges_of_other_towns_are_found_nearest_first():
    person = MembershipFactory().person
    near = ChallengeFactory(
        title="除雪の担い手が高齢になり、朝までに終わらない",
        status="closed",
        status_reason="県の事業で解決した",
    )
    ChallengeFactory(title="学校の図書室に来る子が減った", present_state="本を借りる子が減っている。")
    ChallengeFactory(title="除雪の担い手がいない", status="draft")

    found = similar_challenges(person, "除雪の担い手が足りず、通学路が朝までに除雪できない。")

    assert [one.challenge for one in found] == [near]
    assert "除雪" in found[0].shared


@pytest.fixture
def writer(client):
    place = MembershipFactory(organization=OrganizationFactory(name="あおば市"))
    client.force_login(place.person)
    return place.person


def write(challenge, slug):
    return reverse("exchange:challenge_write", args=[challenge.pk, slug])


@pytest.mark.django_db
def test_one_sentence_becomes_a_draft_with_the_first_question(client, writer):
    answer = client.post(
        reverse("exchange:challenge_start"), {"sentence": "お年寄りの通院の足がない。毎日困る。"}
    )

    challenge = Challenge.objects.get()
    assert (challenge.title, challenge.status) == ("お年寄りの通院の足がない", "draft")
    assert answer.url == write(challenge, "who")


@pytest.mark.django_db
def test_a_named_solution_is_pointed_out_and_moved(client, writer):
    client.post(reverse("exchange:challenge_start"), {"sentence": "通院の足がない。"})
    challenge = Challenge.objects.get()
    values = {
        "version": 1,
        "sufferers": ["residents"],
        "present_state": "通院の足がない。デマンド交通を走らせたい。",
    }

    answer = client.post(write(challenge, "who"), values, follow=True)
    assert "この文を「考えられる手立て」に移す" in answer.content.decode()
    client.post(
        reverse("exchange:challenge_move", args=[challenge.pk]),
        {"name": "present_state", "sentence": "デマンド交通を走らせたい。", "slug": "who"},
    )

    challenge.refresh_from_db()
    assert challenge.present_state == "通院の足がない。"
    assert challenge.means_considered == "デマンド交通を走らせたい。"


@pytest.mark.django_db
def test_the_second_press_goes_on_all_the_same(client, writer):
    client.post(reverse("exchange:challenge_start"), {"sentence": "通院の足がない。"})
    challenge = Challenge.objects.get()
    values = {"version": 1, "sufferers": ["residents"], "present_state": "デマンド交通を走らせたい。"}
    client.post(write(challenge, "who"), values)

    answer = client.post(f"{write(challenge, 'who')}?look=1", values | {"version": 2})

    assert answer.url == write(challenge, "where")


@pytest.mark.django_db
def test_all_questions_lead_to_a_challenge_that_can_be_published(client, writer):
    client.post(reverse("exchange:challenge_start"), {"sentence": "お年寄りの通院の足がない。"})
    challenge = Challenge.objects.get()
    answers = [
        (
            "who",
            {"sufferers": ["residents"], "present_state": "週二回の通院に、家族が仕事を休んで送っている。"},
        ),
        ("where", {"areas": "あおば市"}),
        ("howmuch", {"figures": "通院に困る人 約320人(令和8年、自庁調べ)"}),
        ("tried", {"tried": "乗合タクシーを週一回走らせたが、予約が難しかった。"}),
        ("limits", {"conditions": "運転手は市の職員では出せない。"}),
        ("data", {"shareable_data": "町丁別の高齢者数"}),
        ("budget", {"budget_min_yen": "0", "budget_note": "令和9年度に要求"}),
        (
            "success",
            {
                "desired_state": "家族が仕事を休まずに通院できる。",
                "success_measure": "休んだ日が月4日から1日に",
            },
        ),
        ("similar", {}),
        (
            "finish",
            {
                "title": "お年寄りの通院の足がない",
                "fields": _some_field(),
                "contact_name": "交通政策課",
                "visibility": "public",
            },
        ),
    ]
    for slug, values in answers:
        challenge.refresh_from_db()
        answer = client.post(write(challenge, slug), {"version": challenge.version, **values})
        assert answer.status_code == 302, slug

    assert answer.url == reverse("exchange:challenge_check", args=[challenge.pk])
    client.post(reverse("exchange:challenge_publish", args=[challenge.pk]))
    challenge.refresh_from_db()
    assert challenge.status == "open"


def _some_field():
    return [Field.objects.get(code="transport-2").pk]
