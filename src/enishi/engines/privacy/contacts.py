"""How somebody is reached: telephone, e-mail however it is spelled, accounts of messengers and networks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from enishi.engines.privacy.kinds import Kind, Mark, marks_of

_DASH = r"[-‐‑–—―−ー－ 　]"
_PHONES = (
    re.compile(
        rf"(?<!\d)(?:[+＋]\d{{1,3}}{_DASH}?\d{{1,4}}|[0０٠]\d{{1,4}})(?:{_DASH}|[()（）]){{1,2}}\d{{1,4}}(?:{_DASH}|[)）])\d{{3,4}}(?!\d)"
    ),
    re.compile(rf"[+＋]\d{{1,3}}(?:{_DASH}?\d{{2,4}}){{2,4}}(?!\d)"),
    # Without the code of the place, only behind what says that it is a telephone's.
    re.compile(
        rf"(?:電話|でんわ|携帯|ケータイ|TEL|Tel|tel|℡|FAX|自宅)(?:番号)?[はが:：\s]{{0,3}}(?P<it>\d{{2,4}}{_DASH}\d{{3,4}})(?!\d|\s*[円人件])"
    ),
)

_AT = r"\s?(?:[@＠☆★♪◎■●#＃]|アットマーク|アット|あっと|[(（\[【<]\s*(?:at|アット|アットマーク|あっと|@)\s*[)）\]】>])\s?"
_DOT = r"\s?(?:[.．。,，]|[(（\[]\s*(?:dot|ドット)\s*[)）\]]|ドット|\sdot\s)\s?"
_EMAILS = (
    re.compile(r"[\w.+%-]{1,64}[@＠][\w-]{1,63}(?:[.．][\w-]{1,63}){1,8}"),
    re.compile(
        rf"(?a:[\w.+%-]{{2,64}}){_AT}(?a:[\w-]{{1,63}})(?:{_DOT}(?a:[A-Za-z]{{2,12}})){{1,4}}", re.IGNORECASE
    ),
    re.compile(r"(?a:[\w.+%-]{2,64}) at (?a:[\w-]{1,63})(?: dot (?a:[A-Za-z]{2,12})){1,4}", re.IGNORECASE),
    re.compile(
        r"(?:メール(?:アドレス)?|メルアド|アドレス|e-?mail(?: address)?|邮箱|郵箱|이메일)\s?(?:は|が|:|：|is|是|은|는)\s?(?P<it>(?a:[A-Za-z][\w.+-]{3,63}))",
        re.IGNORECASE,
    ),
)

_SERVICE = (
    r"(?:LINE|ライン|インスタ(?:グラム)?|Instagram|ツイッター|Twitter|フェイスブック|Facebook|Messenger|TikTok|ティックトック|Telegram|WhatsApp|Viber"
    r"|Discord|ディスコード|Skype|スカイプ|WeChat|ウィーチャット|微信|QQ|微博|Weibo|Zalo|カカオ(?:トーク)?|Kakao(?:Talk)?|카카오톡|카톡|라인|인스타(?:그램)?|Steam|Threads|Bluesky|X)"
)
_ACCOUNTS = (
    re.compile(r"(?<![\w/.])[@＠](?a:[A-Za-z0-9_][\w.-]{2,39})"),
    # With a digit or a mark in it, it is an account wherever the service is named before it.
    re.compile(
        rf"{_SERVICE}[^\n。.A-Za-z0-9@]{{0,12}}(?:(?:ID|id|Id|account|name|is|của tôi|là)[^\nA-Za-z0-9@]{{0,3}}){{0,3}}[@＠]?"
        r"(?P<it>(?a:(?=[\w.-]*[\d_])[A-Za-z][\w.-]{3,39}))(?<![.])"
    ),
    # Of letters alone, only behind what says that an account follows.
    re.compile(
        rf"{_SERVICE}[^\n。.A-Za-z0-9@]{{0,4}}(?:ID|id|アイディー?|アカウント|ユーザー名|account|号|아이디)\s?(?:は|が|:|：|=|is|是|은|는)\s?[@＠]?(?P<it>(?a:[A-Za-z][\w.-]{{3,39}}))(?<![.])"
    ),
    re.compile(
        r"(?a:(?:facebook|instagram|twitter|x|tiktok|line|wechat|threads|t)\.(?:com|net|me)/[\w.@%/?=-]{2,80})",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:パスワード|合言葉|password|passcode|暗証番号|密码|비밀번호|mật khẩu|PW|PASS)\s?(?:は|が|:|：|is|是|은|는|là)\s?[「\"]?(?P<it>(?a:[!-~]{4,40}))",
        re.IGNORECASE,
    ),
)


def contacts_in(text: str) -> Iterator[Mark]:
    yield from marks_of(Kind.EMAIL, _EMAILS, text)
    yield from marks_of(Kind.ACCOUNT, _ACCOUNTS, text)
    yield from marks_of(Kind.PHONE, _PHONES, text)
