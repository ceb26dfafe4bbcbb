"""Makes law.jsonl and law_questions.jsonl out of the reference statutes (run once; the results are kept).

python -m training.retrieval.build_law LAW_ARTICLES.json
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
SHORT = {
    "地方自治法": "自治法",
    "地方自治法施行令": "施行令",
    "民間資金等の活用による公共施設等の整備等の促進に関する法律": "PFI",
    "民間資金等の活用による公共施設等の整備等の促進に関する法律施行令": "PFI令",
    "地域再生法": "地域再生法",
    "個人情報の保護に関する法律": "個情法",
    "個人情報の保護に関する法律施行規則": "個情則",
    "統計法": "統計法",
    "公益的法人等への一般職の地方公務員の派遣等に関する法律": "派遣法",
    "まち・ひと・しごと創生法": "創生法",
    "官民データ活用推進基本法": "官民データ",
    "災害対策基本法": "災対法",
}


def main(path: str) -> None:
    laws = json.loads(Path(path).read_text("utf-8"))["laws"]
    with (HERE / "law.jsonl").open("w", encoding="utf-8") as file:
        for law, found in laws.items():
            for article in found["articles"]:
                row = {
                    "id": SHORT[law] + article["number"].replace("_", "-"),
                    "title": f"{law} {article['article']} {article['caption'] or ''}".strip(),
                    "text": article["text"],
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
