"""The headings and labels of the family, with their synonyms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from enishi.engines.policydoc.lines import narrow
from enishi.engines.policydoc.model import Kind, Level, Who


class Section(StrEnum):
    OVERVIEW = "概要"
    SIGNIFICANCE = "意義"
    CURRENT = "現状データ"
    CHALLENGES = "課題"
    SUPPORT = "支援策"
    PRIORITY = "優先順位"
    PURPOSE = "目的"
    ACTIONS = "主な取組"
    INDICATORS = "KGI・KSI・KPI"
    CASES = "先進事例"
    REFERENCES = "参考資料"
    CLOSING = "まとめ"
    FOOTER = "末尾"


class Label(StrEnum):
    EVIDENCE = "客観的根拠"
    HARM = "放置された場合の影響"
    SOURCE = "出典"
    METHOD = "データ取得方法"
    TARGET = "目標値"
    BASELINE = "現状値"
    NAME = "指標名"
    LEVEL = "区分"
    PERIOD = "目標年度"
    UNIT = "単位"
    MEASURE = "支援策"
    DETAIL = "内容"


_PEOPLE = "児童生徒|子ども(?:・若者)?|こども|高齢者|障害者|保護者|若者|働く世代|外国人住民|観光客|来訪者|消費者|住民|市民生活|市民|区民|町民|村民|県民|都民|府民|道民|利用者|当事者|生活者|くらし|暮らし|家庭|世帯|住民生活"
_PLACE = "地域社会|地域コミュニティ|コミュニティ|地域|まち|社会|地域全体|事業者|企業|産業|農業者|商店街|地域経済|民間"
_OFFICE = "行政|職員|自治体|市役所|区役所|町役場|村役場|役所|役場|庁内|行政内部|行政運営|行政組織|行政機関|市|区|町|村|本市|本区|本町|本村|県|組織|学校|教職員|教育委員会"
_OF = r"(?:(?:運営)?上の|に(?:おける|とっての|関する)|側の?|の|が(?:抱える|直面する)|・事業者の?)"
_TROUBLE = r"(?:現状(?:と|・|及び))?(?:主な)?(?:課題|問題|困りごと|悩み)(?:・問題)?(?:点|認識)?"
_WHOSE = tuple(
    (
        re.compile(
            rf"(?:主に)?(?:{names})(?:[・、](?:{names}))?{_OF}?(?:視点の|視点からの|側面の|視点から見た|側から見た|から見た|面の|視点|側面|観点|立場)?(?P<trouble>{_TROUBLE})?"
        ),
        who,
    )
    for names, who in ((_PEOPLE, Who.RESIDENTS), (_PLACE, Who.COMMUNITY), (_OFFICE, Who.ADMINISTRATION))
)

_ABOUT = r"(?:について|の整理|の検討|の概要|の分析|の状況|の把握|一覧|編)?"
_SECTIONS: tuple[tuple[Section, re.Pattern[str]], ...] = tuple(
    (section, re.compile(pattern))
    for section, pattern in (
        (Section.FOOTER, r"ABOUTME|記事URLをコピーしました|関連記事|最近の投稿|この記事を書いた人|プロフィール|問い?合わせ先?|お問い?合わせ(?:先)?|担当課|SHARE|(?i:copyright|©|\(c\)|allrights).*"),
        (Section.CLOSING, r"まとめ|おわりに|終わりに|結びに?|総括|結論|結語|むすび|今後に向けて|今後の進め方|今後の展望"),
        (Section.REFERENCES, r"(?:注(?:釈|記)?・)?(?:主な)?(?:参考|引用)(?:資料|文献|情報|リンク|サイト)(?:一覧|・.{1,8})?|(?:参考に(?:した|なる)|参照|関連|関係)(?:資料|文献)|参考・引用|引用・参考|参考|出典一覧|出典・参考(?:資料|文献)|(?:参考・)?引用文献|資料一覧|資料編|典拠一覧|出典元"),
        (Section.CASES, r"(?:(?:国内外|他(?:の)?(?:自治体|都市|市町村|団体)|全国|国内|海外|都内|県内|府内|道内|近隣|先行(?:する)?)(?:の|における)?)?(?:自治体の)?(?:先進|先行|参考|優良|好|成功|取組|取り組み|類似|他自治体|他都市)(?:的(?:な)?)?(?:取組|取り組み|自治体|都市|市町村|団体)?の?(?:事例)(?:紹介|集|等)?|事例(?:紹介|集|研究)?|ほかのまちの例|(?:先進|先行)自治体の取組(?:事例)?|他(?:都市|自治体|市町村|団体)の取組(?:事例)?|[^「」:]{1,9}事例(?:集|紹介)?|参考となる取組"),
        (Section.INDICATORS, r"(?:KGI|KSI|KPI)(?:[・、/,と及び]*(?:KGI|KSI|KPI))+(?:の?(?:設定|一覧|指標))?|(?:評価|目標|達成|成果目標|数値|管理|効果測定|進捗管理の?|効果検証の?|測定)(?:の)?(?:指標|目標)(?:と目標値?|・目標値|一覧|の設定|等)?|指標(?:と|・|及び)目標値?|(?:成果|達成)を測る指標|目標と指標|数値目標(?:と指標)?|指標(?:一覧|の設定)?|指標体系|成果指標・目標値?|目標(?:と|・)(?:KPI|KGI)|.{1,10}(?:測る|はかる|示す|確かめる)(?:ための?)?(?:指標|目標|数値)|(?:重要|主な|施策の?|取組の?)指標|達成度を測るものさし|ものさし"),
        (Section.ACTIONS, r"(?:主|主要|具体的|重点的|個別|具体)(?:な|の)?(?:取組|取り組み|取組み|施策|事業|対策|対応|アクション|活動)(?:内容|項目|事項)?(?:・事業)?|取組内容|取り組み内容|取組(?:の)?(?:一覧|項目|事項)|取組|取り組み|アクション(?:プラン)?|具体策|実施内容|実施事項|事業内容|すること"),
        (Section.PURPOSE, r"(?:支援策の?|施策の?|取組の?|政策の?|事業の?)?(?:目的|ねらい|狙い|めざす姿|目指す(?:姿|もの|べき姿)|趣旨|目標とする姿)(?:と効果|・ねらい|・目標)?"),
        (Section.PRIORITY, r"(?:各?(?:支援策|施策|対策|対応策|取組)の)?優先(?:順位|度)(?:の)?(?:考え方|設定|検討|評価|基準)?.{0,8}|支援策の全体像.{0,10}|(?:施策|対策|対応策|取組)の全体像.{0,10}|全体像(?:と優先順位)?"),
        (Section.SUPPORT, r"(?:政策)?(?:提言|提案)(?:内容|事項)?|(?:提案|提言|推進|実施)する(?:支援策|施策|対策)|(?:行政の|市の|区の|町の|本市の|主な|今後の|施策・)?(?:支援策|施策体系|対応策|対応|対策|施策|方策|打ち手|解決策|取組方針|対応方針|施策展開|取組の方向性?|施策の方向性?|対応の方向性?|施策の展開|取組の柱|施策の柱)(?:と優先度の検討|と優先順位|の検討|の内容|の詳細|一覧|の提案|案)?|各(?:支援策|施策|対策|対応策)の(?:詳細|内容)|(?:個別|具体的な?)(?:の)?(?:支援策|対応策)(?:の詳細)?|重点(?:施策|プロジェクト)|これからの取組"),
        (Section.CHALLENGES, r"(?:現状と|現状及び|現状・|政策|主な|主要な?|取り組むべき|解決すべき|対応すべき|当面の|抱える|取り巻く|.{1,20}?(?:を取り巻く|における|をめぐる|に関する|が抱える|が直面する))?(?:課題|問題点|問題)(?:の整理|の所在|の分析|認識|一覧|の概要)?|(?:現状と)?課題(?:について)?|何が問題か|困っていること"),
        (Section.CURRENT, r"(?:.{1,40}(?:の|に関する|をめぐる|における))?(?:現状|現況)(?:データ|分析|の?数値|と動向|認識)?|現状データ|データで見る.{0,12}|(?:基礎|関連|統計)データ|(?:現状の)?数値で見る.{0,10}|数字で見る.{0,10}|統計から見た.{0,10}"),
        (Section.SIGNIFICANCE, r"意義(?:・必要性|と必要性)?|(?:取組|政策|施策|事業)の(?:意義|必要性)|必要性|なぜ(?:必要か|取り組むのか)|.{1,12}にとっての意義|(?:参考|\(参考\))?歴史.経過|経緯|沿革"),
        (Section.OVERVIEW, r"(?:政策の?|施策の?|計画の?)?(?:概要|概略|概況|背景|総論|前提|策定の背景|背景と経緯|あらまし|全体概要)|はじめに|序|まえがき|背景・?と?(?:目的|経緯)"),
    )
)  # fmt: skip

_LABELS: tuple[tuple[Label, str], ...] = (
    (Label.SOURCE, r"出\s*典(?:元|資料)?|出所|資料出所|典拠|引用元?|参照元|資料"),
    (Label.METHOD, r"(?:データ(?:の)?(?:取得|入手|収集|把握)(?:方法|手段|元|先)?|(?:取得|把握|測定|計測|算出|集計|調査|確認|評価|収集|入手)方法|データ(?:ソース|源|元|出所|の出所|の取り方)|把握手段|測り方|調べ方|確かめ方)"),
    (Label.HARM, r"(?:この|本|当該)?(?:課題|問題)?(?:が|を)?(?:放置|放任)(?:された|した|し続けた|する|され続けた|している|解決されない)?(?:場合|とき|ことに?よ?る|時)?(?:に|の|に(?:懸念|想定|予想)される)?(?:悪影響|影響|リスク|懸念|弊害|帰結|損失|未来|こと|事態|将来)?(?:の(?:要約|概要|推察|推測|推定|推計|想定|予測|予想|考察|見通し|分析|整理|例)|等)?|(?:対応|対策)(?:しない|を(?:講じない|とらない|怠った)|が遅れた)(?:場合|とき)(?:に(?:懸念|想定)される|の)?(?:悪影響|影響|リスク|懸念|弊害)?|何もしない(?:場合|とき|と)(?:の(?:影響|リスク|悪影響))?|放置のリスク|悪影響(?:の(?:要約|推察|推測|予測|想定))?|(?:このまま)?放置(?:すると|すれば|したら)(?:どうなるか)?|不作為の?(?:リスク|影響|コスト)|放っておくと(?:どうなるか)?|(?:予想|想定|懸念)される影響|放置リスク|影響"),
    (Label.EVIDENCE, r"(?:客観的(?:な)?)?(?:根拠|エビデンス|裏付け)(?:データ|資料|となるデータ|・データ|・出典)?|客観的(?:な)?(?:データ|事実)|データによる裏付け|Evidence|裏付けとなる数字|数字の裏付け"),
    (Label.TARGET, r"(?:中間)?目標(?:値|水準|数値)?|達成目標|目標指標値|めざす値|目指す値"),
    (Label.BASELINE, r"(?:現状|現在|基準|実績|現況|初期)(?:値|水準|数値)?|ベースライン|今の値|直近(?:値|実績)"),
    (Label.NAME, r"指標(?:名(?:称)?|の名称|項目)?|評価指標|名称|項目"),
    (Label.LEVEL, r"区分|種別|分類|レベル|指標区分|指標種別|種類"),
    (Label.PERIOD, r"(?:目標|達成)(?:年度?|時期|期限|年次)|期限|期間|達成期間"),
    (Label.DETAIL, r"(?:取組|事業|事例|課題|施策)?(?:の)?(?:内容|概要|詳細|説明|ポイント|特徴|効果|成果|成功要因|背景|実施主体|期待(?:される)?効果|対象|時期|所管|財源)|特に注目される成功要因|期待される効果|備考|実施時期|所管課|定義|担当(?:課|部署|部局|者)?|所管(?:部署|部局)|算出(?:式|根拠)|計算式|(?:測定|集計|公表|把握)頻度|(?:目標)?(?:設定|算定)の?(?:理由|根拠|考え方)|考え方"),
)  # fmt: skip
COLUMNS = (Label.NAME, Label.TARGET, Label.BASELINE, Label.METHOD, Label.LEVEL, Label.PERIOD)
_ONLY_COLUMNS = (
    (Label.TARGET, re.compile(r"(?:最終|当面の?|短期|中期|長期)目標(?:値|水準)?")),
    (Label.UNIT, re.compile(r"(?:計量|数値の?)?単位")),
    (
        Label.MEASURE,
        re.compile(
            r"(?:関連する?|対応する?)?(?:支援策|施策|対応策|取組の柱|柱|政策|方針|基本方針|戦略)(?:名|の?名称|番号|No\.?)?"
        ),
    ),
)
"""The columns that tables of indicators have."""

_LABEL_ALONE = tuple((label, re.compile(pattern)) for label, pattern in _LABELS)
_LABEL_FIRST = tuple(
    (label, re.compile(rf"\**[\[【〔(<〈《≪\"]?\s*(?:{pattern})[…‥]*\**\s*(?:[\]】〕)>〉》≫]\s*[::]?|[::→⇒=](?!//)|\s*[…‥]+\s|\s{{2,}}|\t|\s[-]\s)\**\s*(?=\S)"))
    for label, pattern in _LABELS
)  # fmt: skip
_SPACED = (
    (Label.METHOD, re.compile(rf"{dict(_LABELS)[Label.METHOD]}(?:\s+(?=\S)|\s*[|]\s*(?=[^|]+$))")),
    (Label.EVIDENCE, re.compile(r"客観的(?:な)?根拠(?:データ|資料)?\s+(?=\S)")),
    (
        Label.HARM,
        re.compile(
            r"(?:この課題が)?放置(?:された|した)(?:場合|とき)の(?:悪?影響|リスク|弊害)(?:の\w\w)?\s+(?=\S)"
        ),
    ),
)
"""Labels so long that one blank is enough to set them apart."""
_SOURCE_INSIDE = re.compile(
    r"[\[【〔(]\s*(?:出\s*典(?:元)?|出所|資料|引用元?|典拠)\s*[::]\s*(?P<source>[^()]*(?:\([^()]*\)[^()]*)*?)\s*[\]】〕)]"
)

_CITED_AT_END = re.compile(
    r"[(〔\[【](?P<source>[^()「」〔〕]{1,40}「[^「」]+」[^()〔〕]{0,12}(?:\d{4}|令和|平成|昭和)[^()〔〕]{0,16})[)〕\]】]\s*[。.]?\s*$"
)
_CASES_OF = re.compile(
    r"(?P<scope>.{1,24}?)(?:における|での|の)?(?:先進|先行|優良|参考|取組|導入|好|成功|活用)(?:的な?)?(?:取組|取り組み)?事例(?:紹介|集)?"
)
_SCOPE = re.compile(
    r"(?P<scope>(?:東京都)?(?:特別区|23区)|都内|県内|府内|道内|市内|国内|海外|国外|全国|他都市|他自治体|近隣(?:自治体|市町村)|他市町村|全国自治体|諸外国)(?:の|における)?(?:自治体)?(?:の)?(?:事例|取組)?"
)

_WRAPPED = re.compile(r"[【〔\[<《〈≪「『](?P<inner>.*)[】〕\]>》〉≫」』]$")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|〔[^〔〕]*〕")
_NUMBERED = re.compile(r"^(?:第?[0-9一二三四五六七八九十]{1,3}[章節項]?[.、:)]?|[①-⑳])?(.*?)[①-⑳0-9]{0,2}$")

_LEVEL_WORDS = {
    Level.KGI: r"K\s?G\s?I|重要目標達成指標|最終目標(?:達成)?指標|最終(?:成果)?目標",
    Level.KSI: r"K\s?S\s?I|KSF|CSF|重要成功要因(?:指標)?|成功要因(?:指標)?|重要成功指標",
    Level.KPI: r"K\s?P\s?I|重要業績評価指標|重要業績指標|業績評価指標",
}
_LEVEL = {level: re.compile(pattern, re.IGNORECASE) for level, pattern in _LEVEL_WORDS.items()}
_KINDS = {
    Kind.OUTCOME: r"アウトカム|成果|outcome|Outcome|OUTCOME",
    Kind.OUTPUT: r"アウトプット|活動|output|Output|OUTPUT|実施量|事業量|産出",
}
_KIND = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_KIND_IN_FULL = {
    Kind.OUTCOME: re.compile("アウトカム|outcome|成果指標", re.IGNORECASE),
    Kind.OUTPUT: re.compile("アウトプット|output|活動指標", re.IGNORECASE),
}
_LEVEL_HEAD = re.compile(
    rf"^(?:指標\s*(?=[\[【〔(]))?[\[【〔(<〈《]?(?P<words>(?:[\[【〔<〈《]?(?:(?:{'|'.join(_LEVEL_WORDS.values())}|{'|'.join(_KINDS.values())})(?:指標|目標)?)[\]】〕>〉》]?(?:\s*\([^()\d:%]{{1,16}}\))?"
    r"(?:\s*(?:[①-⑳]|\d{1,2}(?![\da-zA-Z]|[%人件回歳年月日代時分か校世万億割点台当]))?)\s*(?::(?=(?:アウトカム|アウトプット|成果|活動)(?:指標)?[\])】〕>〉])|[・/()【】<>〈〉《》\-、\[\]]*)\s*(?:に関する|系|型|の|レベル)?)+)[\])】〕>〉》]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LevelHead:
    """A line that names a level; ``end`` is where an indicator on the same line would begin."""

    level: Level | None
    kind: Kind | None
    end: int
    is_alone: bool


def key_of(plain: str) -> str:
    """Return what a heading says without marks, blanks and asides.

    >>> key_of("【 住 民 の 課 題 】"), key_of("概要(政策を取り巻く環境)")
    ('住民の課題', '概要')
    """
    text = re.sub(r"\s+", "", plain).strip("*_#:-ー=~■◆●▼<>|…")
    wrapped = _WRAPPED.match(text)
    if wrapped and "】" not in wrapped["inner"][:-1]:
        text = wrapped["inner"]
    if re.fullmatch(r"\([^()]+\)", text):
        text = text[1:-1]
    if not text.startswith("("):
        text = _ASIDE.sub("", text)
    return text.strip(":").strip()


@lru_cache(maxsize=4096)
def section_of(plain: str) -> Section | None:
    """Return which section a heading opens; None if the line is no heading of the family."""
    if len(plain) > 60 or plain.rstrip().endswith(("。", "、")):
        return None
    key = key_of(plain)
    if not key or len(key) > 45:
        return None
    trimmed = _NUMBERED.sub(r"\1", key)
    for section, pattern in _SECTIONS:
        if pattern.fullmatch(key) or pattern.fullmatch(trimmed):
            return section
    found = re.fullmatch(rf"(.*?){_ABOUT}", trimmed)
    if found and found[1] != trimmed:
        return next((section for section, pattern in _SECTIONS if pattern.fullmatch(found[1])), None)
    return None


_TROUBLE_OF = re.compile(
    r"[【〔\[<《〈#■◆●]*(?:[0-9一二三四五]{1,2}[.、)]?)?(?:主な)?(?:課題|問題点?)(?:[((・:-]|[】〕\]>》〉])[【〔\[<《〈(]?(?P<who>[^()()【】:・]{1,10}(?:・[^()()【】:・]{1,8})?)[))]?[】〕\]>》〉]?"
)


@lru_cache(maxsize=4096)
def whose(plain: str) -> tuple[Who, bool] | None:
    """Return whose challenges a heading opens, and whether it says 課題 itself (otherwise it counts only inside 課題)."""
    if len(plain) > 30:
        return None
    key = _NUMBERED.sub(r"\1", key_of(plain))
    if behind := _TROUBLE_OF.fullmatch(re.sub(r"\s+", "", plain)):
        # 【課題(住民)】
        key = f"{behind['who']}の課題"
    for pattern, who in _WHOSE:
        if key and (found := pattern.fullmatch(key)):
            return who, found["trouble"] is not None
    return None


@lru_cache(maxsize=4096)
def label_alone(plain: str) -> Label | None:
    """Return the label a line consists of."""
    if len(plain) > 45:
        return None
    key = key_of(plain)
    if key.startswith("(") and key.endswith(")"):
        key = key[1:-1]
    return next((label for label, pattern in _LABEL_ALONE if key and pattern.fullmatch(key)), None)


@lru_cache(maxsize=4096)
def case_scope(plain: str, *, among_cases: bool) -> str | None:
    """Return whose cases a heading opens (特別区, 全国 …); short forms count only among cases."""
    if len(plain) > 40 or "「" in plain:
        return None
    key = _NUMBERED.sub(r"\1", key_of(plain))
    found = _CASES_OF.fullmatch(key) or (_SCOPE.fullmatch(key) if among_cases else None)
    return found["scope"] if found else None


def column_of(plain: str) -> Label | None:
    """Return what a column of a table of indicators holds; 単位 and 支援策 are such words in a table's head only."""
    label = label_alone(plain)
    if label is not None:
        return label
    key = key_of(plain)
    return next((label for label, pattern in _ONLY_COLUMNS if pattern.fullmatch(key)), None)


def is_table_header(labels: Sequence[Label | None]) -> bool:
    """True if the cells of a row name the columns of a table of indicators."""
    known = [label for label in labels if label in COLUMNS]
    named = Label.TARGET in known or (Label.NAME in known and Label.BASELINE in known)
    extra = sum(label in (Label.UNIT, Label.MEASURE) for label in labels)
    return len(known) >= 2 and named and len(known) + extra >= len(labels) - 1


@lru_cache(maxsize=4096)
def label_first(plain: str) -> tuple[Label, int] | None:
    """Return the label a line begins with and where its content begins."""
    for label, pattern in _LABEL_FIRST:
        if found := pattern.match(plain):
            return label, found.end()
    for label, pattern in _SPACED:
        if found := pattern.match(plain):
            return label, found.end()
    return None


def source_inside(plain: str) -> re.Match[str] | None:
    """Return the (出典:…) within a sentence, or a (publisher「title」year) that closes it."""
    return _SOURCE_INSIDE.search(plain) or _CITED_AT_END.search(plain)


@lru_cache(maxsize=4096)
def level_head(plain: str) -> LevelHead | None:
    """Return the level a line names.

    >>> level_head("KPI(重要業績評価指標)アウトカム指標")
    LevelHead(level=<Level.KPI: 'KPI'>, kind=<Kind.OUTCOME: 'outcome'>, end=20, is_alone=True)
    >>> level_head("KPI達成率:80%以上") is None
    True
    """
    found = _LEVEL_HEAD.match(plain)
    if not found:
        return None
    words, rest = found["words"], plain[found.end() :]
    levels = [level for level, pattern in _LEVEL.items() if pattern.search(words)]
    # KSI(中間成果) says nothing of outcome or output; アウトカム would.
    named = _KIND if levels in ([], [Level.KPI]) else _KIND_IN_FULL
    kinds = [kind for kind, pattern in named.items() if pattern.search(words)]
    if len(levels) > 1 or (not levels and not kinds):
        return None
    level, kind = (levels[0] if levels else None), (kinds[0] if len(kinds) == 1 else None)
    if not re.sub(r"[\s::\-・()()【】\[\]指標目標*一覧]+", "", rest):
        return LevelHead(level, kind, len(plain), is_alone=True)
    separator = re.match(r"\**\s*[:|\t]\s*\**\s*|\**\s+|\s*-\s+", rest)
    spaced = plain[found.end() - 1].isspace()
    closed = re.search(r"[\])】〕>〉》]\s*$", plain[: found.end()])
    if level is None and not ((separator or spaced) and "指標" in words):
        return None
    if not separator and not spaced and not closed:
        return None
    return LevelHead(level, kind, found.end() + (separator.end() if separator else 0), is_alone=False)


OPENING = r"[\[【〔(<〈《≪「]"
"""What may open a head that is set in brackets."""
_HEAD_NUMBER = r"(?:その)?(?:[①-⑳]|[(]?(?:\d{1,2}(?!\.?\d|[%年月人件回か])(?:-\d{1,2})?|[一二三四五六七八九十Ⅰ-Ⅻ]|[A-Hア-ク](?![ァ-ヴーA-Za-z]))[)]?)"
_BEHIND_NUMBER = (
    r"\s*\**[\]】〕)>〉》≫」]?\**\s*(?:[::.．|=\-ー–—]\s*\**|\s+|$|(?<=[\]】〕)>〉》≫」①-⑳*])|(?=[「『]))"
)


def _numbered(names: str) -> re.Pattern[str]:
    """Match a head that is known by its number: 支援策①:…, 【課題1】…"""
    return re.compile(rf"^{OPENING}?\s*(?P<number>(?:{names})\s*{_HEAD_NUMBER}){_BEHIND_NUMBER}")


_MEASURE = _numbered(
    r"(?:重点|基本|個別)?(?:支援策|政策の柱|施策の柱|施策の方向性?|取組の方向性?|施策|対応策|対策|方策|打ち手|取組の柱|取組方針|戦略|基本方針|プロジェクト|政策|柱|解決策|提言|提案)"
)
_ACTION = _numbered(
    r"(?:主な|主要な?|具体的な?|重点|個別)?(?:取組|取り組み|取組み|アクション|事業|施策|具体策|対策)(?:内容|項目)?"
)
_CHALLENGE = _numbered("課題|問題")
_CASE = _numbered("事例")


def measure_head(plain: str) -> re.Match[str] | None:
    """Return the number and, by its end, the place of the title of a measure."""
    return _MEASURE.match(plain)


def action_head(plain: str) -> re.Match[str] | None:
    return _ACTION.match(plain)


def challenge_head(plain: str) -> re.Match[str] | None:
    return _CHALLENGE.match(plain)


def case_head(plain: str) -> re.Match[str] | None:
    return _CASE.match(plain)


def stands_alone(text: str) -> bool:
    """True if a line is a heading or begins with a label: it neither continues the line before nor is continued."""
    plain = narrow(text.strip())
    return (
        section_of(plain) is not None
        or whose(plain) is not None
        or label_alone(plain) is not None
        or _is_level_alone(plain)
    )


def begins_anew(text: str) -> bool:
    """True if a line cannot be the rest of the line before it."""
    plain = narrow(text.strip())
    return (
        stands_alone(text)
        or label_first(plain) is not None
        or any(head(plain) for head in (measure_head, action_head, challenge_head, case_head))
        or level_head(plain) is not None
    )


def _is_level_alone(plain: str) -> bool:
    head = level_head(plain)
    return head is not None and head.is_alone
