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
# # How many weights a language needs
#
# Set the weights of smallest magnitude to zero {cite:p}`han-etal-2015-learning`, without training again, and see how far one can go before F1 falls
# (§5.2). If a language needs few weights, a polyglot model of the same size has room for several. The paper finds that
# monolingual solutions are sparser than polyglot ones, that fine-tuning does not bring the sparsity back, and that all the
# same one polyglot model needs far fewer weights than the monolingual models together.

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

page = open_page("06-pruning", globals())
study = page.study
config = page.settings.analyses

# %% tags=["hide-input"]
import pandas as pd

from polyner.paper import figure_statements

show(figure_statements("3"))

# %% [markdown]
# ## On real corpora
#
# How many of its weights a model can lose before F1 on a language falls by more than a point, in [the recorded
# studies](your-corpora): the change of this share from one regime to another, averaged over languages and seeds (right
# of the line, more weights can go). *Left out* are languages of which a model finds so little that pruning cannot make
# it a point worse.

# %% tags=["hide-input"]
from functools import partial

from polyner.book.recorded import show_recorded_table
from polyner.charts import regime_changes

show_recorded_table(
    "pruning",
    "The share of weights that can go (percent), and its change",
    partial(
        regime_changes,
        row="pair",
        x_title="change of the share that can go (percentage points)",
        sides=("first_share", "second_share"),
    ),
)

# %% [markdown]
# What follows shows where such numbers come from, in this run.

# %% tags=["remove-input"]
page.banner()

# %% [markdown]
# ## Pruning the whole model
#
# The paper says neither whether weights compete over the whole model or within a layer, nor whether embeddings and biases
# count. Here all weight matrices and embeddings compete with each other, and biases and the CRF's scores are spared. So F1
# need not fall to 0 where all weights are gone: what is left still tags a word by its place in the sentence. Embeddings begin larger
# (standard deviation 1) than the LSTMs' weights, and the rows of bytes that training never showed stay so: they are
# among the last to go, though nothing needs them.

# %%
from polyner.analysis.pruning import pruned
from polyner.book.code import show_code

show_code(pruned)

# %%
from polyner.charts import pruning_lines
from polyner.sections.pruning import pruning_curves

curves = pruning_curves(study)
page.gaps()
draw(
    pruning_lines,
    curves,
    "Average F1 on validation data by pruned share of weights",
    config.pruning_drop,
)

# %% [markdown]
# ## The threshold of each language
#
# A model is over-pruned for a language at the first share where its F1 is more than a point below that of the whole model.
# The threshold is the last share before that (Figure 3 c and d).

# %% tags=["hide-input"]
from polyner.analysis.pruning import over_pruned
from polyner.charts import DROPS, pruning_thresholds

thresholds = over_pruned(curves, config.pruning_drop)
# As many points as the slider offers; it moves the charts above and below as well.
by_drop = [over_pruned(curves, drop).assign(drop=drop) for drop in DROPS]
draw(
    pruning_thresholds,
    pd.concat(by_drop, ignore_index=True),
    None,
    config.pruning_drop,
)

# %% tags=["hide-input"]
show(
    thresholds.pivot_table(
        "last_share", ["group", "language"], "regime", sort=False
    ).reset_index(),
    f"The share of weights that can go within {config.pruning_drop:g} F1 point (mean over seeds)",
    digits=2,
)

# %% [markdown]
# A threshold hangs on one point of F1, and jumps. The *area* under the curve, with F1 as a part of that of the whole model,
# takes in all of it: 1 is a model that pruning never harms. How both differ between regimes, averaged over languages
# (above 0: more can go in the second), with intervals over seeds and sentences:

# %% tags=["hide-input"]
from polyner.analysis.changes import change_table
from polyner.sections.pruning import (
    area_differences,
    efficiency_ratios,
    span_counts,
    threshold_differences,
)

counts = span_counts(study)
regimes = ["group", "first", "second"]
show(
    change_table(area_differences(counts), regimes),
    "Area under the curves of two regimes, and its difference",
    digits=3,
)
show(
    change_table(threshold_differences(counts, config.pruning_drop), regimes),
    "The share of weights that can go (percent) in two regimes, and its difference",
)

# %% [markdown]
# ## One model or many
#
# *"The CoNLL polyglot model needs 60% of its parameters to maintain performance on all languages"*, which is *"only 30%"*
# of what the four monolingual models need together, *"paid for by an average decrease of 0.33 F1"*. The same of the
# recorded studies, averaged over seeds (without the changes of F1), and of this run:
#
# * *kept*: the share of its weights that the polyglot model needs, so that no language falls below its threshold;
# * *polyglot F1 change*: what this pruning costs the polyglot model, in F1 averaged over its languages;
# * *ratio*: the weights it keeps, over the sum of what the monolingual models keep; with nothing
#   pruned, it is one over the number of languages (0.25 for four, 0.14 for seven), so a larger ratio says that less of
#   the polyglot model can go than of the others;
# * *F1 difference*: polyglot less monolingual F1, averaged over languages, each model pruned to its own threshold;
# * *unpruned F1 difference*: the same before pruning, so that what was there already is not put down to it.

# %% tags=["hide-input"]
show_recorded_table("efficiency", "Efficiency of the polyglot model")

# %%
from polyner.analysis.pruning import efficiency

columns = ["group", "seed", "languages", "kept", "polyglot_f1_change"]
columns += ["ratio", "f1_difference", "unpruned_f1_difference"]
show(
    efficiency(curves, config.pruning_drop)[columns],
    "Efficiency of the polyglot model in this run",
)

# %% tags=["hide-input"]
ratios = efficiency_ratios(counts, config.pruning_drop)
rows = [
    (group, each.figure, each.low, each.high, 1 / len(each.languages), each.seeds)
    for group, each in ratios.items()
]
columns = ["group", "ratio", "low", "high", "nothing pruned", "seeds"]
show(
    pd.DataFrame(rows, columns=columns),
    "The ratio, and what it is where nothing is pruned on either side",
)

# %% [markdown]
# ## For scale: random weights, and layer by layer
#
# The order matters: removing random weights instead of the smallest hurts at once (dashed). Pruning the same share of
# every layer spares none that cannot bear it. A layer here is one weight matrix (an LSTM has two for each layer and
# direction), not a whole layer of an LSTM as on the page about [Fisher information](07-fisher-overlap).

# %%
at_random = pruning_curves(study, order="random")
both = pd.concat([curves, at_random], ignore_index=True)
draw(pruning_lines, both, "The smallest weights, and random ones (dashed)")

# %%
by_layer = pruning_curves(study, scope="layer")
draw(pruning_lines, by_layer, "The same share of each weight matrix")

# %% tags=["hide-input"]
scopes = pd.concat([curves, by_layer], ignore_index=True)
means = over_pruned(scopes, config.pruning_drop)
scope_names = {"global": "whole model", "layer": "each weight matrix"}
means["scope"] = means["scope"].map(scope_names)
show(
    means.pivot_table(
        "last_share", ["group", "regime"], "scope", sort=False
    ).reset_index(),
    "The share of weights that can go, averaged over languages",
    digits=2,
)

# %% [markdown]
# ## The claims of this section
#
# On the recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_verdicts

claims = [
    "pruning-mono-sparser",
    "pruning-polyglot-efficient",
    "pruning-finetune-denser",
]

show_recorded_verdicts(claims)

# %% [markdown]
# And in this run:

# %% tags=["hide-input"]
from polyner.book.verdicts import show_verdicts
from polyner.paper import verdicts
from polyner.sections.gather import gather_evidence

evidence = gather_evidence(page.study, page.settings.profile, ["5.2"])
show_verdicts(verdicts(evidence, claims))

# %%
page.footer()
