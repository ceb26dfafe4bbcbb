"""From candidates to an answer: score sentences, take the best with what belongs to them, and measure how well they fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines.answers.model import Asked, Candidate, Cited, Line, Number, QuestionKind, Reading, Wanted
from enishi.engines.answers.numbers import numbers_in
from enishi.engines.answers.questions import holds, leads_on, unstated

MOST_SENTENCES = 4
MOST_STEPS = 15
_NEAR_TOP = 0.62
"""A further sentence is taken when it scores so much of what the best one does."""
_TWIN = 0.8
_AS_GOOD = 0.85
_NOUN, _OTHER = 1.0, 0.5
_CLOSE = 0.3
"""The say of closeness beside words: chosen on the labelled sets (training/answers)."""
_LEANS_BACK = re.compile(
    r"^(?:ただし|但し|ただ、|なお|また|さらに|この|その|これ|それ|同|当該|ここ|そこ|あわせて|併せて|上記)"
)
_EXCEPTION = re.compile(
    r"^(?:ただし|但し|ただ、|なお、?(?:土|日|祝|年末|一部)|例外)|除きます|除く。|できない場合"
)
_DENIED_NAME = re.compile(r"(?:ない|ぬ)[一-鿿ァ-ヺご]")
_PAIRS = (
    ("転入", "転出"), ("開始", "中止"), ("止める", "始める"), ("止める", "開始"), ("加入", "脱退"), ("加入", "喪失"), ("登録", "廃止"),
    ("入所", "退所"), ("出生", "死亡"), ("結婚", "離婚"), ("大人", "子供"), ("収入", "支出"), ("国税", "市税"), ("都道府県", "市町村"),
    ("上水道", "下水道"), ("水道", "下水道"), ("犬", "猫"), ("延滞", "還付"), ("借りる", "返す"), ("貸し出し", "返却"),
)  # fmt: skip
_OPPOSED = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (r"直(?:す|し|せ|そ)|なおす|改修|修繕|修理|リフォーム|改築", r"壊|こわす|解体|除却|撤去|取り払"),
        (r"建て(?:る|た|よう|替)|新築|増築|作(?:る|り|っ)|造る|新設|設け", r"壊|解体|除却|撤去|取り払"),
        (r"加入|入りたい|入るとき|入会", r"脱退|脱会|やめる|やめたい|抜け|喪失"),
        (r"使い始め|使用開始|開栓|始めたい", r"使用中止|閉栓|止めたい|やめるとき"),
        (r"生まれ|出生|出産", r"亡くな|死亡|葬"),
        (r"売(?:る|り(?:たい|に)|却)", r"買(?:う|い(?:たい|に))|購入"),
        (r"買(?:う|え|い(?:たい|に))|購入", r"捨て|処分|廃棄|回収|引き?取り"),
    )
)
"""As they are written: some of these verbs are no words of their own to the analyser (直す), and people inflect them."""
_PREVENTS = re.compile(r"ない(?:ため|よう)に|予防|防ぐ|防止")
_HAPPENED = re.compile(
    r"(?:た|だ|てる|ている|ています|ました)(?:[。、!?？]|$|ん(?:だ|で)|ので|けど|が、|とき|ら)"
)
_SCHOOLS = tuple(
    re.compile(school)
    for school in (r"幼稚園|園児", r"小学|小\d", r"中学|中\d", r"高校|高等学校|高\d", r"大学|短大|専門学校")
)
_AGES = (
    re.compile(r"子ども|子供|こども|児童(?!委員|館)|赤ちゃん|乳児|幼児|園児|小学|中学|高校|生徒|小児"),
    re.compile(r"高齢|お年寄り|老人|敬老|長寿|(?:6[05]|7[05]|8[05])歳以上"),
)
_COMPOUND = re.compile(r"[一-鿿々ァ-ヺー]{3,}")
_SHARED = 2
_COMMON_ENDS = frozenset(
    "料金 手数料 時間 期間 期限 期日 金額 費用 場所 方法 窓口 申請 手続 届出 住所 番号 対象 条件 書類 制度 補助 助成 申込 電話 住宅 証明 施設 事業".split()
)
_BOUND = re.compile(
    r"(?:(?:令和|平成|昭和|大正)\s?)?\d[\d年月日万千,.]*[^。、\d]{0,6}?(?:以上|以下|以前|以降|以後|以内|未満|まで|から|を超え)"
)
"""What goes by bounds answers for the numbers between them: 「昭和56年以前」 for a house of 昭和50年. A list of single ages
(「88歳になる方、100歳になる方」) answers for no other."""
_TOO_LATE = 0.7
_A_LIST = 3
_NUMBERS = 0.5
"""The say of the numbers a question names: of three leaflets the one of 令和7年 comes first."""
_KIND_OF = {
    Wanted.MONEY: "number",
    Wanted.NUMBER: "number",
    Wanted.DATE: "date",
    Wanted.TIME: "time",
    Wanted.PHONE: "phone",
}
_NUMBERED = re.compile(r"^\s*(?:[(（]?\d{1,2}[.)．）、:]|[①-⑳]|手順\s?\d|ステップ\s?\d|Step\s?\d)")
_UNTOLD = frozenset(
    "方法 手続き 手続 場合 必要 教える 知る 知りたい 下さる 貰う 頂く 何処 何 何時 幾ら 誰 如何 質問 詳しい 御 聞く 言う 時 どう 市 町 村 市役所 役場 役所 "
    "自治体 当市 住む 私 自分 家 行く 来る 思う 欲しい 良い 出来る 使う 遣る 分かる 内容 案内 情報 方 今 際 件 件名 場所 時間 日 曜日 曜 日時 期限 期間 料金 "
    "金額 費用 締め切り 住所 電話 番号 仕方 遣り方 手順 理由 対象 者 何方 可能 宜しい 掛かる 為さる 御座る".split()
)
"""Words of asking itself: their kind of answer is looked for, not the words."""
_BESIDE_THE_POINT = frozenset(
    "うち 古い 隣 先ず 用事 田舎 友達 友人 知り合い 今日 明日 昨日 明後日 来週 来月 来年 今週 今月 最近 急 急ぐ 突然 奴 とこ 本当 大丈夫 全部 遠く もう 未だ "
    "凄い 物凄い 直接 一緒 関する よる 余所 取れる 取る 駄目 地元 一寸 困る 心配 早い 早め 遅い 大きい 小さい でかい 沢山 新しい 色々 普通 父 母 息子 娘 兄 弟 姉 妹 "
    "夫 妻 嫁 旦那 孫 彼 彼女 出る 寒い 暑い 自由 苦手 中身 昔 今度 今回 一度 何度 矢張り 多分 面倒 是非 特に 例えば 有無 詳細 流れ 扱い 設置 品目 以内 先 何分 何円 何枚 何個 何回 一人 号".split()
)
"""What people tell around what they ask: whose it is, since when, how bad. Not looked for either."""


@dataclass(frozen=True)
class Scored:
    """A candidate with the score of each of its lines; ``by_words`` leaves closeness aside."""

    candidate: Candidate
    lines: tuple[float, ...]
    score: float
    by_words: float

    @property
    def best_place(self) -> int:
        return self.lines.index(max(self.lines))

    @property
    def best_line(self) -> Line:
        return self.candidate.lines[self.best_place]


def telling_words(asked: Asked) -> dict[str, float]:
    """The words of a question that an answer has to be about, with their weight."""
    own = set(asked.own_names)
    weights: dict[str, float] = {}
    for word in asked.reading.words:
        if word in _UNTOLD or word in _BESIDE_THE_POINT or word in own:
            continue
        weights[word] = _NOUN if word in asked.reading.nouns else _OTHER
    return weights


def coverage(asked: Asked, words: dict[str, float], held: frozenset[str]) -> float:
    """The weighted share of the words that a text holds; 1 where there are none to hold."""
    total = sum(words.values())
    return sum(weight for word, weight in words.items() if asked.held(word, held)) / total if total else 1.0


def scored(asked: Asked, candidates: Sequence[Candidate]) -> list[Scored]:
    """The candidates, best first."""
    words = telling_words(asked)
    rows = [_scored(asked, candidate, words) for candidate in candidates if candidate.lines]
    return sorted(rows, key=lambda row: (-row.score, row.candidate.key))


def _scored(asked: Asked, candidate: Candidate, words: dict[str, float]) -> Scored:
    context = candidate.context.vocabulary
    # What the title says already does not tell one sentence from another.
    own = {word: weight for word, weight in words.items() if not asked.held(word, context)}
    lines = tuple(_line_score(asked, line, own, words) for line in candidate.lines)
    held = coverage(asked, words, candidate.words)
    near = max(candidate.context_nearness, max(line.nearness for line in candidate.lines))
    close = _CLOSE * candidate.close.total if candidate.close is not None else 0.0
    by_words = 0.5 * max(lines) + held + 0.25 * near - (_TOO_LATE if _is_too_late(asked, candidate) else 0.0)
    by_words += _NUMBERS * numbers_met(asked, candidate)
    return Scored(candidate, lines, by_words + close, by_words)


def _is_too_late(asked: Asked, candidate: Candidate) -> bool:
    """Whether it is told how to prevent what the question says has happened: 凍らせないために for 凍った."""
    prevents = bool(_PREVENTS.search(candidate.context.text))
    return (
        prevents and bool(_HAPPENED.search(asked.reading.text)) and not _PREVENTS.search(asked.reading.text)
    )


def _line_score(asked: Asked, line: Line, own: dict[str, float], words: dict[str, float]) -> float:
    told = coverage(asked, own, line.reading.vocabulary) if own else 0.0
    again = coverage(asked, words, line.reading.vocabulary)
    fits = bool(asked.wanted) and all(holds(want, asked.unit, line.reading) for want in asked.wanted)
    fits = fits or (asked.kind is QuestionKind.HOW and leads_on(line.reading))
    return told + 0.4 * again + 0.25 * line.nearness + (0.6 if fits else 0.0)


def chosen(asked: Asked, rows: Sequence[Scored]) -> list[Cited]:
    """The sentences of the answer, in the order of the document they stand in."""
    if not rows:
        return []
    best = rows[0]
    if best.candidate.whole:
        return [_cited(best, place) for place in range(len(best.candidate.lines))]
    steps = _steps(asked, best)
    if steps:
        return [_cited(best, place) for place in steps]
    places = _with_what_belongs(best, _best_lines(best))
    answer = [_cited(best, place) for place in places]
    return answer + _beside(asked, rows, answer)


def _best_lines(row: Scored) -> list[int]:
    top = max(row.lines)
    order = sorted(range(len(row.lines)), key=lambda place: (-row.lines[place], place))
    taken: list[int] = []
    for place in order[:MOST_SENTENCES]:
        enough = row.lines[place] >= _NEAR_TOP * top
        if enough and not any(
            _twins(row.candidate.lines[place], row.candidate.lines[other]) for other in taken
        ):
            taken.append(place)
    return taken


def _with_what_belongs(row: Scored, places: list[int]) -> list[int]:
    """Add the sentence that 「その」 leans on, and the exception that follows: leaving it out would change what is said."""
    lines = row.candidate.lines
    wanted = set(places)
    for place in places:
        before = place
        while before > 0 and _LEANS_BACK.search(lines[before].reading.text):
            before -= 1
            wanted.add(before)
        after = place + 1
        if after < len(lines) and _EXCEPTION.search(lines[after].reading.text):
            wanted.add(after)
    return sorted(wanted)[: MOST_SENTENCES + 2]


def _steps(asked: Asked, row: Scored) -> list[int]:
    """The whole list, when the question asks how and the source answers in steps."""
    if asked.kind not in (QuestionKind.HOW, QuestionKind.WHAT):
        return []
    lines = row.candidate.lines
    numbered = [place for place, line in enumerate(lines) if _NUMBERED.search(line.reading.text)]
    is_beside_it = asked.kind is QuestionKind.WHAT and row.best_place not in numbered
    if len(numbered) < 2 or is_beside_it:
        return []
    first, last = numbered[0], numbered[-1]
    if last - first >= MOST_STEPS:
        return []
    opening = (
        [first - 1]
        if first > 0 and lines[first - 1].reading.text.endswith(("。", ":", "次のとおりです"))
        else []
    )
    closing = [last + 1] if last + 1 < len(lines) and _EXCEPTION.search(lines[last + 1].reading.text) else []
    return [*opening, *range(first, last + 1), *closing]


def _beside(asked: Asked, rows: Sequence[Scored], answer: Sequence[Cited]) -> list[Cited]:
    """Sentences of other passages of the same document: one that answers as well, or holds what the first does not."""
    best = rows[0]
    held = [line for line in best.candidate.lines if any(line.start == cited.start for cited in answer)]
    lacking = [
        want for want in asked.wanted if not any(holds(want, asked.unit, line.reading) for line in held)
    ]
    found: list[Cited] = []
    for row in rows[1:4]:
        if row.candidate.document != best.candidate.document or row.candidate.whole or not asked.wanted:
            continue
        wanted = lacking or (asked.wanted if row.score >= _AS_GOOD * best.score else ())
        if wanted and all(holds(want, asked.unit, row.best_line.reading) for want in wanted):
            found.append(_cited(row, row.best_place))
    return found[:2]


def is_unlisted(asked: Asked, row: Scored, answer: Sequence[Cited]) -> bool:
    """Whether the answer is a list of prices or counts that does not name what was asked about: another animal, another ticket."""
    candidate = row.candidate
    told = [line for line in candidate.lines if any(line.start == cited.start for cited in answer)]
    if len({number for line in told for number in _asked_for(asked, line)}) < _A_LIST:
        return False
    words = telling_words(asked)
    return any(word in asked.reading.nouns and not asked.held(word, candidate.words) for word in words)


def differing(asked: Asked, rows: Sequence[Scored], answer: Sequence[Cited]) -> list[str]:
    """Passages of other documents that speak of the same and state another amount, day or time than the answer does.

    Of the same: they hold every telling word of the question that the answer's passage holds, and score nearly as much.
    """
    best = rows[0]
    told = [line for line in best.candidate.lines if any(line.start == cited.start for cited in answer)]
    mine = {number for line in told for number in _asked_for(asked, line)}
    if not mine or best.candidate.whole:
        return []
    words = [word for word in telling_words(asked) if asked.held(word, best.candidate.words)]
    found = []
    for row in rows[1:]:
        other = row.candidate
        if other.document == best.candidate.document or row.by_words < _AS_GOOD * best.by_words:
            continue
        theirs = _asked_for(asked, row.best_line)
        if theirs and not theirs & mine and all(asked.held(word, other.words) for word in words):
            found.append(other.key)
    return found


def _asked_for(asked: Asked, line: Line) -> set[Number]:
    """The numbers of a sentence that are of the kind the question asks for."""
    kinds = {_KIND_OF[want] for want in asked.wanted if want in _KIND_OF}
    return {
        number
        for number in line.reading.numbers
        if number.kind in kinds
        and (
            number.kind != "number"
            or number.unit == (asked.unit or ("円" if Wanted.MONEY in asked.wanted else number.unit))
        )
    }


def says_the_same(one: Scored, other: Scored) -> bool:
    """Whether the best sentences of two passages are the same but for their numbers: then neither casts doubt on the other."""
    return _twins(one.best_line, other.best_line)


def _twins(one: Line, other: Line) -> bool:
    mine, theirs = one.reading.vocabulary, other.reading.vocabulary
    together = mine | theirs
    return bool(together) and len(mine & theirs) / len(together) >= _TWIN


def _cited(row: Scored, place: int) -> Cited:
    line = row.candidate.lines[place]
    is_step = bool(_NUMBERED.search(line.reading.text)) or line.is_item
    return Cited(line.reading.text, row.candidate.key, line.start, line.end, is_step, row.lines[place])


def absent_names(asked: Asked, candidate: Candidate) -> frozenset[str]:
    """Names in the question that neither the passage nor its title holds; the house's own are understood."""
    text = candidate.context.text + "".join(line.reading.text for line in candidate.lines)
    return frozenset(name for name in asked.reading.names if name not in asked.own_names and name not in text)


def speaks_of_opposite(asked: Asked, candidate: Candidate, answer: Sequence[Cited]) -> bool:
    """Whether the answer is about the other one of a pair: moving in for moving out, burnable for 燃えない."""
    denied = {word for word, said in asked.reading.claims if not said and _is_named_by(asked.reading.text)}
    claims = candidate.context.claims.union(*(line.reading.claims for line in candidate.lines))
    if any((word, True) in claims and (word, False) not in claims for word in denied):
        return True
    starts = {cited.start for cited in answer if cited.passage == candidate.key}
    told = candidate.context.text + "".join(
        line.reading.text for line in candidate.lines if line.start in starts
    )
    if any(_is_other(pair, asked.reading.text, told) for pair in _OPPOSED):
        return True
    if any(_is_of_others(kinds, asked.reading.text, told) for kinds in (_SCHOOLS, _AGES)):
        return True
    words = frozenset(word for line in candidate.lines if line.start in starts for word in line.reading.words)
    around = candidate.context.vocabulary
    mine = asked.reading.vocabulary
    return any(
        one in mine
        and other not in mine
        and one not in words
        # A title of both tells nothing of which of them a sentence is about.
        and (other in words or (other in around and one not in around))
        for pair in _PAIRS
        for one, other in (pair, pair[::-1])
    )


def _is_of_others(kinds: Sequence[re.Pattern[str]], question: str, told: str) -> bool:
    """Whether one kind of people was asked about, pupils of one school or children, and only others are spoken of."""
    meant = [kind for kind in kinds if kind.search(question)]
    spoken_of = any(kind.search(told) for kind in kinds)
    return bool(meant) and spoken_of and not any(kind.search(told) for kind in meant)


def siblings(asked: Asked, candidate: Candidate) -> int:
    """How many names in the question the passage does not hold though it holds another of their kind: 児童手当 for 児童扶養手当."""
    text = _of_kanji(candidate.context.text + "\n" + "\n".join(line.reading.text for line in candidate.lines))
    names = set(_COMPOUND.findall(_of_kanji(asked.reading.text)))
    theirs = set(_COMPOUND.findall(text))
    return sum(name not in text and any(_is_sibling(name, other, text) for other in theirs) for name in names)


def _is_sibling(name: str, other: str, text: str) -> bool:
    shared = 0
    while shared < min(len(name), len(other)) and name[-shared - 1] == other[-shared - 1]:
        shared += 1
    own = name[: len(name) - shared]
    return (
        shared >= _SHARED
        and bool(own)
        and shared < len(other)
        and own not in text
        and name[len(own) :] not in _COMMON_ENDS
    )


def _of_kanji(text: str) -> str:
    return text.replace("がん", "癌").replace("ごみ", "芥").replace("ゴミ", "芥")


def _is_other(pair: tuple[re.Pattern[str], re.Pattern[str]], question: str, told: str) -> bool:
    """Whether one side was asked for and only the other is spoken of."""
    return any(
        one.search(question) and not other.search(question) and other.search(told) and not one.search(told)
        for one, other in (pair, pair[::-1])
    )


def _is_named_by(text: str) -> bool:
    return bool(_DENIED_NAME.search(text))


def absent_numbers(asked: Asked, candidate: Candidate) -> frozenset[Number]:
    """The numbers of the question that the passage neither states nor bounds."""
    if not asked.reading.numbers:
        return frozenset()
    lines = [line.reading for line in candidate.lines]
    told = frozenset[Number]().union(*(reading.numbers for reading in lines))
    bounds = _bounds(lines)
    # 「75歳以上の祝い金」 above single ages: they say which.
    bounds |= _bounds([candidate.context]) - {_measure(number) for number in told}
    missing = unstated(asked.reading.numbers, told | candidate.context.numbers)
    return frozenset(number for number in missing if _measure(number) not in bounds)


def numbers_met(asked: Asked, candidate: Candidate) -> float:
    """The share of the question's numbers that a passage states or bounds; 0 where it names none."""
    named = len(asked.reading.numbers)
    return 1.0 - len(absent_numbers(asked, candidate)) / named if named else 0.0


def is_of_another_year(asked: Asked, candidate: Candidate) -> bool:
    """Whether a year is asked about and the passage is of others."""
    held = candidate.context.numbers.union(*(line.reading.numbers for line in candidate.lines))
    return any(_year(number) for number in absent_numbers(asked, candidate)) and any(map(_year, held))


def _year(number: Number) -> str:
    return number.value[:4] if number.kind == "date" and number.value[0] != "*" else ""


def _bounds(readings: Sequence[Reading]) -> set[tuple[str, str]]:
    """What the numbers that are bounds measure."""
    found = (bound.group() for reading in readings for bound in _BOUND.finditer(reading.text))
    return {_measure(number) for bound in found for number in numbers_in(bound)}


def _measure(number: Number) -> tuple[str, str]:
    """Kind and unit; 「9月30日まで」 bounds no year."""
    return number.kind, "年" if _year(number) else number.unit


def lacking(asked: Asked, rows: Sequence[Scored], answer: Sequence[Cited]) -> frozenset[Wanted]:
    """What was asked for and does not stand in the answer."""
    readings = [
        line.reading
        for row in rows
        for line in row.candidate.lines
        if any(cited.passage == row.candidate.key and cited.start == line.start for cited in answer)
    ]
    return frozenset(
        want for want in asked.wanted if not any(holds(want, asked.unit, reading) for reading in readings)
    )
