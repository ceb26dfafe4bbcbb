"""Help in writing: sentences that name a solution instead of a trouble, and words too vague to answer.

Rules over the words of a sentence, not a model: the writer can see why a sentence was pointed at, and may say no.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.language.sentences import sentences
from enishi.language.tokens import Token, tokens

LONGEST = 8_000

MEANS = frozenset(
    "アプリ アプリケーション システム AI 人工知能 生成AI ロボット ドローン センサー タブレット プラットフォーム ポータルサイト ポータル "
    "ウェブサイト ホームページ サイト ツール チャットボット カメラ GPS QRコード IoT RPA クラウド ビッグデータ デジタル 補助金 助成金 給付金 "
    "支援金 奨励金 クーポン ポイント 商品券 条例 要綱 協議会 委員会 検討会 マニュアル ガイドライン 研修 セミナー 講座 イベント キャンペーン "
    "パンフレット チラシ リーフレット マップ 動画 SNS 相談窓口 拠点施設 デマンド交通 シェアサイクル 自動運転 コンシェルジュ ボランティアバンク "
    "人材バンク 空き家バンク データベース 掲示板 モニター 端末 機器 装置 アドバイザー コーディネーター サービス 制度 交付金 基金 "
    "看板 案内板 防犯カメラ ソフト ソフトウェア メタバース VR サイネージ 自販機 発電機 蓄電池 太陽光パネル".split()
)
"""Words of means, as their writing in a text joined without blanks."""

ACTIONS = frozenset(
    "導入 整備 設置 開発 構築 実装 制定 配布 委託 新設 建設 開設 創設 配備 購入 電子化 デジタル化 自動化 システム化 アプリ化 DX化 活用 利用 制作 作成 発行 支給 開催".split()
)
"""What one does with means."""

_MAKING = frozenset(
    "作る 造る 創る 使う 用いる 建てる 置く 入れる 設ける 走る 走らせる 配る 開く 立ち上げる 取り入れる 上げる 付ける 始める 広める 増やす 出す 設置 導入 "
    "活用 整備 開発 構築 利用 提供 制定 配布 委託 開催".split()
)
_WISH_NOUNS = frozenset("必要 不可欠 急務 要望 予定 方針".split())
_WISH_VERBS = frozenset(
    "求める 望む 目指す 図る 進める 推進 検討 期待 要望 希望 考える 計画 予定 提案".split()
)
_POLITE = frozenset(
    "です ます だ だろう て 居る いる です。 と 思う 考える 御座る ございる 為る する た ある 有る か よ ね の ん が".split()
)
_PAST_OR_TROUBLE = frozenset(
    "無い ない ぬ ず 足りる 不足 困る 難しい 困難 進む 遅れる 追い付く 止まる 留まる 終わる 古い 老朽 減る 途切れる 壊れる 続く 負担 届く 使える 読める 切れる 分かる 出来る".split()
)

VAGUE: dict[str, str | Promise] = {
    "など": _("ほかに何がありますか。主なものを書き出してください。"),
    "等": _("ほかに何がありますか。主なものを書き出してください。"),
    "活性化": _("何が、どれだけ増えれば「活性化した」と言えますか。"),
    "推進": _("だれが、何をすることですか。"),
    "促進": _("だれが、何をすることですか。"),
    "強化": _("何が、いまよりどれだけ増えることですか。"),
    "充実": _("何が、いまよりどれだけ増えることですか。"),
    "向上": _("何の数が、いくつからいくつになることですか。"),
    "最適化": _("何が減り、何が増えることですか。"),
    "効率化": _("だれの、どの作業が、何時間減ることですか。"),
    "高度化": _("いまと何が変わることですか。"),
    "魅力": _("だれにとっての、どんなよさですか。"),
    "賑わい": _("いつ、どこに、何人がいることですか。"),
    "にぎわい": _("いつ、どこに、何人がいることですか。"),
    "連携": _("だれとだれが、何を一緒にすることですか。"),
    "様々": _("主なものを二つか三つ書き出してください。"),
    "さまざま": _("主なものを二つか三つ書き出してください。"),
    "適切": _("どうなっていれば「適切」ですか。"),
    "十分": _("どれだけあれば「十分」ですか。"),
    "一定": _("いくつですか。"),
    "ある程度": _("どのくらいですか。"),
    "多く": _("いくつ、または何割ですか。"),
    "増加傾向": _("いくつからいくつになりましたか。"),
    "減少傾向": _("いくつからいくつになりましたか。"),
}
"""Words that let a reader guess, and the question that mends them."""


@dataclass(frozen=True)
class Solution:
    """A sentence that names a means where a trouble was asked for."""

    text: str
    start: int
    end: int
    means: str


@dataclass(frozen=True)
class Vague:
    word: str
    start: int
    end: int
    question: str


def solutions(text: str) -> list[Solution]:
    """The sentences of a text that wish for a means."""
    text = text[:LONGEST]
    found = []
    for sentence in sentences(text):
        means = named_means(sentence.text)
        if means:
            found.append(Solution(sentence.text, sentence.start, sentence.end, means))
    return found


def named_means(sentence: str) -> str:
    """The means a sentence wishes for, or nothing when it speaks of a trouble, of the past, or of something else."""
    words = [token for token in tokens(sentence) if token.normal.strip()]
    body = _without_marks(words)
    if not body:
        return ""
    places = _places_of_means(body)
    if not places:
        return ""
    place = next((place for place in places if _is_wished(body, *place)), None)
    return "".join(token.surface for token in body[place[0] : place[1]]) if place else ""


def vague_words(text: str) -> list[Vague]:
    """Words that say little, each with the question that mends it; each word once."""
    found: dict[str, Vague] = {}
    for token in tokens(text[:LONGEST]):
        question = VAGUE.get(token.surface)
        if question is None or token.surface in found:
            continue
        if token.surface == "等" and token.part != "接尾辞":
            continue
        found[token.surface] = Vague(token.surface, token.start, token.end, str(question))
    for phrase in ("ある程度", "増加傾向", "減少傾向", "最適化", "活性化", "効率化", "高度化"):
        start = text.find(phrase)
        if start >= 0 and phrase not in found:
            found[phrase] = Vague(phrase, start, start + len(phrase), str(VAGUE[phrase]))
    return sorted(found.values(), key=lambda one: one.start)


def _without_marks(words: Sequence[Token]) -> list[Token]:
    return [token for token in words if token.part not in {"補助記号", "空白"}]


def _places_of_means(words: Sequence[Token]) -> list[tuple[int, int]]:
    """Where means or doings stand, as spans of words; a compound counts by its longest form."""
    places: list[tuple[int, int]] = []
    index = 0
    while index < len(words):
        length = _length_of_means(words, index)
        if length:
            places.append((index, index + length))
        index += max(length, 1)
    return places


def _length_of_means(words: Sequence[Token], index: int) -> int:
    for length in (4, 3, 2, 1):
        span = words[index : index + length]
        if len(span) == length and "".join(token.surface for token in span) in (MEANS | ACTIONS):
            return length
    return 0


def _is_wished(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether what follows the means makes it something to do, rather than something there is or was."""
    rest = words[end:]
    if _is_possessed_trouble(rest):
        return False
    surface = "".join(token.surface for token in words[start:end])
    is_action = surface in ACTIONS
    if not rest:
        # 「見守りアプリの導入」: a doing at the very end is a plan.
        return is_action and start > 0
    if _is_condition(rest):
        return True
    return _ends_in_wish(rest, is_action=is_action) or _ends_in_plan(words, start, end, is_action=is_action)


def _is_condition(rest: Sequence[Token]) -> bool:
    """「アプリがあれば」「導入すれば」: believed to solve it."""
    surfaces = "".join(token.surface for token in rest[:4])
    return any(
        mark in surfaces
        for mark in ("があれば", "さえあれば", "すれば", "を使えば", "を作れば", "を入れれば", "ができれば")
    )


def _ends_in_wish(rest: Sequence[Token], *, is_action: bool) -> bool:
    """「…たい」「…が必要だ」「…が欲しい」「…べきだ」「…を求める」 as the last predicate of the sentence."""
    core = list(rest)
    while core and (_is_polite(core[-1]) or core[-1].surface == "中"):
        core.pop()
    if not core:
        return False
    last = core[-1]
    if last.normal in {"たい", "欲しい", "貰う", "もらう"} or last.normal in {"可し", "べし", "べき"}:
        return _has_doing(core, is_action=is_action)
    if last.normal in _WISH_NOUNS:
        return not _denied(rest) and _is_subject_or_doing(core, is_action=is_action)
    return last.normal in _WISH_VERBS and not _denied(rest) and not _is_past(rest) and _has_object(core)


def _ends_in_plan(words: Sequence[Token], start: int, end: int, *, is_action: bool) -> bool:
    """「アプリを導入する。」: a plain present with a doing, neither past nor denied."""
    rest = list(words[end:])
    doing = is_action and bool(rest) and rest[0].normal in {"為る", "する"}
    if not doing:
        doing = len(rest) >= 2 and rest[0].surface in {"を", "の"} and _doing_at_end(rest)
        if not doing:
            return False
    tail = [token.normal for token in rest]
    if any(normal in _PAST_OR_TROUBLE for normal in tail) or _is_past(rest):
        return False
    return _is_plain_end(rest, is_action=is_action)


def _doing_at_end(rest: Sequence[Token]) -> bool:
    core = list(rest)
    while core and (_is_polite(core[-1]) and core[-1].normal not in {"為る", "する"}):
        core.pop()
    if core and core[-1].normal in {"為る", "する"}:
        core.pop()
    return bool(core) and (core[-1].normal in _MAKING or core[-1].surface in ACTIONS)


def _is_plain_end(rest: Sequence[Token], *, is_action: bool) -> bool:
    """Only the doing itself stands between the means and the end."""
    allowed = {"を", "の", "に", "して", "し", "する", "ます", "です", "だ", "こと", "と", "て", "いく"}
    core = [token for token in rest if token.surface not in allowed]
    return all(
        token.normal in _MAKING or token.surface in ACTIONS or token.normal in {"為る", "する", "行く", "事"}
        for token in core
    )


def _is_polite(token: Token) -> bool:
    return token.normal in _POLITE and token.part != "名詞"


def _denied(rest: Sequence[Token]) -> bool:
    return any(token.normal in {"無い", "ない", "ぬ", "ず"} for token in rest)


def _is_past(rest: Sequence[Token]) -> bool:
    return any(token.normal == "た" and token.part == "助動詞" for token in rest)


def _has_doing(core: Sequence[Token], *, is_action: bool) -> bool:
    """A wish is about the means when one makes or uses it; 「使えるようになりたい」 is about people."""
    inner = core[:-1]
    if any(token.surface in {"よう", "様"} or token.normal == "様" for token in inner):
        return False
    if is_action:
        return not _has_other_topic(inner)
    return any(token.normal in _MAKING or token.surface in ACTIONS for token in inner) or (
        bool(inner) and inner[0].surface in {"が", "を"} and core[-1].normal == "欲しい"
    )


def _has_other_topic(inner: Sequence[Token]) -> bool:
    """「導入した人にもっと話を聞きたい」: the wish is about something named after the doing."""
    return any(
        token.part == "名詞" and token.subpart == "普通名詞" and token.surface not in ACTIONS
        for token in inner
    ) and _is_past(inner)


def _is_subject_or_doing(core: Sequence[Token], *, is_action: bool) -> bool:
    """「…が必要」, 「…の整備が急務」, 「…を配布する予定」."""
    inner = core[:-1]
    if core[-1].normal in {"予定", "方針"}:
        return is_action or any(token.normal in _MAKING or token.surface in ACTIONS for token in inner)
    if not inner or inner[-1].surface not in {"が", "は", "も", "に"}:
        return is_action
    between = [token for token in inner[:-1] if token.part == "名詞" and token.surface not in ACTIONS]
    return len(between) == 0


def _has_object(core: Sequence[Token]) -> bool:
    """「…の導入を検討する」: the means, or what is done with it, is the object."""
    inner = core[:-1]
    if not inner:
        return False
    if inner[-1].surface not in {"を", "に", "が"}:
        return False
    between = [token for token in inner[:-1] if token.part in {"名詞", "動詞"}]
    doings = {"為る", "する", "事", "こと"}
    return all(token.surface in ACTIONS or token.normal in _MAKING | doings for token in between)


def _is_possessed_trouble(rest: Sequence[Token]) -> bool:
    """「アプリの利用者が少ない」「補助金が終わる」「システムが古い」: the means is what the trouble is about."""
    if not rest or rest[0].surface not in {"の", "が", "は", "も", "に", "で", "を", "だけ", "費", "費用"}:
        return False
    tail = [token.normal for token in rest]
    return any(normal in _PAST_OR_TROUBLE for normal in tail[1:6]) and not any(
        normal in {"たい", "必要", "欲しい", "べし"} for normal in tail
    )


def advice(texts: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, Solution]], list[tuple[str, Vague]]]:
    """What to point out in several texts, each with its name: solutions and vague words."""
    pairs = list(texts)
    named = [(name, found) for name, text in pairs for found in solutions(text)]
    vague = [(name, found) for name, text in pairs for found in vague_words(text)]
    return named, vague
