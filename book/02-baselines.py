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
# # One language or many
#
# Is a tagger trained on many languages better on each of them than one trained on that language alone? It has seen
# four (CoNLL) or ten (LORELEI) times as much labelled text. The paper's answer, Table 1, is a disappointment: *with
# few exceptions, polyglot training does worse than monolingual*. Byte-to-Span, the one architecture that gains much, is
# far behind the others to begin with.

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

# %%
from polyner.book.page import draw, open_page, show

page = open_page("02-baselines", globals())

# %% [markdown]
# ## On real corpora
#
# Studies that take hours are not trained again whenever this page is executed. Their results are recorded in the
# repository, a small file for each run, and drawn here: the paper's models, smaller and on less training data, on
# [two collections of public corpora](your-corpora) in place of the paper's: WikiANN, of one scheme for all languages,
# and open corpora from ten sources, whose CoNLL languages are from Wikipedia and whose others are mostly news. The ticks are the paper's own numbers. What matters is the difference between the regimes; a
# whisker is its 95 % interval, over seeds and test sentences; without two seeds there is none.

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_table1

show_recorded_table1(["monolingual", "polyglot"])

# %% [markdown]
# In the tables, *best by dev* is the test F1 of the seed that development data choose, as in the paper; the next row
# has the mean and the standard deviation over seeds, and for the average over languages a 95 % interval: languages are
# strata of independent monolingual runs, while the runs of a seed that share a polyglot model count as one, and test
# sentences are resampled.
#
# ## The models
#
# From the most inductive bias to the least (§3); each name leads to a page that takes the architecture apart:
#
# | architecture | reads | labels | decodes with |
# |---|---|---|---|
# | [Character CRF, Byte CRF](models/word-crf) | each word's characters or UTF-8 bytes, then the sentence's words | words | Viterbi over learnt transitions |
# | [mBERT CRF](models/mbert-crf) | vectors of multilingual BERT, then the sentence's words | words | Viterbi over learnt transitions |
# | [CharNER](models/charner) | the bytes of a sentence | bytes | Viterbi that keeps a word's label constant |
# | [Byte-to-Span](models/byte-to-span) | windows of bytes, without words or sentences | spans | one symbol after the other |
#
# ## Both regimes in this run
#
# From here on, the page shows *this run*: the same experiment with these models, corpora and seeds.

# %% tags=["remove-input"]
page.banner()

# %% [markdown]
# The next lines are all of the experiment: every model in both regimes, and once more for the question about label
# distributions below. Runs that are in the run store are looked up; the others are trained now.

# %%
from polyner.study.questions import MONOLINGUAL_AND_POLYGLOT, TRANSITIONS

results = page.study.answers(MONOLINGUAL_AND_POLYGLOT)
own = page.study.answers(
    TRANSITIONS
)  # polyglot, with transitions of each language's own
page.gaps()

# %% tags=["hide-input"]
from polyner.analysis.contrasts import Contrasts
from polyner.charts import difference, learning_curve, regime_dots
from polyner.paper import table1
from polyner.paper.beside import differences_beside

counts = page.study.span_counts(results)
table = differences_beside(Contrasts(results, counts), "monolingual", "polyglot")
draw(
    difference,
    table,
    "polyglot − monolingual (F1 points)",
    "What polyglot training adds or takes",
)

# %% tags=["hide-input"]
draw(regime_dots, results, table1())

# %% [markdown]
# Of several seeds, the one with the best development F1 counts, as in the paper (a polyglot model's by its mean over
# languages). The mean and the spread over seeds stand beside it in the last table: the best of five alone would hide
# them.

# %% tags=["hide-input"]
from polyner.study.tables import best_of_seeds

best = best_of_seeds(results)
page.table1(best)

# %% [markdown]
# ## How they learn
#
# Of each model, regime and language, the run that was chosen. A model that still had patience when its epochs ran out may
# not have learnt all it could, and then the comparison is not about the regimes alone. That holds for recorded runs too:
# how many of them that was stands below their charts.

# %% tags=["hide-input"]
chosen = results[results["run"].isin(best["run"])]
page.endings(results)
draw(learning_curve, page.study.histories(chosen))

# %% [markdown]
# Byte-to-Span has the most to learn, where names are and how long, with nothing built in: from the hundred sentences of the
# profile `quick` it learns little. Besides, it cannot name an entity that lies in none of its windows as a whole, or for
# which a window's output has no room. So much recall is lost before anything is learnt:

# %% tags=["hide-input"]
lost = page.study.unreachable(results)
show(
    lost[lost["unreachable"] > 0].rename(columns={"share": "share (%)"}),
    "Entities of the test sets that no output of the model can name",
)

# %% [markdown]
# ## Is it the label distributions?
#
# If polyglot models fail because languages label differently (see [the corpora](01-data)), then giving each language
# CRF transitions of its own, and sharing everything else, should help. The paper saw little: *no more than 0.5 F1 on
# any language*. Only the CRFs over words have transitions to learn. On the recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_variants

show_recorded_variants(["language_transitions"])

# %% [markdown]
# And in this run:

# %%
import pandas as pd

both = pd.concat([results, own], ignore_index=True)
counts = pd.concat([counts, page.study.span_counts(own)], ignore_index=True)
shared = {"regime": "polyglot", "variant": ""}
separate = {"regime": "polyglot", "variant": "language_transitions"}
draw(
    difference,
    Contrasts(both, counts).table(shared, separate),
    "own − shared transitions (F1 points)",
    "What transitions of one's own change",
)

# %% [markdown]
# ## Variants of one's own
#
# The parameter `variants` names further departures from the plain protocol, of the analysed model: another size, another way
# to train, or [something else to minimise](run.md). Each is drawn against the same runs without it.

# %% tags=["hide-input"]
from polyner.study.questions import OWN_BASELINES

page.draw_variants(OWN_BASELINES)

# %% [markdown]
# ## The claims of this section
#
# A verdict is computed from the results above, part by part: a claim *holds* where all its parts do (their 95 % intervals
# lie on the claim's side of the line), *does not hold* where one part contradicts it, also after Holm's correction for their
# number, and is *undecided* otherwise: where an interval crosses the line, where a side has one seed, or where more than one in
# ten of its runs were ended by the limit of epochs. Parts that were not run are named, and decide nothing. On the
# recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_verdicts

claims = [
    "baselines-polyglot-worse",
    "baselines-bts-gains",
    "baselines-crf-beats-bts",
    "baselines-transitions",
]
show_recorded_verdicts(claims)

# %% [markdown]
# And in this run:

# %% tags=["hide-input"]
from polyner.book.verdicts import show_verdicts
from polyner.paper import Evidence, verdicts

evidence = Evidence(both, page.corpora, counts, profile=page.settings.profile)
show_verdicts(verdicts(evidence, claims))

# %% [markdown]
# ## The paper's averages
#
# Some averages that Table 1 prints are not the mean of the cells beside them, so both are given here. Everywhere else
# on this page, averages are over the languages that there are, on both sides.

# %% tags=["hide-input"]
from polyner.paper import table1_averages

averages = table1_averages()
averages = averages[averages["regime"] != "fine_tuned"]
show(
    averages[["model", "group", "regime", "printed", "recomputed"]],
    "F1 on test, averaged over languages: as printed, and from the printed cells",
)

# %% [markdown]
# ## What the paper leaves open
#
# The paper leaves some choices open, and in some its published code differs from it:
#
# | | choice | paper | its code | here |
# |---|---|---|---|---|
# | CRFs | a word's vector | – | final states of both layers | as the code |
# | | bytes or characters of a word that are read | – | 64 | 64 |
# | | sentence BiLSTM, per direction | 256 | 512 | 256 |
# | | learning rate of Adam | 0.001 | 0.0001, cosine decay | 0.001 |
# | | sentences a batch | – | 128 | 32 |
# | | initial byte and character embeddings | – | standard deviation 0.001 | 1 (PyTorch's) |
# | | dropout | – | 0.2 before and behind each LSTM layer | 0.2 before each and behind the last |
# | | scores of the CRF | transitions | transitions | transitions, start and end |
# | | characters seen once in training | – | – | count as unknown |
# | mBERT | its own weights | – | – | frozen |
# | CharNER | norm of the gradient | – | clipped at 1 | clipped at 1 |
# | Byte-to-Span | optimizer | SGD, 0.3 | momentum 0.9, 0.001, cosine decay | SGD, 0.3 |
# | | dropout between layers | 0.5 | 0.2 | 0.5 |
# | | order of a window's entities | – | last first | last first |
# | all | early stopping | on development F1 | on development loss, patience 10, at least 5 epochs | on development F1, patience 10, at least 5 epochs |
#
# In a prototype of this project, batches of 32 with PyTorch's initialisation trained in far fewer epochs than batches of
# 128 with the code's. A profile may change sizes and training, and with them the optimizer:

# %% tags=["hide-input"]
settings = page.study.configuration()
differs = settings["value"] != settings["default"]
always = settings["setting"].isin(["optimizer", "learning_rate"])
show(settings[differs | always], "Optimizers, and settings that are not the defaults")

# %%
page.footer()
