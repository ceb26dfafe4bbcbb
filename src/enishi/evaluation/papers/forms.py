"""The template set: what each official form holds, in its order. Nothing is typed for a form: every block names records.

Where the order of a form comes from stands beside it, with how sure we are: the evaluation sheet was seen at three
municipalities, the others are made from what their laws and habits ask for and wait for a municipality's own form.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Block:
    """A part of a form. ``kind`` names how ``composing`` fills it; ``keys`` picks lines where not all are wanted."""

    kind: str
    title: Words
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    key: str
    title: Words
    purpose: Words
    source: Words
    blocks: tuple[Block, ...]
    is_public: bool = False

    @property
    def was_seen(self) -> bool:
        """Whether the items were checked against forms that municipalities published."""
        return self.source is SEEN


SEEN = _("項目と順は、下妻市・八雲町・北見市の公表様式で確かめたものから(単位費用の式などは未確認)")
MEMORY = _("項目は制度の趣旨から組み立てたもの(各団体の様式は未確認)")
# Looked up in November 2026: https://www.vill.zamami.okinawa.jp/reiki_int/reiki_honbun/q9410111001.html
LIKE_A_REQUEST = _(
    "根拠、概要、前年度決算・現計予算、財源の内訳は、座間味村の予算見積額説明書の項目と照らした(実施計画調書の様式は未確認)"
)
# https://www.city.kushiro.lg.jp/shisei/shisaku/1007017/1007018.html
LIKE_KUSHIRO = _(
    "行政評価の記入から事業ごとに作ることは、釧路市の主要施策成果報告書と同じ(項目の並びは未確認)"
)
# http://www.city.yurihonjo.lg.jp/reiki/reiki_honbun/r127RG00000917.html
LIKE_RULES_OF_AUDIT = _(
    "事業・予算・決算の執行の状況を並べることは、由利本荘市監査委員監査規程第3条の事項と照らした(調書の様式は未確認)"
)

MONEY_SHORT = ("initial", "current", "settlement")

EVALUATION = Form(
    "evaluation",
    _("事務事業評価表"),
    _("所管課の評価から決定までを一枚で見る"),
    SEEN,
    (
        Block("basics", _("基本")),
        Block("purpose", _("目的")),
        Block("last", _("前回の評価と見直しの声")),
        Block("yardsticks", _("指標")),
        Block("money", _("費用")),
        Block("scores", _("評価の視点")),
        Block("judgements", _("判定と意見")),
        Block("direction", _("今後の方向と改善")),
        Block("decision", _("決定")),
        Block("proof", _("この表の元")),
    ),
)
IMPLEMENTATION = Form(
    "implementation",
    _("実施計画調書"),
    _("次の年度にすることと、かかるお金"),
    LIKE_A_REQUEST,
    (
        Block("basics", _("事業の概要")),
        Block("purpose", _("目的と内容")),
        Block("yardsticks", _("目標")),
        Block("money", _("事業費"), (*MONEY_SHORT, "fund:", "fte", "people", "full")),
        Block("direction", _("評価を受けた見直し")),
        Block("decision", _("決定")),
    ),
)
RESULTS = Form(
    "results",
    _("主要な施策の成果説明書"),
    _("決算に添える説明(地方自治法第233条第5項)"),
    LIKE_KUSHIRO,
    (
        Block("basics", _("事業"), ("title", "section", "node1", "node2", "node3", "codes")),
        Block("purpose", _("実施した内容"), ("summary", "means", "intent")),
        Block("money", _("決算"), (*MONEY_SHORT, "rate", "fund:")),
        Block("yardsticks", _("成果")),
        Block("achievement", _("成果と課題")),
    ),
)
AUDIT = Form(
    "audit",
    _("監査調書"),
    _("数字の出所と、決めた人・日を確かめる"),
    LIKE_RULES_OF_AUDIT,
    (
        Block(
            "basics", _("事業"), ("uid", "title", "section", "legal_basis", "legal_kind", "delivery", "codes")
        ),
        Block("money", _("予算の執行")),
        Block("yardsticks", _("指標と出所")),
        Block("last", _("前回の評価と見直しの声")),
        Block("judgements", _("判定と意見")),
        Block("decision", _("決定")),
        Block("sources", _("数字の出所")),
        Block("proof", _("記録の確かめ")),
    ),
)
PUBLIC = Form(
    "public",
    _("公表用シート"),
    _("住民に向けて、何をして、どうなり、どうするか"),
    MEMORY,
    (
        Block("basics", _("どの事業か"), ("title", "section", "node1", "node2", "period")),
        Block("purpose", _("何のために、何をしたか"), ("summary", "means", "intent")),
        Block("money", _("かかったお金"), ("settlement", "people", "full", "unit")),
        Block("yardsticks", _("どれだけ進んだか")),
        Block("opinions", _("評価")),
        Block("decision", _("これからどうするか")),
    ),
    is_public=True,
)

FORMS: dict[str, Form] = {form.key: form for form in (EVALUATION, IMPLEMENTATION, RESULTS, AUDIT, PUBLIC)}
