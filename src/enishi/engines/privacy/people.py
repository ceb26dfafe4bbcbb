"""Who somebody is: names as people say, write and introduce them in six languages, and dates of birth.

Names inside a Japanese sentence are found by the language's own tools and handed to :func:`mask`; here are those that
only the words around them tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enishi.engines.privacy.kinds import Kind, Mark, marks_of

_NAME = r"[一-鿿ぁ-ゖァ-ヶー々・=]"
_HONORIFIC = r"(?:さん|さま|様|くん|ちゃん|氏|殿)"
_ROMAN = r"[A-ZÀ-ÝĐƠƯ][\w'-]+"
_SURNAMES_SPOKEN = (
    "さとう|すずき|たかはし|たなか|いとう|わたなべ|やまもと|なかむら|こばやし|かとう|よしだ|やまだ|ささき|やまぐち|まつもと|いのうえ|きむら|はやし|さいとう|しみず|やまざき|あべ|もり|いけだ"
    "|はしもと|やました|いしかわ|なかじま|まえだ|ふじた|おがわ|ごとう|おかだ|はせがわ|むらかみ|こんどう|いしい|さかもと|えんどう|あおき|ふじい|にしむら|ふくだ|おおた|みうら|おかもと|まつだ|なかがわ|はらだ|たむら|たけうち"
)
_SURNAMES_CHINESE = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕蘇苏卢蒋蔡贾丁魏薛叶葉阎余潘杜戴夏钟鍾汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_SURNAMES_KOREAN = "김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모"
_SURNAMES_VIETNAMESE = "(?:Nguyễn|Nguyen|Trần|Tran|Lê|Phạm|Pham|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Dang|Bùi|Bui|Đỗ|Hồ|Ngô|Dương|Duong|Lý|Đinh|Trịnh|Mai|Đào)"
_NOT_KOREAN = (
    "(?!한국|외국|유학생|임산부|임신|장애인|이민|이주|주부|주민|직장|조선족|신입|정규|전업|고등|고령|노동|노인|남편|여행|여자|남자|변호사|배우자|구직|주재|태국|대만|영국|몽골|미국|중국|일본|"
    "선생|고객|사장|부모|시장|공무원|담당|손님|하느|아버|어머|마음|원장|교장|회원|기사|이용|신청|지금|이번|우리|전부|모두|정말|오늘|내일|지역)"
)
_NOT_ENGLISH = r"(?!(?:American|Japanese|Chinese|Korean|Vietnamese|British|Indian|Filipino|Brazilian|Nepalese|Nepali|Thai|Indonesian|Aoba|City|Not|The|A|An|In|From|Permanent|Resident|Muslim|Christian)\b)"

_NAMES = (
    # 氏名: 佐藤 花子, 名前はたなかはなこです
    re.compile(
        rf"(?:氏名|名前|なまえ|姓名|本名)\s?(?:[:：]\s*|は、?\s*(?=[^。、]{{2,14}}?\s?(?:です(?!か)|と申|といい|と言い)))(?P<it>{_NAME}{{2,9}}?(?:[ 　]{_NAME}{{1,9}}?)?)(?=\s?(?:です|と申|といい|と言い)|[、。,\s]|$)"
    ),
    re.compile(
        r"(?P<it>[一-鿿ァ-ヶー々・]{2,14}|[ぁ-ゖ]{4,10})(?=\s?(?:と申します|と申し|といいます(?![がけ])|と言います))"
    ),
    re.compile(
        r"(?:私|わたし|わたくし|僕|ぼく|俺)(?:は|の名前は)(?P<it>[一-鿿々]{4,5}(?<![宅庭者員民生人婦主職予定籍済望帯代歳中護活習在住務担任身期権病害障後前週児童高齢業学暮方夫妻親子])|[一-鿿々]{1,3}[ 　][一-鿿ぁ-ゖァ-ヶー々]{1,4})(?=です(?!か))"
    ),
    # グエン・ヴァン・アインさん, やまだたろうさん
    re.compile(
        rf"(?P<it>[ァ-ヶー]{{2,14}}(?:[・=][ァ-ヶー]{{1,14}}){{1,5}})(?={_HONORIFIC}|です|の(?:在留|住所))"
    ),
    re.compile(rf"(?<![ぁ-ゖ])(?P<it>(?:{_SURNAMES_SPOKEN})[ 　]?[ぁ-ゖ]{{0,5}}?)(?={_HONORIFIC})"),
    re.compile(
        rf"(?:my name is|i am called|i'm called)\s+(?P<it>(?-i:{_ROMAN}(?:\s+{_ROMAN}){{0,3}}))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:I am|I'm|I’m|This is)\s+(?P<it>{_NOT_ENGLISH}{_ROMAN}(?:\s+{_NOT_ENGLISH}{_ROMAN}){{1,3}})"
    ),
    re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+(?P<it>{_ROMAN}(?:\s+{_ROMAN}){{0,2}})"),
    re.compile(
        r"(?:我叫|我的名字是|姓名是|姓名[:：]|名字[:：])\s*(?!了|过|不|救|警)(?P<it>[一-鿿]{2,4})(?=[,，。.!!、\s]|$)"
    ),
    re.compile(
        rf"我是(?P<it>[{_SURNAMES_CHINESE}][一-鿿]{{1,2}}(?<![生人者员工民妇师妈爸]))(?=[,，。.!!、\s]|$)"
    ),
    re.compile(rf"(?P<it>[{_SURNAMES_CHINESE}][一-鿿]{{0,2}})(?=(?:先生|女士|小姐|太太)[^ぁ-ゖ])"),
    re.compile(
        r"(?:제 ?이름은|이름은|이름[:：]|성명[:：])\s*(?P<it>[가-힣]{2,4}?)(?=입니다|이에요|예요|이라고|라고|이고|[\s,.]|$)"
    ),
    re.compile(
        rf"(?:저는|나는)\s*{_NOT_KOREAN}(?P<it>[{_SURNAMES_KOREAN}][가-힣]{{2}})(?=입니다|이에요|예요|이라고|라고)"
    ),
    re.compile(
        rf"(?<![가-힣]){_NOT_KOREAN}(?P<it>[{_SURNAMES_KOREAN}][가-힣]{{2}})(?=\s?(?:씨|님)(?![가-힣]{{3}}))"
    ),
    re.compile(
        rf"(?:tôi tên là|tên tôi(?: là|:)|tên là|tên:|họ (?:và )?tên[:：]?)\s+(?P<it>(?-i:{_ROMAN}(?:\s+[A-ZÀ-ÝĐƠƯ][\w]*){{0,4}}))",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:[Tt]ôi|[Ee]m|[Cc]on) là (?P<it>{_SURNAMES_VIETNAMESE}(?:\s+[A-ZÀ-ÝĐƠƯ]\w*){{1,4}})"),
    re.compile(rf"(?P<it>{_SURNAMES_VIETNAMESE}\s+(?:Văn|Thị|Van|Thi)(?:\s+[A-ZÀ-ÝĐƠƯ]\w*){{1,3}})"),
)
_NOT_NAMES = frozenset(
    "市民 住民 外国人 高齢者 会社員 学生 大学生 高校生 主婦 妊婦 障害者 子ども 母親 父親 夫婦 日本人 独身 無職 自営業 農家 一人暮らし 市外在住 市内在住 転入者 退職 未成年 初めて 匿名".split()
)

_DATE = (
    r"(?:(?:明治|大正|昭和|平成|令和|[MTSHRＭＴＳＨＲ])\s*[\d一二三四五六七八九十元]{1,3}|(?:18|19|20)\d\d)\s?[年/.．-]\s?"
    r"[\d一二三四五六七八九十]{1,3}\s?[月/.．-]\s?[\d一二三四五六七八九十]{1,3}\s?日?"
)
_RULE = r"(?!\s?(?:から|まで|以降|以前|以後|より))"
"""Who is born from one day to another is what a rule says, and nobody's birthday."""
_BIRTHDAYS = (
    re.compile(rf"{_DATE}\s*(?:生まれ|うまれ|生れ|生(?![まれ])|出生){_RULE}"),
    re.compile(
        r"(?:明治|大正|昭和|平成|令和)\s*[\d一二三四五六七八九十元]{1,3}\s*年(?:生まれ|うまれ|生れ)" + _RULE
    ),
    re.compile(r"(?:19|20)\d\d\s*年\s*(?:生まれ|うまれ|生れ)" + _RULE),
    re.compile(
        rf"(?:生年月日|誕生日|たんじょうび|出生日期|生日|생년월일|생일|ngày sinh|sinh ngày|DOB|date of birth|birthday)\s?(?:は|が|:|：|是|为|은|는|이|is|là)?\s?(?P<it>{_DATE}|[\d]{{1,2}}月\s?\d{{1,2}}日|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{8}}|[A-Z][a-z]{{2,8}} \d{{1,2}},? \d{{4}})",
        re.IGNORECASE,
    ),
    re.compile(r"born (?:on|in) (?=[A-Za-z ]{0,10}\d)[A-Za-z0-9 ,]{4,20}"),
)


def people_in(text: str) -> Iterator[Mark]:
    for mark in marks_of(Kind.NAME, _NAMES, text):
        if text[mark.start : mark.end].strip() not in _NOT_NAMES:
            yield mark
    yield from marks_of(Kind.BIRTHDAY, _BIRTHDAYS, text)
