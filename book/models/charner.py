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
# # CharNER
#
# CharNER, of {cite:t}`kuru-etal-2016-charner` (here §3.2), has no word vectors. A deep BiLSTM reads a sentence as one row of characters, or in
# this paper of bytes, and labels each of them with a type of name. Words come in only afterwards: a Viterbi decoder whose
# transitions are fixed, not learnt, *enforces consistent character level tags across each word*. The paper expected
# more transfer between languages from it than from the CRFs, since it is deep and decides byte by byte. The code blocks under
# a name are read from the package as the page runs; beside them stand small examples.

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
# ## A label for every byte
#
# The labels have no B- and I-. What tells two names that touch from one long name is the space between two words:
# it carries the type if the second word continues the name of the first, and O otherwise. `places` says which word a
# byte belongs to (2i for word i) or which space it is (2i + 1).

# %% tags=["remove-input"]
from polyner.models.charner import CharNER

show_code(CharNER._labels)

# %% [markdown]
# Two persons with a word between them, two that touch, and one with the same four words. A dot stands for O:

# %% tags=["hide-input"]
import torch

from polyner.corpora.sentence import Sentence
from polyner.models.charner import CharNERConfig

tags = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
tiny = CharNER(CharNERConfig(layers=1, hidden_size=8), tags, ["eng"])


def initials(labels, names):
    """A letter for each byte's label."""
    return "".join(names[label][0] if label else "." for label in labels)


def labelled(text, tags):
    """A text and below each of its bytes the label that training teaches."""
    sentence = Sentence(tuple(text.split()), tuple(tags.split()))
    encoded = tiny.encode([sentence], ["eng"], training=True)
    (labels,) = encoded.batch(torch.tensor([0])).labels
    return f"{text}\n{initials(labels, tiny.types)}\n"


print(
    labelled("Ada Lovelace met Alan Turing", "B-PER I-PER O B-PER I-PER"),
    labelled("Ada Lovelace Alan Turing", "B-PER I-PER B-PER I-PER"),
    labelled("Ada Lovelace Alan Turing", "B-PER I-PER I-PER I-PER"),
    sep="\n",
)

# %% [markdown]
# ## The network
#
# Embedding, five BiLSTM layers of 128 per direction, a linear layer. Dropout is heavy: a fifth of the bytes lose their whole
# embedding, and 0.5 of the outputs of each layer, 0.8 of the last one's, are dropped. The loss is the mean
# over bytes of $-\log p(\text{label})$, each byte by itself.

# %% tags=["remove-input"]
show_code(CharNER.scores, CharNER.loss)

# %% [markdown]
# `Dropout1d` on a tensor of (sentences, bytes, numbers) zeroes whole rows, that is whole bytes:

# %%
torch.manual_seed(1)
dropped = tiny.input_dropout(torch.ones(1, 30, 4))[0]
print("".join("." if row.sum() == 0 else "#" for row in dropped))

# %% [markdown]
# A small model without dropout, trained here for some seconds on short sentences of one language, stands in for the
# full one:

# %% tags=["hide-input"]
from pathlib import Path
from tempfile import TemporaryDirectory

from polyner.training.loop import TrainingConfig, train

code, corpus = next(iter(page.examples().items()))
sentences = sorted(corpus.train, key=len)[:48]

torch.manual_seed(1)
small = CharNERConfig(
    embedding_size=32,
    layers=2,
    hidden_size=32,
    input_dropout=0.0,
    layer_dropout=0.0,
    last_dropout=0.0,
)
tagger = CharNER.build(small, {code: corpus.train})
settings = TrainingConfig(learning_rate=0.01, batch_size=8, max_epochs=20)
data = {code: sentences}
with TemporaryDirectory() as folder:
    history = train(tagger, data, data, settings, Path(folder), seed=1)
losses = [epoch["loss"] for epoch in history]
print("−log p(label) every 4 epochs:", *[f"{loss:.2f}" for loss in losses[3::4]])
tagger = tagger.eval().requires_grad_(False)

# %% [markdown]
# ## From bytes to words
#
# Bytes that are labelled one by one need not agree. The decoder is Viterbi over bytes, with transitions that are 0 where a
# step is allowed and −∞ where it is not:
#
# | from | to | allowed |
# |---|---|---|
# | a byte of a word | the next byte of the word | the same label |
# | the last byte of a word | the space behind it | the same label, or O |
# | a space with O | the first byte of the next word | any label |
# | a space with a type | the first byte of the next word | the same label |
#
# Take a short name of two words with the word beside it, as a sentence of its own; one that the small model tags right,
# if there is any:

# %% tags=["hide-input"]
from polyner.corpora.spans import spans_of

names = [(s, span) for s in (*corpus.dev, *corpus.train) for span in spans_of(s.tags)]
names = [(s, span) for s, span in names if span.end - span.start == 2] or names


def length_in_bytes(name):
    sentence, span = name
    return len(" ".join(sentence.words[span.start : span.end]).encode())


def excerpt_of(name):
    """The name and the word before it, or where it is the first, the word behind it."""
    sentence, span = name
    here = slice(max(0, span.start - 1), max(0, span.start - 1) + 3)
    return Sentence(sentence.words[here], sentence.tags[here])


excerpts = [excerpt_of(name) for name in sorted(names, key=length_in_bytes)[:50]]
tagged = tagger.tag([excerpt.words for excerpt in excerpts])
right = [
    e for e, tags in zip(excerpts, tagged, strict=True) if tuple(tags) == tuple(e.tags)
]
excerpt = (right or excerpts)[0]
batch = tagger.encode([excerpt], [code]).batch(torch.tensor([0]))
log_p = tagger.scores(batch).log_softmax(dim=2)  # (1, T, K)

place, K = batch.place[0].tolist(), len(tagger.types)


def allowed(at, label, following):
    """Whether `label` at this byte may be followed by `following` at the next."""
    inside_a_word = place[at] == place[at + 1]
    at_a_space = place[at] % 2 == 1
    if inside_a_word or (at_a_space and label):
        return following == label
    return at_a_space or following in (label, 0)


every_step = [
    (t, a, b) for t in range(len(place) - 1) for a in range(K) for b in range(K)
]
steps = [step for step in every_step if allowed(*step)]
print(f"{len(steps)} of {len(every_step)} transitions are 0, the others −∞")

# %% [markdown]
# As the bytes of a word share one label, only the sum of their scores counts for which it is, and the search need not go
# byte by byte: it takes a word for one step, and the space behind it for another.

# %% tags=["remove-input"]
from polyner.models.charner import decode_words, places_summed

show_code(decode_words)

# %% [markdown]
# The chart draws the allowed transitions. A node is as large as the probability of the label at its byte, taken by itself;
# the thick line is what the decoder makes of them. Below its first byte stands each letter; ␣ is a space, and a dot
# another byte of the same letter. The same in writing follows: each byte's label by its first letter (O is ORG), and a dot
# where there is no name.

# %% tags=["hide-input"]
import pandas as pd

from polyner.charts.models import byte_names, label_lattice, score_table

words, spaces, mask = places_summed(log_p, batch.place, batch.mask)
labels, joined = decode_words(words, spaces, mask)
path = [
    labels[0, i // 2] if i % 2 == 0 else labels[0, i // 2] * joined[0, i // 2 + 1]
    for i in place
]
assert all(allowed(t, path[t], path[t + 1]) for t in range(len(path) - 1))

under = byte_names(" ".join(excerpt.words))
nodes = score_table(under, tagger.types, log_p[0].exp().tolist(), path)
names_of = [(t, tagger.types[a], tagger.types[b]) for t, a, b in steps]
edges = pd.DataFrame(names_of, columns=["position", "label", "following"])
draw(label_lattice, nodes, edges, "The bytes of an excerpt and their labels")
print(
    "".join(under),
    initials(log_p[0].argmax(dim=1), tagger.types) + "  byte by byte",
    initials(path, tagger.types) + "  decoded",
    sep="\n",
)

# %% [markdown]
# A word that begins behind a space with O starts a name, B-; behind a space with a type, it continues one, I-. No further
# rule turns the labels into the tags that are scored:

# %% tags=["hide-input"]
decoded = tagger.tag([excerpt.words])[0]
table = {"word": excerpt.words, "gold": excerpt.tags, "decoded": decoded}
show(pd.DataFrame(table), "Tags of the excerpt")

# %% [markdown]
# All labellings of so few words can be written down. The best of them is the decoder's:

# %% tags=["hide-input"]
from itertools import product

W = len(excerpt)


def score_of(types_of_words, continues):
    """The log probability of labels for words, and for spaces by whether a name continues."""
    total = float(words[0, range(W), list(types_of_words)].sum())
    for i, goes_on in enumerate(continues):
        label, following = types_of_words[i : i + 2]
        if goes_on and (label != following or label == 0):
            return float("-inf")
        total += float(spaces[0, i, label if goes_on else 0])
    return total


every = product(product(range(K), repeat=W), product([False, True], repeat=W - 1))
scored = {labelling: score_of(*labelling) for labelling in every}
by_decoder = (tuple(labels[0].tolist()), tuple(joined[0, 1:].tolist()))
print(f"the best of {len(scored)}: {max(scored.values()):.4f}")
print(f"the decoder's: {scored[by_decoder]:.4f}")

# %% [markdown]
# ## At the paper's sizes
#
# The paper takes the sizes of Kuru et al. (2016) and leaves open what stands under them here:
#
# | choice | paper | its code | here |
# |---|---|---|---|
# | units | bytes | bytes | bytes; `units="character"` for Kuru et al.'s |
# | embedding | – | 128 | 128 |
# | dropout on embeddings | 0.2, “byte dropout” | 0.2, whole bytes | 0.2, whole bytes |
# | sentences a batch | – | 32 | 32 |
# | gradient norm | – | clipped at 1 | clipped at 1 |
# | the label of a space | – | the type inside a name, else O | as the code |
#
# `CharNERConfig` has every choice with its reason.

# %% tags=["hide-input"]
full = CharNER(CharNERConfig(), tagger.tags, tagger.languages)
print(f"{sum(p.numel() for p in full.parameters()):,} parameters")

# %% [markdown]
# How it does beside the other architectures is on the page [One language or many](../02-baselines).

# %% tags=["remove-input"]
page.footer()
