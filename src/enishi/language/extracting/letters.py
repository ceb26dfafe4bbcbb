"""Letters that PDF files give in place of the ones on the page: radicals for whole characters, a foreign middle dot."""

from __future__ import annotations

import unicodedata

_SHINJITAI = str.maketrans("戶黑黃靑麥齊齒龜", "戸黒黄青麦斉歯亀")
"""Programs name a glyph by its radical (⼾) where the page shows the character in use in Japan (戸)."""
_SUPPLEMENT = dict(
    zip(
        "⺟⺠⺩⺝⺼⻁⻄⻅⻆⻌⻑⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲",
        "母民王月月虎西見角辶長青食骨鬼麦黄斉歯竜亀",
        strict=True,
    )
)
_PLAIN = str.maketrans(
    {
        chr(code): unicodedata.normalize("NFKC", chr(code)).translate(_SHINJITAI)
        for code in range(0x2F00, 0x2FD6)
    }
    | _SUPPLEMENT
    | {"\u2027": "・", "\u00ad": ""}
)


def unified(text: str) -> str:
    """Return the text with the characters a reader sees, so that it can be searched and compared.

    >>> unified("外国⼈住⺠‧⼥性の⼾籍")
    '外国人住民・女性の戸籍'
    """
    return text if text.isascii() else text.translate(_PLAIN)
