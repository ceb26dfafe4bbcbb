"""What a template may show of an agreement, the wording that comes with the product, and the finished documents."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from enishi.agreements import calculations
from enishi.agreements.enums import DocumentKind, PersonalData, Renewal, Side
from enishi.agreements.knowledge import knowledge
from enishi.agreements.models import Agreement, DocumentTemplate, Party, Version
from enishi.engines.schemes import Citation
from enishi.foundation import wareki
from enishi.foundation.documents import fill_template
from enishi.foundation.wording import docx_from_text

SIGNS = "甲乙丙丁戊己庚辛壬癸"
BLANK_DAY = "令和　　年　　月　　日"


def default_template(kind: DocumentKind) -> bytes:
    """The wording that comes with the product, as a document to fill or to take home and change."""
    return docx_from_text(_default_text(kind), title=str(kind.label))


@cache
def _default_text(kind: DocumentKind) -> str:
    return (resources.files("enishi.agreements") / "wording" / f"{kind.value}.txt").read_text(
        encoding="utf-8"
    )


def template_in_use(organization_id: int, kind: DocumentKind) -> DocumentTemplate | None:
    return DocumentTemplate.objects.filter(
        organization_id=organization_id, kind=kind, retired_at__isnull=True
    ).first()


def document(agreement: Agreement, version: Version, kind: DocumentKind) -> bytes:
    """The document of this version, in the organisation's own wording where it has one.

    Raises ``foundation.documents.TemplateRefusedError`` when the file in use no longer fits.
    """
    own = template_in_use(agreement.organization_id, kind)
    if own is not None:
        with own.file.open("rb") as file:
            content = file.read()
    else:
        content = default_template(kind)
    return fill_template(content, values(agreement, version))


def values(agreement: Agreement, version: Version) -> dict[str, Any]:
    """Every variable a template may use. Documents are Japanese, whatever language the page speaks."""
    with override("ja"):
        return _values(agreement, version)


def _values(agreement: Agreement, version: Version) -> dict[str, Any]:
    parties = _parties(list(version.signers.all()))
    public = [party for party in parties if party["側"] == str(Side.PUBLIC.label)]
    signs = [party["略称"] for party in parties]
    scheme = knowledge().schemes.get(version.scheme)
    return {
        "名称": version.title,
        "種類": version.get_kind_display(),
        "制度名": scheme.name if scheme else version.get_kind_display(),
        "管理番号": agreement.number,
        "版": version.number,
        "目的": version.purpose,
        "連携事項一覧": _numbered(version.contents),
        "費用": version.costs or "各自の負担とする。",
        "始まり": _day(version.starts_on),
        "終わり": _day(version.ends_on) if version.ends_on else "定めない",
        "期間": _period(version),
        "更新": _renewal(version, _joined(signs, "又は")),
        "秘密の保持": version.confidentiality
        or "前項の規定は、法令又は条例の規定により開示を求められた場合には、適用しない。",
        "個人情報": _personal_data(version),
        "公表": version.publication
        or f"この協定の内容及び実施の状況は、{'、'.join(signs)}が協議の上、公表することができる。",
        "締結日": _day(agreement.signed_on) if agreement.signed_on else BLANK_DAY,
        "作成日": _day(timezone.localdate()),
        "自治体名": agreement.organization.name,
        "自治体代表者": public[0]["代表者"] if public else "",
        "担当課": agreement.section.name if agreement.section else "",
        "当事者一覧": parties,
        "相手方一覧": [party for party in parties if party["側"] == str(Side.PARTNER.label)],
        "当事者の並び": "、".join(f"{party['名称']}(以下「{party['略称']}」という。)" for party in parties),
        "当事者の略称": _joined(signs, "及び"),
        "当事者の数": len(parties),
        "義務一覧": _obligations(version),
        "リスク一覧": _risks(version),
        "議決の根拠": _ground(version.scheme),
    }


SAMPLE_KEYS = ("略称", "名称", "住所", "代表者", "役割", "連絡先", "側")


def sample() -> dict[str, Any]:
    """A value for every variable: what an uploaded template is tried with."""
    party = dict.fromkeys(SAMPLE_KEYS, "見本")
    return {
        **dict.fromkeys(
            (
                "名称 種類 制度名 管理番号 版 目的 費用 始まり 終わり 期間 更新 秘密の保持 個人情報 公表 締結日 作成日 "
                "自治体名 自治体代表者 担当課 当事者の並び 当事者の略称 当事者の数 議決の根拠"
            ).split(),
            "見本",
        ),
        "連携事項一覧": [{"番号": 1, "内容": "見本"}],
        "当事者一覧": [party, party],
        "相手方一覧": [party],
        "義務一覧": [dict.fromkeys(("番号", "だれが", "内容", "期限"), "見本")],
        "リスク一覧": [
            dict.fromkeys(("番号", "段階", "種類", "内容", "自治体", "相手", "分かれ目", "対応"), "見本")
        ],
    }


def variable_names() -> list[tuple[str, Sequence[str]]]:
    """Each variable, and for a list the parts of its rows: shown where templates are uploaded."""
    return [(name, list(value[0]) if isinstance(value, list) else []) for name, value in sample().items()]


def _parties(signers: Sequence[Party]) -> list[dict[str, str]]:
    return [
        {
            "略称": SIGNS[order] if order < len(SIGNS) else f"第{order + 1}",
            "名称": party.name,
            "住所": party.address,
            "代表者": party.representative,
            "役割": party.role,
            "連絡先": party.contact,
            "側": str(Side(party.side).label),
        }
        for order, party in enumerate(signers)
    ]


_TYPED_NUMBER = re.compile(
    r"^(?:[(（][0-9０-９一二三四五六七八九十ア-ン]{1,3}[)）]|[0-9０-９]{1,2}[.．)）](?![0-9０-９])|[①-⑳])[\s　]*"
)


def _joined(signs: Sequence[str], word: str) -> str:
    """As statutes join.

    >>> _joined(["甲", "乙", "丙"], "又は")
    '甲、乙又は丙'
    """
    return word.join(filter(None, ["、".join(signs[:-1]), *signs[-1:]]))


def matters_of(text: str) -> list[str]:
    """A line each, without the number or bullet somebody may have typed before it.

    >>> matters_of("（１）健康づくり\\n2.　見守り\\n③ 移動\\n・防災\\n3Dの地図\\n1.5kmの道")
    ['健康づくり', '見守り', '移動', '防災', '3Dの地図', '1.5kmの道']
    """
    lines = [_TYPED_NUMBER.sub("", line.strip()).lstrip("・-―*•●○■□ 　") for line in text.splitlines()]
    return [line for line in lines if line]


def _numbered(text: str) -> list[dict[str, Any]]:
    return [{"番号": number, "内容": line} for number, line in enumerate(matters_of(text), start=1)]


def _day(day: Any) -> str:
    return wareki.in_words(day, weekday=False) if day else BLANK_DAY


def _period(version: Version) -> str:
    begins = f"{_day(version.starts_on)}から" if version.starts_on else "締結の日から"
    return f"{begins}{_day(version.ends_on)}まで" if version.ends_on else f"{begins}効力を失う日まで"


def _renewal(version: Version, signs: str) -> str:
    months = version.renewal_months or 12
    length = f"{months // 12}年間" if months % 12 == 0 else f"{months}月間"
    if version.renewal == Renewal.AUTOMATIC:
        notice = f"の{version.notice_months}月前" if version.notice_months else ""
        return (
            f"前項の有効期間の満了の日{notice}までに、{signs}から書面による更新しない旨の申出がないときは、"
            f"この協定は、同一の条件で更に{length}更新されるものとし、その後も同様とする。"
        )
    if version.renewal == Renewal.BY_NOTICE:
        notice = f"{version.notice_months}月前" if version.notice_months else "満了の日"
        return f"この協定を更新しようとする者は、有効期間の満了の日の{notice}までに書面により申し出て、協議するものとする。"
    return "この協定は、更新しない。"


def _personal_data(version: Version) -> str:
    usual = {
        PersonalData.NONE: "この協定に基づく取組において、個人情報を取り扱わない。",
        PersonalData.ANONYMOUS: "この協定に基づく取組においては、統計その他の特定の個人を識別することができない情報のみを取り扱う。",
        PersonalData.HANDLED: "個人情報の保護に関する法律(平成15年法律第57号)その他の法令を遵守し、次のとおり取り扱う。",
        PersonalData.UNDECIDED: "個人情報を取り扱うときは、あらかじめ協議の上、その取扱いを定める。",
    }[PersonalData(version.personal_data)]
    return f"{usual}{version.personal_data_note}"


def _obligations(version: Version) -> list[dict[str, Any]]:
    return [
        {
            "番号": number,
            "だれが": each.bearer,
            "内容": each.text,
            "期限": _due(each.due_on, each.every_months),
        }
        for number, each in enumerate(version.obligations.all(), start=1)
    ]


def _due(day: Any, every_months: int | None) -> str:
    if not day:
        return "期限なし"
    again = {1: "毎月", 3: "3か月ごと", 6: "半年ごと", 12: "毎年"}.get(
        every_months or 0, f"{every_months}か月ごと"
    )
    return f"{_day(day)}({again})" if every_months else _day(day)


def _risks(version: Version) -> list[dict[str, str]]:
    found = []
    for risk in version.risks.all():
        public, private = calculations.marks_of(risk.bearer)
        found.append(
            {
                "番号": risk.key,
                "段階": risk.phase,
                "種類": risk.kind,
                "内容": risk.text,
                "自治体": public,
                "相手": private,
                "分かれ目": risk.threshold,
                "対応": risk.remedy,
            }
        )
    return found


def _ground(scheme_id: str) -> str:
    """The article on which the council's vote rests, as a bill says it."""
    scheme = knowledge().schemes.get(scheme_id)
    if scheme is None or not scheme.council.citations:
        return "地方自治法第96条第　項"
    return cited(scheme.council.citations[0])


def cited(citation: Citation) -> str:
    """「地方自治法第252条の2第3項」.

    >>> cited(Citation("地方自治法", "252_2_2", 3)), cited(Citation("地方自治法施行令", "167_2", 1, 2))
    ('地方自治法第252条の2の2第3項', '地方自治法施行令第167条の2第1項第2号')
    """
    first, *rest = citation.article.split("_")
    text = f"{citation.law}第{first}条" + "".join(f"の{part}" for part in rest)
    text += f"第{citation.paragraph}項" if citation.paragraph else ""
    return text + (f"第{citation.item}号" if citation.item else "")


def file_name(version: Version, kind: DocumentKind, ending: str) -> str:
    safe = "".join(letter for letter in version.title if letter not in '\\/:*?"<>|')[:60]
    return f"{_('案')}_{safe}_{kind.label}.{ending}"
