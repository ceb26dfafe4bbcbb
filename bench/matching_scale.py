"""One want against a million cans: time, memory, and what the fast path misses.

    python -m bench.matching_scale --rows 1000000

The cans are made up: vectors lie between reference texts, words follow Zipf's law, conditions are drawn at random. The reference texts'
directions are real, so hubs and neighbourhoods look like those of real texts. Arrays are mapped from disk, as in the exchange.
"""

import argparse
import datetime as dt
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from training.matching.pairs_file import read_pairs

from enishi.engines import matching
from enishi.engines.core import unit_rows
from enishi.engines.matching.segments import quantised, sign_codes
from enishi.language.e5 import open_local_embedder
from enishi.language.matching_inputs import MatchingReader, bundled_space

TODAY = dt.date(2026, 11, 22)
WORDS_A_CAN = 45
BLOCK = 20_000


def write_segment(folder: Path, rows: int, space: matching.Space, rng: np.random.Generator) -> None:
    """Save the columns of a made-up segment."""
    for name, column in {
        **meaning_columns(rows, space, rng),
        **word_columns(rows, space, rng),
        **condition_columns(rows, rng),
    }.items():
        np.save(folder / f"{name}.npy", column)


def meaning_columns(rows: int, space: matching.Space, rng: np.random.Generator) -> dict[str, np.ndarray]:
    size = space.dimensions
    vectors, scales = np.empty((rows, size), np.int8), np.empty(rows, np.float32)
    codes, hubs = np.empty((-(-size // 64), rows), np.uint64), np.empty(rows, np.float32)
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start)
        one, other = (space.can_bank[rng.integers(len(space.can_bank), size=count)] for _ in range(2))
        share = rng.random((count, 1)) * 0.45
        noise = 0.03 * rng.normal(size=(count, size))
        placed = unit_rows(((1 - share) * one + share * other + noise).astype(np.float32))
        here = slice(start, start + count)
        vectors[here], scales[here] = quantised(placed)
        codes[:, here], hubs[here] = sign_codes(placed), space.can_hubs(placed)
    return {"vectors": vectors, "vector_scales": scales, "codes": codes, "hubs": hubs}


def word_columns(rows: int, space: matching.Space, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Words by Zipf's law, the reference texts' own words the most frequent."""
    known = space.terms[np.argsort(-space.term_counts)]
    rest = np.setdiff1d(rng.integers(0, 2**32, 60_000, dtype=np.uint64).astype(np.uint32), known)
    words = np.concatenate([known, rest])
    chances = 1 / np.arange(1, len(words) + 1) ** 0.95
    ranks = np.searchsorted(np.cumsum(chances / chances.sum()), rng.random(rows * WORDS_A_CAN))
    codes = words[np.minimum(ranks, len(words) - 1)]
    order = np.argsort(codes, kind="stable")
    terms, starts = np.unique(codes[order], return_index=True)
    owners = np.repeat(np.arange(rows, dtype=np.int32), WORDS_A_CAN)[order]
    return {
        "terms": terms,
        "posting_offsets": np.append(starts, len(codes)).astype(np.int64),
        "posting_rows": owners,
        "posting_counts": np.ones(len(codes), np.float32),
        "lengths": np.full(rows, WORDS_A_CAN, np.float32),
    }


def condition_columns(rows: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    today = TODAY.toordinal()
    one_each = np.arange(rows + 1, dtype=np.int64)
    unknown = np.full(rows, -1, np.int32)
    prefectures = rng.integers(1, 48, rows)
    nationwide = rng.random(rows) < 0.3
    return {
        "keys": np.arange(rows, dtype=np.int64),
        "field_offsets": one_each,
        "field_codes": rng.integers(100, 190, rows),
        "parent_codes": rng.integers(0, 15, rows),
        "kind_offsets": one_each,
        "kind_codes": rng.integers(0, 9, rows),
        "area_offsets": one_each,
        "area_codes": prefectures * 1000 + rng.integers(100, 130, rows),
        "prefectures": np.where(nationwide, np.uint64(1) << np.uint64(63), np.uint64(1) << prefectures.astype(np.uint64)),
        "window_from": np.where(rng.random(rows) < 0.5, -1, today + rng.integers(-300, 300, rows)).astype(np.int32),
        "window_to": unknown,
        "cost_min_yen": rng.integers(0, 5_000_000, rows),
        "cost_max_yen": rng.integers(5_000_000, 9_000_000, rows),
        "capacity": unknown,
        "engaged": np.zeros(rows, np.int32),
        "confirmed_on": (today - rng.integers(0, 700, rows)).astype(np.int32),
        "expires_on": unknown,
        "successes": np.zeros(rows, np.int32),
        "attempts": np.zeros(rows, np.int32),
        "owners": rng.integers(0, 50_000, rows),
        "audiences": (rng.random(rows) < 0.2).astype(np.int64),
        "underserved": rng.random(rows) < 0.3,
    }  # fmt: skip


def wants_of(reader: MatchingReader, count: int) -> list[matching.Want]:
    return [
        reader.want(
            id=pair.id,
            text=pair.want,
            fields={str(100 + number % 90)},
            regions={f"{1 + number % 47:02}101"} if number % 2 else (),
            budget_max_yen=3_000_000 if number % 3 else None,
        )
        for number, pair in enumerate(read_pairs()[:count])
    ]


def measure(index: matching.Index, reader: MatchingReader, wants: Sequence[matching.Want]) -> None:
    """Time searches with reasons for the twenty found, then compare with the exhaustive answer."""
    texts = [can for pair in read_pairs()[:20] for can in pair.cans][:20]
    cans = [reader.can(id=str(number), text=text) for number, text in enumerate(texts)]
    arguments = {"as_of": TODAY, "top": 20, "audiences": {0}}
    seconds, work = [], []
    for number, want in enumerate([*wants[:10], *wants]):
        began, began_work = time.perf_counter(), time.process_time()
        found = matching.search(index, want, reader.space, **arguments)
        for match, can in zip(found.matches, cans, strict=False):
            matching.explain(want, can, match, reader.space, as_of=TODAY)
        if number >= 10:
            seconds.append(time.perf_counter() - began)
            work.append(time.process_time() - began_work)
    half, most = np.percentile(np.array(seconds) * 1000, [50, 95])
    busy = np.median(work) * 1000
    print(
        f"上位20件と理由: 中央値 {half:.0f} ms、95% {most:.0f} ms({len(seconds)}回、温まった後)、"
        f"計算そのものは {busy:.0f} ms(差はほかの仕事の待ち)"
    )
    shares = [overlap(index, want, reader.space, arguments) for want in wants[:30]]
    print(
        f"総当たりの上位20件のうち見つかった割合: {np.mean(shares):.3f}(最低 {min(shares):.2f}、{len(shares)}回)"
    )


def overlap(index: matching.Index, want: matching.Want, space: matching.Space, arguments: dict) -> float:
    fast = {match.can_id for match in matching.search(index, want, space, **arguments).matches}
    whole = {
        match.can_id for match in matching.search(index, want, space, exhaustive=True, **arguments).matches
    }
    return len(fast & whole) / max(len(whole), 1)


def resident_mib() -> float:
    """Return the most memory this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_reading(reader: MatchingReader) -> None:
    """Say how fast texts become rows, and what bounds it."""
    texts = [f"{pair.cans[0]}{pair.cans[1]}" for pair in read_pairs()[:60]]
    began = time.perf_counter()
    cans = [reader.can(id=str(number), text=text) for number, text in enumerate(texts)]
    read = time.perf_counter() - began
    began = time.perf_counter()
    matching.build_segment(cans, range(len(cans)), reader.space)
    built = time.perf_counter() - began
    length = np.mean([len(text) for text in texts])
    print(
        f"索引に入れる: {length:.0f}字の資源を毎秒{len(texts) / (read + built):.0f}件"
        f"(文の読み取り {read / (read + built):.0%})、10万件で{100_000 * (read + built) / len(texts) / 60:.0f}分"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--wants", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="作った列を置き、次の回に使い回すフォルダ")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("ENISHI_DATA", "data")) / "models")
    options = parser.parse_args(arguments)
    reader = MatchingReader(open_local_embedder(options.models, threads=2))
    measure_reading(reader)
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            write_segment(folder, options.rows, bundled_space(), np.random.default_rng(0))
        arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.iterdir()}
        index = matching.Index([matching.Segment.from_arrays(arrays)])
        print(
            f"資源 {len(index):,}件、列の大きさ {sum(array.nbytes for array in arrays.values()) / 2**20:,.0f} MiB"
        )
        measure(index, reader, wants_of(reader, options.wants))
    print(f"常駐した記憶の最大(作成も含む): {resident_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
