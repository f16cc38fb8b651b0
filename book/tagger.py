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
# # Try the taggers
#
# What do the three regimes make of one and the same sentence? Below are Byte-CRFs: for each language the *monolingual* one,
# the *polyglot* one of its group, and the polyglot one *fine-tuned* on the language. They run in your browser; nothing that
# you type leaves the page. A language that is in no polyglot model is tagged by one that has not seen it (*zero-shot*,
# §4.2). The taggers are those that come with the package, and those of this run if it is on real corpora.

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes
groups: dict = None  # of languages trained together: {"romance": ["fra", "ita"]}
facts: dict = None  # of languages: {"cat": {"genus": "Romance"}}
models: list = None  # char-crf, byte-crf, charner, byte-to-span, mbert-crf
seeds: list = None  # random seeds; the best run is chosen on development data
max_train_sentences: int = None  # cap on each language's training set
max_eval_sentences: int = None  # cap on its development and test sets
types: dict = None  # projection of entity types: {"LOCORG": "LOC", "DATE": None}
training: dict = None  # what differs from TrainingConfig: {"batch_size": 128}
architecture: dict = None  # by model, what differs from its configuration
variants: dict = None  # further departures to compare: {"wide": {"config": {"sentence_hidden_size": 256}}}
analysis: dict = None  # what differs from AnalysisConfig: {"pruning_step": 0.05}
device: str = None  # auto, cpu, cuda, cuda:1
runs: str = None  # folder of the run store

# %% tags=["remove-input"]
from polyner.book.page import open_page, show

page = open_page(globals())

# %% [markdown]
# ## Type or paste a sentence
#
# The deeper a word's shade, the more probable that it belongs to a name of the type whose colour it has; the number beside
# a name is the probability of its least certain word. A dotted line marks words about which the taggers differ. The *label
# lattice* has the probability of every tag of every word, and in frames the most probable sequence of tags.

# %% tags=["hide-input"]
from polyner.book.tagger import show_tagger

models = show_tagger(page.study)

# %% [markdown]
# Probabilities are the CRF's marginals p(yₜ | x), by forward-backward; the tags are those of the Viterbi path, which need
# not be the most probable ones word by word ([the architecture](models/word-crf) shows both). The network in front of them
# has weights of eight bits. A text is normalised (NFC), split at blanks, and punctuation marks are words of their own, but
# for apostrophes and hyphens between letters and separators between digits: as the corpora are.
#
# ## The models
#
# Of several seeds each model is the best on development data; those of the package are of one seed. F1 is on the test set of its corpus, and corpora differ in
# their texts, their guidelines and their size: columns can be compared, rows cannot. Small models trained on some
# thousand sentences show how regimes differ; for work there are better ones.

# %%
show(models, "Test F1 of the models above")

# %% tags=["remove-input"]
page.footer()
