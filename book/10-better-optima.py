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
# # Better optima
#
# In the paper fine-tuning gains: so the polyglot optimum is not the best that its weights can reach for a language. It ends with
# two things to try (§6): multi-objective optimisation {cite:p}`sener-koltun-2018-multi`, *"to find better optima"* of
# joint training, and elastic weight consolidation {cite:p}`kirkpatrick-etal-2017-overcoming`, to fine-tune without losing
# what was learnt. Both are a few lines here, and are tried below on four languages of PAN-X in three scripts.

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
from polyner.book.exhibits import beyond, scores
from polyner.book.page import open_page

page = open_page(globals())

# %% [markdown]
# ## One update, other gradients
#
# Plain training sums the languages' losses. Both alternatives compute each language's gradient by itself and combine them.
# PCGrad {cite:p}`yu-etal-2020-gradient` takes away from each what conflicts with the others. MGDA takes the convex
# combination with the least norm, along which (to first order) no language's loss grows: all they need to know of the gradients is their
# inner products.

# %%
from polyner.book.code import show_code
from polyner.training.gradients import least_norm

show_code(least_norm)

# %%
from polyner.study.questions import JOINT, MANY, PULLED

findings = page.findings(MANY, *JOINT, *PULLED, sections=["6"])
page.gaps()

# %% [markdown]
# All have the same data, rule for stopping and seeds, but not the same batches: combined gradients need every language in each,
# and a part of any difference may be that. Training ends by development F1, so that the numbers of updates differ: the
# verdict is on where each run ended, the table has the best development F1 within the updates that the shortest of them made,
# too. Seconds are those of the fastest epoch of any seed, on machines that had other work: compare them roughly.

# %% tags=["remove-input"]
page.show(scores.variants, names=["pcgrad", "mgda"])

# %% tags=["remove-input"]
page.show(beyond.joint_training)

# %% [markdown]
# ## Do the languages conflict?
#
# Only gradients that point apart can be reconciled. The cosine of two languages' gradients, averaged over pairs, in each
# layer of the polyglot models when training has ended (the weights that were kept, on training sentences, without
# dropout), and in networks that have learnt nothing. Below zero they conflict.

# %% tags=["remove-input"]
page.show(beyond.conflicts)

# %% [markdown]
# The same through training, of the plain polyglot models: after each epoch the weights that have been best on
# development data so far, so that a line is level once the best epoch is behind it.

# %% tags=["remove-input"]
page.show(beyond.course)

# %% [markdown]
# ## Fine-tuning with a pull
#
# L2-SP {cite:p}`li-etal-2018-explicit` pulls every weight back to where the polyglot model had it; EWC pulls as
# hard as the weight matters to the *other* languages, by the Fisher information of their training sentences. The number
# behind each name is its strength. Upwards is better on the language fine-tuned on; to the right, more is kept of the others.
# Intervals are cut at the frame; the table has them whole.

# %% tags=["remove-input"]
page.show(beyond.forgetting)

# %% [markdown]
# ## The conjectures
#
# EWC is judged at strength 1, which was fixed beforehand, for the best of several strengths would look good by chance.

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=["beyond-multi-objective", "beyond-ewc"])

# %% [markdown]
# ## What it means
#
# **In short**: none of the ways tried here gains more F1 than chance may have given, and MGDA loses some. One penalty,
# L2-SP at 0.1, keeps much of what fine-tuning forgets of the other languages.
#
# On four languages of PAN-X (German, Russian, Arabic and Indonesian, 300 training sentences each, three seeds), MGDA loses
# 2.2 points (0.8 to 3.7), and what PCGrad and EWC change is undecided: for neither can a gain of 0.7 points be excluded. In
# the trained model the languages' gradients stand nearly at right angles, but for the last layers (a cosine of 0.10 over
# all weights, of 0.19 in the output and 0.35 in the CRF). The noise of small batches alone would do that too, so that
# whether languages conflict is open. Fine-tuning forgets a tenth of the others' F1 (5.4 points, 1.8 to 9.1); of the pulls
# only L2-SP at 0.1 clearly keeps some of it (4.1, 2.7 to 5.6), and it costs the language itself nothing measurable. L2-SP
# at 0.01 gains on the language itself (0.9, 0.1 to 1.6), but is one of six tries.
#
# ## What this leaves open
#
# * Plain fine-tuning gains nothing measurable over the polyglot model on these four languages; what a better way of it
#   could gain is not bounded by that. With ten languages or more it gains (see [many languages](09-many-languages)):
#   neither way was tried on them.
# * EWC up to strength 10 changes nothing that could be measured, of the language or of the others (of these, at 10, within
#   −1.7 to +2.7).
# * Plain training was not tried on batches in which every language has its share.

# %% tags=["remove-input"]
page.footer()
