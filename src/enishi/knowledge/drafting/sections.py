"""The headings of a template, as a person types them: one text, no special form.

## 答弁の要旨
> ここに書くこと(だれにも見えない案内)
? 予算 効果
{何について}についてお答えします。
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enishi.knowledge.drafting.enums import DraftKind

MOST = 30
_BRACES = str.maketrans("\uff5b\uff5d", "{}")


@dataclass
class Section:
    """A heading: what belongs here, what to look for in the past, sentences that always stand here."""

    heading: str
    guide: str = ""
    look_for: str = ""
    sentences: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    """Fixed sentences that stand behind what is borrowed: those typed below the line ``?``."""
    is_question: bool = False
    """Made for one question of a notice: what to look for is the question."""
    about: str = ""
    """The item of the notice the question stands under."""

    def stored(self) -> dict[str, object]:
        return {
            "heading": self.heading,
            "guide": self.guide,
            "look_for": self.look_for,
            "sentences": list(self.sentences),
            "closing": list(self.closing),
        }


def read_sections(text: str) -> list[Section]:
    """Read headings (``##``), guides (``>``), what to look for (``?``) and fixed sentences."""
    found: list[Section] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().translate(_BRACES)
        if not line:
            continue
        mark, rest = unicodedata.normalize("NFKC", line[:1]), line.lstrip("#\uff03>\uff1e?\uff1f").strip()
        if mark == "#":
            found.append(Section(rest[:120]))
        elif not found:
            raise ValidationError(
                _("%(line)d行目: はじめの行は「## 見出し」にしてください。") % {"line": number}
            )
        elif mark == ">":
            found[-1].guide = f"{found[-1].guide} {rest}".strip()[:500]
        elif mark == "?":
            found[-1].look_for = f"{found[-1].look_for} {rest}".strip()[:200]
        else:
            (found[-1].closing if found[-1].look_for else found[-1].sentences).append(line[:500])
    if not found:
        raise ValidationError(_("見出しが一つもありません。「## 見出し」の行を書いてください。"))
    if len(found) > MOST:
        raise ValidationError(_("見出しは%(limit)d個までにしてください。") % {"limit": MOST})
    return found


def in_words(stored: Sequence[Mapping[str, object]]) -> str:
    """The same text again."""
    lines: list[str] = []
    for section in map(of_stored, stored):
        lines.append(f"## {section.heading}")
        if section.guide:
            lines.append(f"> {section.guide}")
        lines += section.sentences
        if section.look_for:
            lines.append(f"? {section.look_for}")
        lines += [*section.closing, ""]
    return "\n".join(lines).strip() + "\n"


def of_stored(stored: Mapping[str, object]) -> Section:
    return Section(
        str(stored.get("heading", "")),
        str(stored.get("guide", "")),
        str(stored.get("look_for", "")),
        _listed(stored.get("sentences", [])),
        _listed(stored.get("closing", [])),
    )


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def usual(kind: DraftKind, *, by_question: bool = False) -> list[Section]:
    """What there is before an organisation has written templates of its own."""
    return read_sections(_ANSWERS if by_question and kind == DraftKind.COUNCIL else _USUAL[kind])


_ANSWERS = """
## 答弁の要旨
{何について}についてのご質問にお答えします。
## {質問}
「{質問}」についてであります。
? 現状 実績 取組 今後
## 今後の対応
? 今後 対応 予定
以上、答弁といたします。
"""


_USUAL: Mapping[DraftKind, str] = {
    DraftKind.PLAN: """
## 現状と課題
> だれが何に困っているか。数字には出典を。
? 現状 課題
## めざす姿
? めざす姿 目標
## 取組の内容
? 取組 内容 事業
## 進め方と評価
? 進め方 指標 評価
毎年度、進み具合を確かめ、結果を公表します。
""",
    DraftKind.EVALUATION: """
## 実績
? 実績 件数 結果
## うまくいった点・いかなかった点
? 事例 課題 要因
## 次年度に向けて
? 改善 今後
""",
    DraftKind.COUNCIL: """
## 答弁の要旨
{何について}についてのご質問にお答えします。
? 方針 考え方
## 現状
? 現状 実績
## これまでの取組
? 取組 事例
## 今後の対応
? 今後 対応 予定
以上、答弁といたします。
""",
    DraftKind.MINUTES: """
## 会議の概要
> 日時、場所、出席者。もとの議事録の行を写します。
## 決まったこと
## 宿題
""",
    DraftKind.PRESS: """
## 見出し
{どこの}は、{何について}を始めます。
## 概要
? 概要 目的
## 日程・場所
? 日程 場所
## 背景
? 背景 経緯
## 問い合わせ先
> 課名、電話番号。
{担当課}
""",
    DraftKind.REPLY: """
## お礼
このたびは、{何について}についてご提案をいただき、ありがとうございました。
## 検討の結果
? 検討 結果 理由
## 理由
? 理由 条件
## 今後について
? 今後 お願い
ご不明な点は、担当課までお問い合わせください。
""",
    DraftKind.LETTER: """
## 前文
時下ますますご清栄のこととお喜び申し上げます。
## 主文
? お願い 通知
## 末文
? 期限 提出
何とぞよろしくお願い申し上げます。
""",
}
