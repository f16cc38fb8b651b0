"""The CRF alone, scoring, reading corpora, pruning, Fisher information, starting up; and the machine's own limits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from seqeval.metrics import classification_report

from benchmarks.measure import OURS, Measured, compare, figure, machine, threads
from benchmarks.text import made_up
from benchmarks.training import build, recurrent_operations, typical_batch
from polyner.analysis.pruning import pruned, pruning_counts
from polyner.corpora.conll import read_conll, write_conll
from polyner.models.crf import LinearChainCRF, log_likelihood, marginals, sample, viterbi
from polyner.models.fisher import fisher_information
from polyner.scoring import score
from polyner.training.loop import predict


def limits() -> Iterator[Measured]:
    """How fast matrices are multiplied at the shapes at hand, and memory copied."""
    for rows, inputs, outputs in ((1000, 256, 1024), (64, 64, 256)):
        for dtype in (torch.float32, torch.bfloat16) if machine()["bfloat16"] else (torch.float32,):
            left, right = torch.randn(rows, inputs).to(dtype), torch.randn(inputs, outputs).to(dtype)
            times = 200_000_000 // (rows * inputs)
            (row,) = compare("", {OURS: partial(_repeated, torch.mm, (left, right), times)}, 5)
            rate = 2 * rows * inputs * outputs * times / row.amount / 1e9
            yield figure("limit: product of matrices", f"{rows}×{inputs}×{outputs}, {dtype}"[:40], rate, "GFLOP/s")
    data, layer = torch.randn(10, 1000, 256), torch.nn.LSTM(256, 256)
    with torch.no_grad():
        (row,) = compare("", {OURS: partial(layer, data)}, 5)
    yield figure("limit: oneDNN's LSTM", "10×1000×256", 2e-9 * 10_000 * 1024 * 512 / row.amount, "GFLOP/s")
    source, target = torch.randn(50_000_000), torch.empty(50_000_000)
    target.copy_(source)
    (row,) = compare("", {OURS: partial(target.copy_, source)}, 5)
    yield figure("limit: copying memory", "200 MB", 2 * 4 * len(source) / row.amount / 1e9, "GB/s")


def crf(sentences: int = 128, length: int = 30, tags: int = 9, repeats: int = 10) -> Iterator[Measured]:
    """Likelihood with its gradient, decoding, marginals and 100 samples, against pytorch-crf or the plain loop."""
    torch.manual_seed(0)
    layer = LinearChainCRF(tags)
    plain = layer.crfs[0]
    emissions = torch.randn(sentences, length, tags, requires_grad=True)
    mask = torch.arange(length) < torch.randint(length // 2, length + 1, (sentences, 1))
    mask[0] = True
    gold = torch.randint(0, tags, (sentences, length))
    language = torch.zeros(sentences, dtype=torch.long)
    chain = layer.chain(language)
    inputs = [emissions, *layer.parameters()]
    fixed = emissions.detach()
    fixed_chain = type(chain)(*(scores.detach() for scores in chain))

    def gradients(likelihood: torch.Tensor) -> None:
        torch.autograd.grad(likelihood.sum(), inputs)

    def marginals_by_autograd() -> None:
        # pytorch-crf has no public log Z; it is the score of any tags less their log-likelihood.
        torch.autograd.grad(plain(emissions, gold, mask, reduction="sum"), emissions)

    where = f"{sentences} sentences of up to {length} words, {tags} tags"
    yield from compare(
        f"CRF likelihood and gradient, {where}",
        {
            OURS: lambda: gradients(log_likelihood(emissions, gold, mask, layer.chain(language))),
            "pytorch-crf": lambda: gradients(plain(emissions, gold, mask, reduction="none")),
        },
        repeats,
    )
    yield from compare(
        f"Viterbi, {where}",
        {
            OURS: lambda: viterbi(fixed, mask, fixed_chain).tolist(),
            "pytorch-crf": lambda: plain.decode(fixed, mask),
        },
        repeats,
    )
    yield from compare(
        f"marginals, {where}",
        {OURS: lambda: marginals(fixed, mask, fixed_chain), "by autograd": marginals_by_autograd},
        repeats,
    )
    yield from compare(
        f"100 samples, {where}",
        {
            OURS: lambda: sample(fixed, mask, fixed_chain, 100),
            "one at a time": lambda: [sample(fixed, mask, fixed_chain) for _ in range(10)],
        },
        repeats,
        {"one at a time": 10},
    )


def scoring(sentences: int = 2000, repeats: int = 3) -> Iterator[Measured]:
    """Scores of a corpus, overall and by type, against seqeval's report."""
    gold = [list(sentence.tags) for sentence in made_up("spanish", sentences)]
    predicted = [list(sentence.tags) for sentence in made_up("spanish", sentences, seed=1)]
    predicted = [(other * 200)[: len(own)] for own, other in zip(gold, predicted, strict=True)]
    ways = {OURS: partial(score, gold, predicted), "seqeval": partial(classification_report, gold, predicted)}
    yield from compare(f"scoring, {sentences} sentences", ways, repeats)


def reading(sentences: int = 5000, repeats: int = 3) -> Iterator[Measured]:
    """Reading a corpus with all its checks, against splitting its lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.conll"
        write_conll(path, made_up("spanish", sentences))

        def split() -> None:
            [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")]

        yield from compare(
            f"reading a corpus, {sentences} sentences",
            {OURS: partial(read_conll, path), "splitting lines": split},
            repeats,
        )


def pruning(sentences: int = 100, repeats: int = 2) -> Iterator[Measured]:
    """A curve of eleven shares on one language, against encoding and tagging the text anew at each."""
    corpus = made_up("spanish", sentences)
    model = build("byte-crf", corpus, unit_hidden_size=64, sentence_hidden_size=128, embedding_size=64).eval()
    shares = [i / 10 for i in range(11)]

    def anew() -> None:
        for share in shares:
            with pruned(model, share):
                for start in range(0, sentences, 32):
                    part = corpus[start : start + 32]
                    predict(model, model.encode(part, ["spa"] * len(part)))

    ways = {OURS: lambda: pruning_counts(model, {"spa": corpus}, shares), "batch by batch": anew}
    yield from compare(f"pruning curve, {sentences} sentences, byte-crf of 64 units", ways, repeats)


def fisher(sentences: int = 16, repeats: int = 1) -> Iterator[Measured]:
    """Fisher information by each estimator, and a training epoch, in seconds a sentence; literal draws are scaled."""
    corpus = made_up("dutch", sentences)
    sizes = {"unit_hidden_size": 64, "sentence_hidden_size": 128, "embedding_size": 64}
    model = build("byte-crf", corpus, **sizes)
    encoded = model.encode(corpus, ["spa"] * sentences, training=True)
    quantity = "Fisher information a sentence, byte-crf of 64 units"

    def estimate(estimator: str, draws: int = 16, part: int = sentences) -> None:
        fisher_information(model, corpus[:part], "spa", estimator=estimator, draws=draws)

    def epoch() -> None:
        model.train()
        for examples in torch.arange(sentences).split(16):
            model.loss(encoded.batch(examples)).backward()
        model.zero_grad()

    # The exact estimator and the literal loop take minutes a corpus: a few sentences, and 10 of the 1,000 draws.
    ways = {
        OURS: partial(estimate, "signs"),
        f"{OURS}, sampled": partial(estimate, "sampled", draws=32),
        f"{OURS}, exact": partial(estimate, "exact", part=2),
        "literal, 1,000 draws": partial(estimate, "literal", draws=10, part=2),
        "a training epoch": epoch,
    }
    words = [len(sentence.words) for sentence in corpus]
    share = sum(words) / sum(words[:2])
    scale = dict.fromkeys(ways, 1 / sentences)
    scale[f"{OURS}, exact"] *= share
    scale["literal, 1,000 draws"] *= share * 100
    yield from compare(quantity, ways, repeats, scale)


def starting(repeats: int = 5) -> Iterator[Measured]:
    """Whole processes: `polyner --help`, importing the package and a tagger's module, against Python alone."""
    for quantity, command in (
        ("polyner --help", ["-c", "from polyner.cli import main; main(['--help'])"]),
        ("import polyner", ["-c", "import polyner"]),
        ("import polyner.models.word_crf", ["-c", "import polyner.models.word_crf"]),
    ):
        ways = {OURS: partial(_process, command), "python -c pass": partial(_process, ["-c", "pass"])}
        with threads(max(2, torch.get_num_threads())):  # the time of other processes is on the clock only
            yield from compare(f"start-up: {quantity}", ways, repeats)


def linearity(sizes: Sequence[int] = (500, 1000, 2000)) -> Iterator[Measured]:
    """The time of an epoch a sentence, by the number of sentences."""
    for size in sizes:
        corpus = made_up("dutch", size)
        model = build("byte-crf", corpus, unit_hidden_size=64, sentence_hidden_size=128, embedding_size=64).train()
        encoded = model.encode(corpus, ["spa"] * size, training=True)
        batches = encoded.lengths.argsort(stable=True).split(32)

        def epoch(model=model, encoded=encoded, batches=batches) -> None:
            for examples in batches:
                model.loss(encoded.batch(examples)).backward()
                model.zero_grad()

        (row,) = compare("", {OURS: epoch}, 1)
        yield figure("epoch a sentence, byte-crf of 64 units", f"{size} sentences", 1000 * row.amount / size, "ms")


def operations(kind: str = "spanish", batch_size: int = 128) -> Iterator[Measured]:
    """How many positions the word LSTM reads when words, prefixes or suffixes are shared, and the operations of a pass.

    Only its first layer could share prefixes (forward) and suffixes (backward), and only without dropout.
    """
    corpus = made_up(kind, 20 * batch_size)
    model = build("byte-crf", corpus)
    encoded = model.encode(corpus, ["spa"] * len(corpus), training=True)
    batch = encoded.batch(typical_batch(encoded.lengths, batch_size))
    spelled = [_spelling(batch, word) for word in batch.words[batch.mask].tolist()]
    distinct = set(spelled)
    quantity = f"positions of the word LSTM, {kind}, batch of {batch_size}"
    counts = {
        "padded to 64": 64 * len(spelled),
        "every word": sum(map(len, spelled)),
        "distinct words": sum(map(len, distinct)),
        "distinct prefixes": len({word[: i + 1] for word in distinct for i in range(len(word))}),
        "distinct suffixes": len({word[i:] for word in distinct for i in range(len(word))}),
    }
    for way, count in counts.items():
        yield figure(quantity, way, float(count), "positions")
    yield figure(quantity, "a forward pass, sentence LSTM included", recurrent_operations(model, batch) / 1e9, "GFLOP")


def _spelling(batch, word: int) -> bytes:
    start, length = int(batch.source.starts[word]), int(batch.source.lengths[word])
    return bytes(batch.source.values[start : start + length].tolist())


def _repeated(function, arguments, times: int) -> None:
    for _ in range(times):
        function(*arguments)


def _process(arguments: Sequence[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
