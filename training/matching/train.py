"""Teach the encoder what wants and cans have in common: low-rank changes of its upper layers.

    python -m training.matching.train src/enishi/language/data/encoder_changes.npz
    python -m training.matching.train --fold 0        # keep back a fifth, print quality, write nothing

Needs torch (2.13 was used), in an environment of its own. Method: low-rank adaptation (Hu et al. 2021, ICLR 2022)
with an in-batch contrastive loss (van den Oord et al. 2018); the changes of several seeds are averaged
(Wortsman et al. 2022, "model soups") and brought back to one rank by singular values.
"""

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from enishi.language.e5_weights import SHA256, Weights, read_installed_weights
from enishi.language.normalising import normalise
from enishi.language.unigram import UnigramTokenizer
from training.matching.pairs_file import Pair, held_out, read_pairs

MATRICES = {"q": "hidden", "k": "hidden", "v": "hidden", "ao": "hidden", "fi": "hidden", "fo": "feed_forward"}


@dataclass(frozen=True)
class Recipe:
    """What the training is made of."""

    first_layer: int = 2
    rank: int = 8
    scale: float = 2.0
    rate: float = 3e-4
    epochs: int = 3
    batch: int = 64
    temperature: float = 0.05
    seeds: tuple[int, ...] = (0, 1)
    shipped_rank: int = 12


class Texts:
    """Token ids of texts, and batches of them."""

    def __init__(self, weights: Weights) -> None:
        vocabulary = weights.vocabulary
        control = frozenset((0, 1, 2, 3, len(vocabulary.pieces) - 1))
        self._tokenizer = UnigramTokenizer(
            vocabulary.pieces, vocabulary.scores, control=control, unknown=vocabulary.unknown
        )

    def ids(self, text: str, side: str) -> list[int]:
        return [0, *self._tokenizer.encode(f"{side}: {normalise(text)}")[:200], 2]


class Layer(torch.nn.Module):
    """One layer of the encoder; the weights stay, the low-rank factors learn."""

    def __init__(self, weights: Weights, number: int, recipe: Recipe | None) -> None:
        super().__init__()
        self.shape, self.recipe = weights.shape, recipe
        name = f"l{number}."
        for part, inputs in MATRICES.items():
            matrix = weights.matrix(f"{name}{part}.w", columns=getattr(weights.shape, inputs))
            self.register_buffer(f"{part}_w", torch.tensor(matrix))
            self.register_buffer(f"{part}_b", torch.tensor(weights.floats(f"{name}{part}.b").copy()))
            if recipe:
                start = torch.randn(recipe.rank, matrix.shape[1]) / math.sqrt(matrix.shape[1])
                self.register_parameter(f"{part}_A", torch.nn.Parameter(start))
                self.register_parameter(
                    f"{part}_B", torch.nn.Parameter(torch.zeros(matrix.shape[0], recipe.rank))
                )
        for part in ("aln", "oln"):
            for letter in "wb":
                values = weights.floats(f"{name}{part}.{letter}").copy()
                self.register_buffer(f"{part}_{letter}", torch.tensor(values))

    def change(self, part: str) -> torch.Tensor:
        return getattr(self, f"{part}_B") @ getattr(self, f"{part}_A") * self.recipe.scale

    def linear(self, part: str, state: torch.Tensor) -> torch.Tensor:
        weight = getattr(self, f"{part}_w")
        if self.recipe:
            weight = weight + self.change(part)
        half = torch.bfloat16
        return functional.linear(state.to(half), weight.to(half), getattr(self, f"{part}_b").to(half))

    def forward(self, state: torch.Tensor, hidden_from: torch.Tensor) -> torch.Tensor:
        rows, length, hidden = state.shape
        heads = self.shape.heads
        query, key, value = (
            self.linear(part, state).view(rows, length, heads, hidden // heads).transpose(1, 2)
            for part in "qkv"
        )
        scores = (query * (hidden // heads) ** -0.5) @ key.transpose(-1, -2) + hidden_from
        mixed = (torch.softmax(scores, -1, dtype=scores.dtype) @ value).transpose(1, 2)
        state = self.norm("aln", state + self.linear("ao", mixed.reshape(rows, length, hidden)))
        return self.norm("oln", state + self.linear("fo", functional.gelu(self.linear("fi", state))))

    def norm(self, part: str, state: torch.Tensor) -> torch.Tensor:
        weight, bias = getattr(self, f"{part}_w"), getattr(self, f"{part}_b")
        return functional.layer_norm(state.float(), (state.shape[-1],), weight, bias, 1e-12)


class Upper(torch.nn.Module):
    """The layers that learn, from the states below them to a vector."""

    def __init__(self, weights: Weights, recipe: Recipe) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(
            Layer(weights, number, recipe) for number in range(recipe.first_layer, weights.shape.layers)
        )

    def forward(self, state: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            state = layer(state, hidden_from(present))
        share = present[..., None].float()
        return functional.normalize((state * share).sum(1) / share.sum(1), dim=-1)


def hidden_from(present: torch.Tensor) -> torch.Tensor:
    blank = torch.zeros(present.shape).masked_fill(~present, -1e9)
    return blank[:, None, None, :].to(torch.bfloat16)


class Lower:
    """States below the learning layers, computed once a text."""

    def __init__(self, weights: Weights, recipe: Recipe) -> None:
        self._texts = Texts(weights)
        hidden = weights.shape.hidden
        self._words = weights.matrix("emb.word", columns=hidden)
        places = weights.floats("emb.pos").reshape(-1, hidden) + weights.floats("emb.type")[:hidden]
        self._places = torch.tensor(places)
        self._norm = [torch.tensor(weights.floats(f"emb.ln.{letter}").copy()) for letter in "wb"]
        self._layers = [Layer(weights, number, None) for number in range(recipe.first_layer)]

    @torch.no_grad()
    def states(self, texts: list[str], side: str) -> list[torch.Tensor]:
        ids = [self._texts.ids(text, side) for text in texts]
        states: list[torch.Tensor] = [torch.empty(0)] * len(ids)
        order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            state, present = together([self._embedded(ids[row]) for row in rows])
            for layer in self._layers:
                state = layer(state, hidden_from(present))
            for place, row in enumerate(rows):
                states[row] = state[place, : len(ids[row])].to(torch.bfloat16)
        return states

    def _embedded(self, ids: list[int]) -> torch.Tensor:
        state = torch.tensor(self._words[ids]) + self._places[: len(ids)]
        return functional.layer_norm(state, (state.shape[-1],), *self._norm, 1e-12)


def together(states: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Put states of different lengths in one batch, with a note of which places are real."""
    longest = max(len(state) for state in states)
    batch = torch.zeros(len(states), longest, states[0].shape[1])
    present = torch.zeros(len(states), longest, dtype=torch.bool)
    for row, state in enumerate(states):
        batch[row, : len(state)] = state
        present[row, : len(state)] = True
    return batch, present


def learn(
    weights: Weights, wants: list[torch.Tensor], cans: list[list[torch.Tensor]], recipe: Recipe, seed: int
) -> Upper:
    """Return the upper layers after training with one seed."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = Upper(weights, recipe)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=0.01)
    batches = math.ceil(len(wants) / recipe.batch)
    for epoch in range(recipe.epochs):
        order = chance.sample(range(len(wants)), len(wants))
        began, total = time.monotonic(), 0.0
        for number in range(batches):
            done = (epoch * batches + number) / (recipe.epochs * batches)
            warm = min(1.0, (epoch * batches + number + 1) / 10)
            optimizer.param_groups[0]["lr"] = recipe.rate * warm * (1 - done)
            rows = order[number * recipe.batch : (number + 1) * recipe.batch]
            loss = batch_loss(model, wants, cans, rows, recipe, chance)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            total += loss.item()
        print(
            f"seed {seed} epoch {epoch} loss {total / batches:.3f} {time.monotonic() - began:.0f} s",
            flush=True,
        )
    return model


def batch_loss(
    model: Upper,
    wants: list[torch.Tensor],
    cans: list[list[torch.Tensor]],
    rows: list[int],
    recipe: Recipe,
    chance: random.Random,
) -> torch.Tensor:
    """Draw each want to two of its cans and away from the others' cans, and the other way round."""
    chosen = [(place, can) for place, row in enumerate(rows) for can in chance.sample(cans[row], 2)]
    asked = model(*together([wants[row] for row in rows]))
    offered = model(*together([can for _, can in chosen]))
    scores = asked @ offered.T / recipe.temperature
    own = torch.zeros(scores.shape, dtype=torch.bool)
    own[[place for place, _ in chosen], range(len(chosen))] = True
    others = scores.masked_fill(own, -1e9)
    by_want = torch.logaddexp(scores, others.logsumexp(1, keepdim=True).expand_as(scores)) - scores
    by_can = torch.logaddexp(scores, others.logsumexp(0, keepdim=True).expand_as(scores)) - scores
    return by_want[own].mean() + 0.5 * by_can[own].mean()


@torch.no_grad()
def changes_of(model: Upper, recipe: Recipe) -> dict[str, np.ndarray]:
    """Return the full change of each weight matrix."""
    return {
        f"l{recipe.first_layer + number}.{part}": layer.change(part).numpy()
        for number, layer in enumerate(model.layers)
        for part in MATRICES
    }


def factors(changes: list[dict[str, np.ndarray]], rank: int) -> dict[str, np.ndarray]:
    """Average the changes of all seeds and factor each into ``B @ A`` of the shipped rank."""
    arrays = {}
    for name in changes[0]:
        mean = np.mean([change[name] for change in changes], axis=0)
        left, values, right = np.linalg.svd(mean, full_matrices=False)
        root = np.sqrt(values[:rank])
        arrays[f"{name}.B"] = (left[:, :rank] * root).astype(np.float16)
        arrays[f"{name}.A"] = (root[:, None] * right[:rank]).astype(np.float16)
    return arrays


def train(pairs: list[Pair], recipe: Recipe, weights: Weights) -> dict[str, np.ndarray]:
    """Return the factors learnt from these pairs."""
    lower = Lower(weights, recipe)
    wants = lower.states([pair.want for pair in pairs], "query")
    flat = iter(lower.states([can for pair in pairs for can in pair.cans], "passage"))
    cans = [[next(flat) for _ in pair.cans] for pair in pairs]
    learnt = [changes_of(learn(weights, wants, cans, recipe, seed), recipe) for seed in recipe.seeds]
    return factors(learnt, recipe.shipped_rank)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--average", type=Path, nargs="+", help="average what runs of single seeds wrote")
    parser.add_argument("--fold", type=int, help="train without this fifth of the pairs (0 to 4)")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(Recipe.seeds))
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--first-layer", type=int, default=Recipe.first_layer)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.average:
        np.savez_compressed(arguments.out, **average(arguments.average))
        return
    torch.set_num_threads(arguments.threads)
    recipe = Recipe(seeds=tuple(arguments.seeds), epochs=arguments.epochs, first_layer=arguments.first_layer)
    pairs = [pair for number, pair in enumerate(read_pairs()) if in_training(pair, number, arguments.fold)]
    arrays = train(pairs, recipe, Weights(read_installed_weights()))
    provenance = {
        "base": SHA256,
        "pairs": len(pairs),
        "fold_kept_back": arguments.fold,
        "recipe": {name: getattr(recipe, name) for name in recipe.__dataclass_fields__},
    }
    np.savez_compressed(arguments.out, provenance=np.array(json.dumps(provenance)), **arrays)
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes from {len(pairs)} pairs")


def average(paths: list[Path]) -> dict[str, np.ndarray]:
    """Return the average of what runs of single seeds wrote, factored again."""
    runs = [np.load(path, allow_pickle=False) for path in paths]
    names = sorted({name.removesuffix(".A") for name in runs[0].files if name.endswith(".A")})
    changes = [
        {name: run[f"{name}.B"].astype(np.float32) @ run[f"{name}.A"].astype(np.float32) for name in names}
        for run in runs
    ]
    provenance = [json.loads(str(run["provenance"])) for run in runs]
    return factors(changes, Recipe.shipped_rank) | {"provenance": np.array(json.dumps({"runs": provenance}))}


def in_training(pair: Pair, number: int, fold: int | None) -> bool:
    return not held_out(pair) if fold is None else number % 5 != fold


if __name__ == "__main__":
    main()
