# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Byte-to-Span
#
# Byte-to-Span, of {cite:t}`gillick-etal-2016-multilingual` (here §3.3), knows neither words nor tags. It reads 60 bytes of text and writes down which
# names are in them: where each starts, how long it is, and its type. The paper calls it *truly language-agnostic*. It is
# the one architecture that gains much from polyglot training, from the lowest monolingual averages of the five. The code blocks
# under a name are read from the package as the page runs; beside them stand small examples.

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes
types: dict = None  # projection of entity types: {"LOCORG": "LOC", "DATE": None}

# %% tags=["remove-input"]
from polyner.book.code import show_code
from polyner.book.page import draw, open_page, show

page = open_page(globals())
page.banner()

# %% [markdown]
# ## A corpus is one stream
#
# LORELEI's corpora do not say where a document ends, so the paper treats a whole data set as one and slides the window
# over all of it. Words and sentences are joined by one space. Of the first language's development set, the three
# sentences with the most kinds of tags:

# %% tags=["hide-input"]
import textwrap

import pandas as pd

from polyner.models.byte_spans import stream_of

examples = page.examples()
code, corpus = next(iter(examples.items()))
sentences = sorted(corpus.dev, key=lambda s: -len(set(s.tags)))[:3]
stream = stream_of(sentences, corpus.types)


def text_of(span):
    """The text of a span of bytes; half a letter at its edge becomes a mark."""
    return stream.data[span.start : span.end].decode(errors="replace")


print(textwrap.fill(stream.data.decode(), 84))
rows = [(text_of(s), corpus.types[s.type], s.start, s.end) for s in stream.spans]
show(pd.DataFrame(rows, columns=["name", "type", "start", "end"]), "Names as bytes")

# %% [markdown]
# ## Names become symbols
#
# The output alphabet has a symbol for each place in the window, for each length and for each type, and GO and STOP. Footnote
# 3 of the paper gives an example: for a PER at bytes 5–10, *the correct output sequence is y = S:5, L:5, PER, STOP*. A
# window's names come in the order of descending start, as in the paper's code.

# %% tags=["remove-input"]
from polyner.models.byte_spans import Symbols

show_code(Symbols.write)

# %% tags=["hide-input"]
from polyner.models.byte_spans import ByteSpan

alphabet = Symbols(window=60, types=len(corpus.types))
places = [f"S:{i}" for i in range(60)]
lengths = [f"L:{i}" for i in range(1, 61)]
names = ["GO", "STOP", *places, *lengths, *corpus.types]


def in_words(symbols):
    return " ".join(names[symbol] for symbol in symbols)


kind = corpus.types.index("PER") if "PER" in corpus.types else 0
print(in_words(alphabet.write([ByteSpan(5, 10, kind)])))
print(in_words(alphabet.write([ByteSpan(5, 10, kind), ByteSpan(20, 33, kind)])))

# %% [markdown]
# ## Windows
#
# In training a window starts at every byte, so that a name is learnt at every place it can have in one. That is 60 times
# the corpus in every epoch; `stride` makes it less. For tagging, windows overlap by 30 bytes. A window's target has
# the names that lie wholly in it:

# %% tags=["hide-input"]
import torch

from polyner.models.byte_to_span import ByteToSpan, ByteToSpanConfig

torch.manual_seed(1)
small = ByteToSpanConfig(
    stride=3, embedding_size=32, layers=1, hidden_size=64, initial_range=0.2
)
tags = ["O", *(f"{prefix}-{kind}" for kind in corpus.types for prefix in "BI")]
tagger = ByteToSpan(small, tags, [code])

own = [code] * len(sentences)
encoded = tagger.encode(sentences, own, training=True)
batch = encoded.batch(torch.arange(0, len(encoded.starts), 12))
read = [
    bytes(unit for unit in window if unit < 256).decode(errors="replace")
    for window in batch.data.tolist()
]
targets = [in_words(s for s in row if s >= 0) for row in batch.symbols.tolist()]
show(pd.DataFrame({"window": read, "target": targets}), "Some training windows")

# %% [markdown]
# When windows start 30 bytes apart, a name of more than 31 bytes may be in none of them as a whole, and then no output can
# name it. Scripts with two or three bytes a letter reach that length sooner. A tenth name of one window has no room in
# the output either. Of all names in the test sets at hand:

# %% tags=["hide-input"]
from polyner.models.byte_spans import lost_entities

rows = []
for language, c in examples.items():
    whole = stream_of(c.test, c.types)
    in_bytes = sorted(span.end - span.start for span in whole.spans) or [0]
    median, longest = in_bytes[len(in_bytes) // 2], in_bytes[-1]
    facts = {"names": len(whole.spans), "median bytes": median, "longest": longest}
    lost = {f"overlap {60 - s}": lost_entities(whole, 60, s, 9) for s in (60, 30, 1)}
    rows.append({"language": language, **facts, **lost})
show(
    pd.DataFrame(rows),
    "Names in test, and those in no window by how far windows overlap",
)

# %% [markdown]
# ## The network
#
# An LSTM of four layers reads the bytes, one way only, and its final states start another that writes symbols. In training,
# 30 % of the bytes become a DROP symbol, so that nothing hangs on one spelling; drawn here as a low line, with what is
# read when tagging below it.

# %% tags=["remove-input"]
show_code(ByteToSpan._read, ByteToSpan.loss)

# %% tags=["hide-input"]
from polyner.models.byte_to_span import DROP

caught = []
hook = tagger.bytes.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
window = torch.tensor([list(b"Byte dropout leaves a reader with gaps.")])
tagger.train()._read(window)
tagger.eval()._read(window)
hook.remove()
for seen in caught:
    print("".join("_" if unit == DROP else chr(unit) for unit in seen[0].tolist()))

# %% [markdown]
# To write, it takes the most probable symbol again and again, until STOP.

# %% tags=["remove-input"]
show_code(ByteToSpan.write)

# %% [markdown]
# A few seconds of training, on nothing but these three sentences and with Adam for speed, until it knows them by heart,
# or nearly (the paper trains it with SGD: *Adam performed much worse*). Then what it writes for the windows of tagging, 30
# bytes apart; those of this training start 3 apart, so it has seen each of them:

# %% tags=["hide-input"]
import dataclasses

no_dropout = dataclasses.replace(small, byte_dropout=0.0, layer_dropout=0.0)
learner = ByteToSpan(no_dropout, tags, [code])
optimizer = torch.optim.Adam(learner.parameters(), lr=0.01)
losses = []
for _ in range(150):
    optimizer.zero_grad()
    loss = learner.loss(encoded.batch(torch.arange(len(encoded.starts))))
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print("−log p(symbol) every 30 steps:", *[f"{loss:.2f}" for loss in losses[29::30]])
learner = learner.eval().requires_grad_(False)

to_tag = learner.encode(sentences, own)
written = learner.write(to_tag.batch(torch.arange(len(to_tag.starts))).data).tolist()
for symbols in written:
    print(in_words(symbols[: symbols.index(1) + 1] if 1 in symbols else symbols))

# %% [markdown]
# ## What is out of place is skipped
#
# Nothing forces the output to be well-formed. A start begins a name anew, a length counts only after a start and a type
# only after both; a name that would leave the window is dropped. Nothing raises an error.

# %% tags=["hide-input"]
S, L, T = alphabet.start, alphabet.length, alphabet.type
P = T(kind)
outputs = {
    "well-formed": [S(5), L(5), P, 1],
    "no start": [L(5), P, S(20), L(3), P, 1],
    "a second start": [S(5), S(8), L(5), P, 1],
    "no length": [S(5), P, 1],
    "beyond the window": [S(58), L(5), P, 1],
    "no STOP": [S(5), L(5), P, S(20)],
}
rows = [
    (what, in_words(symbols), str([tuple(span) for span in alphabet.read(symbols)]))
    for what, symbols in outputs.items()
]
show(pd.DataFrame(rows, columns=["output", "symbols", "names: start, end, type"]))

# %% [markdown]
# ## Overlapping windows are stitched
#
# Windows that overlap may contradict each other. Of names that share a byte, the one that starts earliest *within its own
# window* stays: there the window goes on longest behind it.

# %% tags=["remove-input"]
from polyner.models.byte_spans import stitch

show_code(stitch)

# %% [markdown]
# The gold names of the stream as its windows see them, with one mistake put in: a window that sees a name late, at its
# right edge, takes it for longer than it is. Its span is drawn faint: the next window, which sees the name earlier,
# overrules it.

# %% tags=["hide-input"]
from polyner.charts.models import window_map
from polyner.models.byte_spans import window_starts

starts = [*window_starts(len(stream.data), 60, 30)]
found = {
    at: [
        ByteSpan(span.start - at, span.end - at, span.type)
        for span in stream.spans
        if at <= span.start and span.end <= at + 60
    ]
    for at in starts
}
twice = [
    (at, span)
    for at in starts[:-1]
    for span in found[at]
    if ByteSpan(span.start - 30, span.end - 30, span.type) in found[at + 30]
]
for at, span in twice[:1]:
    longer = ByteSpan(span.start, min(60, span.end + 6), span.type)
    found[at][found[at].index(span)] = longer
kept = stitch(found.items())

rows = []
for number, (at, spans) in enumerate(found.items(), start=1):
    for span in spans:
        placed = ByteSpan(at + span.start, at + span.end, span.type)
        facts = (placed.start, placed.end, corpus.types[span.type], text_of(placed))
        rows.append((number, *facts, placed in kept))
columns = ["window", "start", "end", "type", "text", "kept"]
extents = [(n, at, min(at + 60, len(stream.data))) for n, at in enumerate(starts, 1)]
extents = pd.DataFrame(extents, columns=columns[:3])
draw(window_map, pd.DataFrame(rows, columns=columns), extents)

# %% [markdown]
# Scoring needs a tag a word. A word is tagged if a name covers any of its bytes; the first of a name's words with B-.

# %% tags=["hide-input"]
from polyner.models.byte_spans import word_tags

tagged = word_tags(stream.words, kept, corpus.types)
by_learner = learner.tags_of_windows(to_tag, written)
table = {
    "word": [word for sentence in sentences for word in sentence.words],
    "gold": [tag for sentence in sentences for tag in sentence.tags],
    "stitched above": [tag for tags in tagged for tag in tags],
    "the small model": [tag for tags in by_learner for tag in tags],
}
table = pd.DataFrame(table)
some = (table.drop(columns="word") != "O").any(axis=1)
show(table[some], "The words that someone takes for a name", fold=True)

# %% [markdown]
# ## At the paper's sizes
#
# The paper refers to Gillick et al. (2016), whose values footnote 5 repeats; there it prints a byte dropout “of 3.0” and a
# layer dropout “of 5.0”, read here as 0.3 and 0.5. Its code departs from it (SGD with momentum 0.9 and a step size of
# 0.001, layer dropout 0.2, gradients meant to be clipped at 5, which here
# they are not), and where the paper is silent gives what is done here:
# weights drawn from ±0.08, 128 windows a batch, names by descending start, an overlap of 30. The size of the embeddings,
# 320, is in neither. `ByteToSpanConfig` has every choice with its reason.

# %% tags=["hide-input"]
full = ByteToSpan(ByteToSpanConfig(), tagger.tags, tagger.languages)
print(f"{sum(p.numel() for p in full.parameters()):,} parameters")

# %% [markdown]
# How it does beside the other architectures is on the page [One language or many](../02-baselines).

# %% tags=["remove-input"]
page.footer()
