"""What a proposal needs before it can be received, and what would help the sections to judge it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from enishi.desk.enums import Origin, ProposalKind
from enishi.desk.errors import Missing
from enishi.desk.models import Proposal, ProposerContact


def missing_for_receipt(proposal: Proposal) -> list[Missing]:
    """Without these nobody could answer."""
    contact = ProposerContact.objects.filter(proposal=proposal).first() or ProposerContact()
    wanted = [
        (proposal.title, Missing("title", _("題名を書いてください。"), "content")),
        (proposal.summary, Missing("summary", _("提案の内容を書いてください。"), "content")),
        (
            proposal.proposer_name or proposal.proposer_id,
            Missing("proposer_name", _("団体名か、提案する人の名前を書いてください。"), "contact"),
        ),
    ]
    if proposal.is_from_visitor and proposal.origin != Origin.ON_BEHALF:
        wanted += [
            (contact.name, Missing("name", _("担当者のお名前を書いてください。"), "contact")),
            (contact.email, Missing("email", _("返事を受け取るメールアドレスを書いてください。"), "contact")),
        ]
    if proposal.origin == Origin.ON_BEHALF:
        wanted.append(
            (contact.way, Missing("way", _("どう受けたか(電話・窓口など)を選んでください。"), "contact"))
        )
    return [missing for value, missing in wanted if not value]


def worth_asking(proposal: Proposal) -> list[Missing]:
    """What the sections usually ask back: said to the officer, never in the proposer's way."""
    kind = ProposalKind(proposal.kind)
    wanted: Sequence[tuple[object, str, str]] = (
        (proposal.effects, "effects", _("だれにどんな効果があるかが書かれていません。")),
        (
            proposal.requests,
            "requests",
            _("自治体に何を求めるか(場所・データ・費用など)が書かれていません。"),
        ),
        (proposal.schedule, "schedule", _("いつ、どう進めるかが書かれていません。")),
        (
            proposal.cost_yen is not None or proposal.cost_note,
            "cost",
            _("費用をだれがどれだけ負担するかが書かれていません。"),
        ),
        (
            proposal.track_record or kind == ProposalKind.CONSULTATION,
            "track_record",
            _("同じような取り組みの実績が書かれていません。"),
        ),
        (
            len(proposal.summary) >= 100,
            "short",
            _("提案の内容が短く(100字未満)、課が判断しにくいおそれがあります。"),
        ),
    )
    return [Missing(name, sentence, "content") for value, name, sentence in wanted if not value]
