"""The phrases of which texts for measuring are put together: those of the demo region, recombined, and frames to fill."""

import json
import random
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

PLACES = (
    "集会所 旧小学校 商店街 直売所 道の駅 公民館 図書館 漁港 駅前 団地 農協の倉庫 体育館 保育所 診療所 交番跡 酒蔵 製材所 "
    "空き店舗 温泉施設 キャンプ場 牧場 茶園 棚田 港 城跡 郵便局 市場 工業団地 大学 高校 福祉センター 学童 寺 神社 古民家"
).split()
THINGS = (
    "軽トラック 電動カート 蓄電池 血圧計 測量機 ドローン 見守り電球 会議システム 電子回覧板 発電機 大鍋 冷凍車 折りたたみ机 仮設トイレ "
    "ノートパソコン 翻訳機 土のう 防災倉庫 自転車 車いす 楽器 望遠鏡 監視カメラ 水位計 雨量計 罠 草刈り機 除雪機 チェーンソー 書架 "
    "農機具 顕微鏡 絵本 将棋盤 補聴器 歩行器 屋台 幟 テント 太陽光パネル 電気自動車 計算ソフト 地図データ 点群データ 予約システム"
).split()
PEOPLE = (
    "高齢の方 小学生 中学生 子育て中の家庭 移住を考える人 農家 漁師 商店主 外国から来た住民 障害のある方 消防団 民生委員 自治会の役員 "
    "観光に来た人 新しく越してきた人 介護をしている家族 通院する人 不登校の子 若手職員 事業を継ぐ人 学生 職人 看護師 保育士 運転手"
).split()
DEEDS = (
    "届けます 貸し出します 教えます 修理します 点検します 運びます 記録します 設計します 相談に乗ります 翻訳します 撮影します 案内します "
    "見回ります 集計します 仕分けます 組み立てます 育てます 分析します 試作します 派遣します 掃除します 調整します 診断します 講座を開きます"
).split()
TROUBLES = (
    "担い手が足りない 使う人が減っている 修繕の費用が出ない 予約が紙のままで時間がかかる 雨の日に止まってしまう 夜に人がいない 続ける人がいない "
    "場所が狭い 情報が届かない 数が分からない 手続きが多い 古くて直せない 車がないと行けない 言葉が通じない 若い人が出ていく"
).split()
NAMES_BEFORE = "みどり あさひ さくら 東海 北星 光 未来 たから 大地 ひかり 南風 青空 いずみ やまなみ 潮 結 まつば 三和 共立 新栄".split()
NAMES_AFTER = {
    "company": "建設 食品 運輸 電機 システム 工務店 農園 観光 印刷 水産 製作所 設計 商事 測量 住建 ソフト".split(),
    "npo": "の会 ネットワーク サポート 工房 プロジェクト ひろば 倶楽部 応援団".split(),
    "university": "大学 短期大学 高等専門学校 看護専門学校".split(),
    "community": "自治会 町内会 まちづくり協議会 婦人会 管理組合".split(),
    "association": "商工会 観光協会 社会福祉協議会 協同組合".split(),
    "corporation": "財団 医療法人 社会福祉法人 公社".split(),
}


@dataclass
class Phrases:
    """What is said in one field of work."""

    titles: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)


_BODIES = {"resources": ("offer", "track_record"), "challenges": ("present_state", "desired_state")}


def _demo(name: str) -> list[dict[str, Any]]:
    text = (resources.files("enishi.config") / "demo" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def demo_texts(name: str) -> list[str]:
    """The whole texts of the demo region's records."""
    body, record = _BODIES[name]
    return [f"{row['title']}\n{row[body]}\n{row[record]}" for row in _demo(name)]


@lru_cache(maxsize=2)
def by_field(name: str) -> dict[str, Phrases]:
    """The demo region's phrases by field of work: ``name`` is ``resources`` or ``challenges``."""
    body, record = _BODIES[name]
    found: dict[str, Phrases] = {}
    for row in _demo(name):
        for one in row["fields"]:
            phrases = found.setdefault(one, Phrases())
            phrases.titles.append(row["title"])
            phrases.sentences += [
                f"{part}。" for part in row[body].split("。") if 8 <= len(part.strip()) <= 90
            ]
            if row[record]:
                phrases.records.append(row[record].split("。")[0] + "。")
    return found


@lru_cache(maxsize=2)
def every(name: str) -> Phrases:
    """All fields together, for a field of work that the demo region says nothing of."""
    whole = Phrases()
    for phrases in by_field(name).values():
        whole.titles += phrases.titles
        whole.sentences += phrases.sentences
        whole.records += phrases.records
    return whole


POOL = 4_000
"""So many titles and rare sentences there are of each kind; a nation's records share them."""


@dataclass(frozen=True)
class Pool:
    """Ready titles and sentences, by field of work."""

    titles: dict[str, list[str]]
    frames: list[str]


@lru_cache(maxsize=4)
def pool(kind: str, seed: int, towns: tuple[str, ...], names: tuple[str, ...]) -> Pool:
    """What titles and rare sentences a run draws from."""
    chance = random.Random(f"pool-{kind}-{seed}")  # noqa: S311  data for measuring
    title, frame = (
        (resource_title, resource_frame) if kind == "resources" else (challenge_title, challenge_frame)
    )
    titles = {
        name: [title(chance, said(kind, name), chance.choice(towns)) for _one in range(POOL // 80)]
        for name in names
    }
    return Pool(titles, [frame(chance, chance.choice(towns)) for _one in range(POOL)])


def said(kind: str, name: str) -> Phrases:
    """What is said in a field; where the demo region says nothing, what is said anywhere."""
    found = by_field(kind).get(name)
    return found if found is not None and found.sentences and found.titles and found.records else every(kind)


def resource_frame(chance: random.Random, town: str) -> str:
    """A sentence of an offer that few others have."""
    return chance.choice(
        (
            f"{town}の{chance.choice(PLACES)}を拠点に、{chance.choice(PEOPLE)}へ{chance.choice(THINGS)}を{chance.choice(DEEDS)}。",
            f"{chance.choice(THINGS)}を{chance.randint(2, 60)}台そろえ、{chance.choice(PLACES)}で{chance.choice(DEEDS)}。",
            f"{chance.choice(PEOPLE)}と一緒に、{chance.choice(PLACES)}の{chance.choice(THINGS)}を{chance.choice(DEEDS)}。",
        )
    )


def challenge_frame(chance: random.Random, town: str) -> str:
    """A sentence of a want that few others have."""
    return chance.choice(
        (
            f"{town}の{chance.choice(PLACES)}では、{chance.choice(PEOPLE)}のための{chance.choice(THINGS)}の{chance.choice(TROUBLES)}。",
            f"昨年度は{chance.choice(PLACES)}で{chance.randint(2, 400)}件の相談があり、{chance.choice(TROUBLES)}。",
            f"{chance.choice(PEOPLE)}から、{chance.choice(PLACES)}の{chance.choice(TROUBLES)}という声が届いている。",
        )
    )


def resource_title(chance: random.Random, phrases: Phrases, town: str) -> str:
    if chance.random() < 0.4:
        return f"{town}から: {chance.choice(phrases.titles)}"[:120]
    deed = chance.choice(DEEDS).removesuffix("ます").removesuffix("し") or "支援"
    return f"{chance.choice(PLACES)}で{chance.choice(PEOPLE)}に{chance.choice(THINGS)}を({deed})"[:120]


def challenge_title(chance: random.Random, phrases: Phrases, town: str) -> str:
    if chance.random() < 0.4:
        return f"{chance.choice(phrases.titles)}({town})"[:120]
    return f"{chance.choice(PLACES)}の{chance.choice(THINGS)}の{chance.choice(TROUBLES)}"[:120]
