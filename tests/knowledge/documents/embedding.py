"""An embedder for the suite; the bundled one has its own tests."""

from tests.exchange.matches.reading import WordSums


def word_sums() -> WordSums:
    return WordSums()
