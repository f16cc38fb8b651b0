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
# # The encoder CRF: mBERT
#
# The third variant of the word-level CRF (§3.1) does not spell its words: their vectors come from multilingual BERT
# {cite:p}`devlin-etal-2019-bert`, which has read the Wikipedias of about a hundred languages. Above them stands the BiLSTM-CRF of the
# [other variants](word-crf). It has the best averages of Table 1. The code blocks under a name are read from the package as
# the page runs; beside them stand small examples.

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes
models: list = None  # mBERT is asked for only where mbert-crf is among them
types: dict = None  # projection of entity types: {"LOCORG": "LOC", "DATE": None}
architecture: dict = None  # {"mbert-crf": {"encoder": a name on the hub or a folder}}

# %% tags=["remove-input"]
from polyner.book.code import show_code
from polyner.book.page import draw, open_page, say, show

page = open_page(globals())
page.banner()

# %% [markdown]
# ## The encoder
#
# Any pretrained encoder of the Hugging Face hub will do, or one in a folder. Where it cannot be had, a **stand-in** takes
# its place, so that the page has something to show: a vocabulary of sub-words trained on the corpora at hand, and a
# BERT of four small layers with random weights, which knows nothing of any language. It can read only the scripts of these corpora; and as mBERT's vocabulary
# lacks that of Amharic, the stand-in's is trained on the other languages.

# %% tags=["hide-input"]
import tempfile
from pathlib import Path

import torch

from polyner.errors import NotAvailable
from polyner.models.configs import MBertConfig
from polyner.models.encoder import load_encoder, load_subwords
from polyner.models.encoder_files import locate
from polyner.models.mbert_crf import MBertCRF

config = MBertCRF.configure(page.settings.architecture.get("mbert-crf", {}))


def save_stand_in(folder, sentences):
    """A BERT with random weights whose sub-words are those of the sentences."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    pieces = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    texts = (" ".join(sentence.words) for sentence in sentences)
    pieces.train_from_iterator(texts, vocab_size=1000, show_progress=False)
    tokenizer = BertTokenizerFast(
        vocab=pieces.get_vocab(), do_lower_case=False, model_max_length=128
    )
    sizes = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        num_hidden_layers=max(4, config.encoder_layers),
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=128,
    )
    torch.manual_seed(1)
    tokenizer.save_pretrained(folder)
    BertModel(sizes).save_pretrained(folder)


examples = page.examples()
try:
    if "mbert-crf" not in page.settings.models:
        raise NotAvailable("mbert-crf is not among the models of this run")
    folder = locate(config.encoder, config.revision)[0]
    subwords, encoder = load_subwords(folder), load_encoder(folder)
    stand_in = False
except NotAvailable as reason:
    say(f"mBERT is not run: {reason}.")
    temporary = tempfile.TemporaryDirectory()
    folder = Path(temporary.name)
    readable = [corpus for code, corpus in examples.items() if code != "amh"]
    readable = readable or list(examples.values())
    save_stand_in(folder, [s for corpus in readable for s in corpus.train[:200]])
    subwords, encoder = load_subwords(folder), load_encoder(folder)
    stand_in = True
what = "the stand-in" if stand_in else config.encoder
say(f"Below, the encoder is {what}.")

# %% [markdown]
# ## Words are cut into sub-words
#
# The vocabulary holds frequent words and pieces of words; a piece that does not begin a word starts with `##` (in mBERT
# and the stand-in). A word with a letter that no piece has becomes `[UNK]`.

# %% tags=["hide-input"]
import pandas as pd

cities = ["London", "Лондон", "لندن", "लंदन", "ለንደን"]
cut = [(word, " ".join(subwords.texts(word))) for word in cities]
show(pd.DataFrame(cut, columns=["word", "sub-words"]), f"A city, as {what} reads it")

# %% [markdown]
# ## What the vocabulary does not know
#
# *The Amharic script is not a part of mBERT's vocabulary*, and so the paper leaves Amharic out. Here no language
# is named for that: one is left out if the encoder sees nothing of more than half of its training words.

# %% tags=["remove-input"]
from polyner.models.subwords import Subwords

show_code(Subwords.unknown_share)

# %% tags=["hide-input"]
from polyner.charts.models import PIECES, word_pieces
from polyner.corpora.languages import language_name

rows, left_out = [], {}
for code, corpus in examples.items():
    words = [word for sentence in corpus.train for word in sentence.words]
    several = sum(len(ids) > 1 for ids in subwords.pieces(words))
    share = subwords.unknown_share([words])
    unknown = round(share * len(words))
    counts = (len(words) - several - unknown, several, unknown)
    for pieces, count in zip(PIECES, counts, strict=True):
        rows.append((code, pieces, count / len(words), count))
    if share > config.most_unknown:
        left_out[code] = share
shares = pd.DataFrame(rows, columns=["language", "pieces", "share", "words"])
draw(word_pieces, shares, f"How words divide into the sub-words of {what}")
for code, share in left_out.items():
    name = language_name(code)
    say(f"{name} is left out: {share:.0%} of its words are unknown to the encoder.")

# %% [markdown]
# ## A word is its first sub-word
#
# As in the BERT paper, a word is represented by its first sub-word. A sentence with more sub-words than the encoder can read
# is cut between words, and its parts are read one by one.

# %% tags=["hide-input"]
readable = {c: corpus for c, corpus in examples.items() if c not in left_out}
readable = readable or examples
code, corpus = next(iter(readable.items()))
example = min(
    (s for s in corpus.dev if len(set(s.tags)) > 2), key=len, default=corpus.dev[0]
)

windows = subwords.windows([example.words])
read = windows.batch(torch.arange(len(example.words)))
table = {
    "word": example.words,
    "sub-words": [" ".join(subwords.texts(word)) for word in example.words],
    "place of the first": read.place.tolist(),
}
print(
    f"{len(read.ids)} window of {int(read.attention[0].sum())} sub-words, with [CLS] and [SEP]"
)
show(pd.DataFrame(table), "Where the words of a sentence stand in its window")

# %% [markdown]
# ## Its last four layers are joined
#
# The vector of a word is the outputs of the encoder's last four layers at that place, side by side: 4 × 768 = 3,072 numbers
# for mBERT.

# %% tags=["remove-input"]
from polyner.models.encoder import word_vectors

show_code(word_vectors)

# %% tags=["hide-input"]
with torch.inference_mode():
    vectors = word_vectors(encoder, read, layers=config.encoder_layers)
hidden_size = vectors.shape[1] // config.encoder_layers
print(
    f"{vectors.shape[0]} words, {config.encoder_layers} layers of {hidden_size} numbers"
)

# %% [markdown]
# The paper does not say whether BERT's own weights are trained. Joining four layers is the recipe of the BERT paper for
# *features*, taken from an encoder that stays as it is. So it is frozen here, unless the configuration says
# `trained=True`. The vectors of a frozen encoder are computed once for a corpus and kept on disk, in half precision, for all
# regimes and seeds.

# %% [markdown]
# ## The CRF above it
#
# From here on all is as [before](word-crf): BiLSTM over the words, emissions, transitions, Viterbi. The `source` of a
# batch has the vectors of all words or, where the encoder is trained, their windows.

# %% tags=["remove-input"]
show_code(MBertCRF.vectors)

# %% [markdown]
# Some seconds of training on sentences of one language. The stand-in, which knows nothing, is trained along; mBERT stays
# frozen.

# %% tags=["hide-input"]
import dataclasses

from polyner.training.loop import TrainingConfig, train

sentences = corpus.train[:100]
torch.manual_seed(1)
small = dataclasses.replace(
    config,
    encoder=str(folder),
    revision="main",
    sentence_hidden_size=64,
    trained=stand_in,
    encoder_learning_rate=0.001,
)
tagger = MBertCRF.build(small, {code: corpus.train})
settings = TrainingConfig(learning_rate=0.01, batch_size=16, max_epochs=8)
data = {code: sentences}
with tempfile.TemporaryDirectory() as checkpoints:
    history = train(tagger, data, data, settings, Path(checkpoints), seed=1)
losses = [epoch["loss"] for epoch in history]
print("−log p(y | x) by epoch:", *[f"{loss:.1f}" for loss in losses])
tagger = tagger.eval().requires_grad_(False)

# %% tags=["hide-input"]
decoded = tagger.tag([example.words])[0]
table = {"word": example.words, "gold": example.tags, "decoded": decoded}
show(pd.DataFrame(table), "A sentence of the development set")

# %% [markdown]
# ## At the paper's sizes
#
# | choice | paper | here |
# |---|---|---|
# | encoder | multilingual BERT | bert-base-multilingual-cased |
# | its own weights | – | frozen; `trained=True` trains them, with a step size of their own |
# | a sentence too long for the encoder | – | cut between words |
# | languages left out | Amharic | those with over half of their words unknown to the encoder |
#
# `MBertConfig` has every choice with its reason.

# %% tags=["hide-input"]
full = MBertCRF(MBertConfig(), tagger.tags, tagger.languages, encoder_size=768)
print(f"{sum(p.numel() for p in full.parameters()):,} parameters above a frozen mBERT")

# %% [markdown]
# How it does beside the other architectures is on the page [One language or many](../02-baselines).

# %% tags=["remove-input"]
page.footer()
