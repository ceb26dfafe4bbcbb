"""What a proposal is about, in its own sentences, without the greetings and the praise of a business letter."""

import re

from enishi.language.sentences import sentences

_HEADING = re.compile(r"^(?!.*(?:ます|です|[。、]))[■●◆◇□○【〈《].{0,40}$")
_CORE = re.compile(r"内容|(?<!会社)(?<!団体)概要")
_COURTESY = re.compile(
    "平素|ご高配|賜り|賜りますよう|御礼申し上げ|お世話になって|何卒|よろしくお願い|幸いです|幸いに存じ|幸甚|"
    "ご説明のお時間|お時間を頂戴|(弊社|当社)は.*(創業|設立|でございます)|業界初|業界No|No\\.1|圧倒的|ぜひ一度"
)


def essence(text: str, *, most: int = 300) -> str:
    """Return the telling sentences of ``text``, at most ``most`` characters; those under a heading such as 実施内容 first.

    >>> essence("平素より格別のご高配を賜り、厚く御礼申し上げます。空いた教室で学習支援を開きます。")
    '空いた教室で学習支援を開きます。'
    >>> essence("■実施内容\\n○週に二日、声をかけます\\n■会社概要\\n昭和四十八年から配送をしています。", most=12)
    '○週に二日、声をかけます'
    """
    core: list[str] = []
    others: list[str] = []
    in_core = False
    for line in text.splitlines():
        if _HEADING.match(line.strip()):
            in_core = bool(_CORE.search(line))
            continue
        told = [one.text.strip() for one in sentences(line) if not _COURTESY.search(one.text)]
        (core if in_core else others).extend(one for one in told if one)
    found: list[str] = []
    length = 0
    for one in [*core, *others] or [text.strip()]:
        if found and length + len(one) > most:
            break
        found.append(one[:most])
        length += len(one)
    return "\n".join(found)
