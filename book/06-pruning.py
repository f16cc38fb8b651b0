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

# %% tags=["remove-input"]
from polyner.book.exhibits import analyses, scores
from polyner.book.page import draw, open_page, show

page = open_page(globals())
drop = page.settings.analyses.pruning_drop

# %% tags=["remove-input"]
from polyner.paper import figure_statements

show(figure_statements("3"))

# %% [markdown]
# ## Pruning the whole model
#
# The paper says neither whether weights compete over the whole model or within a layer, nor whether embeddings and biases
# count. Here all weight matrices and embeddings compete with each other, and biases and the CRF's scores are spared. So F1
# need not fall to 0 where all weights are gone: what is left still tags a word by its place in the sentence. Embeddings begin larger
# (standard deviation 1) than the LSTMs' weights, and the rows of bytes that training never showed stay so: they are
# among the last to go, though nothing needs them.

# %% tags=["remove-input"]
from polyner.analysis.pruning import pruned
from polyner.book.code import show_code

show_code(pruned)

# %%
from polyner.study.questions import ANALYSED

findings = page.findings(ANALYSED, sections=["5.2"])
page.gaps()

# %% tags=["remove-input"]
page.show(analyses.pruning, drop=drop)

# %% [markdown]
# ## The threshold of each language
#
# A model is over-pruned for a language at the first share where its F1 is more than a point below that of the whole model.
# The threshold is the last share before that (Figure 3 c and d); the slider moves the point, here and above. The rings
# above are thresholds of the mean curve, which need not be the means of the thresholds. A threshold hangs on one point of F1,
# and jumps. The *area* under the curve, with F1 as a part of that of the whole model, takes in all of it: 1 is a model that
# pruning never harms. How both differ between regimes stands below, averaged over languages (right of the line: more can go
# in the second), with intervals over seeds and sentences.

# %% tags=["remove-input"]
page.show(analyses.thresholds, drop=drop)

# %% [markdown]
# ## One model or many
#
# *"The CoNLL polyglot model needs 60% of its parameters to maintain performance on all languages"*, which is *"only 30%"*
# of what the four monolingual models need together, *"paid for by an average decrease of 0.33 F1"*.
#
# * *kept*: the share of its weights that the polyglot model needs, so that no language falls below its threshold;
# * *polyglot F1 change*: what this pruning costs the polyglot model, in F1 averaged over its languages;
# * *ratio*: the weights it keeps, over the sum of what the monolingual models keep; with nothing
#   pruned, it is one over the number of languages (0.25 for four, 0.14 for seven), so a larger ratio says that less of
#   the polyglot model can go than of the others;
# * *F1 difference*: polyglot less monolingual F1, averaged over languages, each model pruned to its own threshold;
# * *unpruned F1 difference*: the same before pruning, so that what was there already is not put down to it.

# %% tags=["remove-input"]
page.show(analyses.efficiencies, drop=drop)

# %% [markdown]
# ## For scale: random weights, and layer by layer
#
# The order matters: removing random weights instead of the smallest hurts at once (dashed). Pruning the same share of
# every layer spares none that cannot bear it. A layer here is one weight matrix (an LSTM has two for each layer and
# direction), not a whole layer of an LSTM as on the page about [Fisher information](07-fisher-overlap). In this run:

# %%
import pandas as pd

from polyner.analysis.pruning import over_pruned, pruning_curve
from polyner.charts import pruning_lines
from polyner.findings.pruning import span_counts

curves = pruning_curve(span_counts(page.study))
at_random = pruning_curve(span_counts(page.study, order="random"))
by_layer = pruning_curve(span_counts(page.study, scope="layer"))
both = pd.concat([curves, at_random], ignore_index=True)
draw(pruning_lines, both, "The smallest weights, and random ones (dashed)")

# %% tags=["hide-input"]
means = over_pruned(pd.concat([curves, by_layer], ignore_index=True), drop)
scopes = {"global": "whole model", "layer": "each weight matrix"}
means["scope"] = means["scope"].map(scopes)
show(
    means.pivot_table(
        "last_share", ["group", "regime"], "scope", sort=False
    ).reset_index(),
    "The share of weights that can go, averaged over languages",
    digits=2,
)

# %% [markdown]
# ## The claims of this section

# %% tags=["remove-input"]
claims = ["pruning-mono-sparser", "pruning-polyglot-efficient"]
claims += ["pruning-finetune-denser"]
page.show(scores.verdicts_on, claims=claims)

# %% [markdown]
# ## What it means
#
# **In short**: on CoNLL, one polyglot model does with a third of the weights of four monolingual ones, close to the paper's
# figure, but what saves them is that it is one in place of four. On CoNLL and the open corpora every model can lose half of
# its weights and little of its F1; which regime can do with the fewest beyond that differs between corpora, sizes and
# measures.
#
# **The paper's own corpora**, with 5,000 and with 800 training sentences a language:
#
# * One polyglot model needs a third of the weights that four monolingual ones need together (0.34, 0.27 to 0.41, and 0.33,
#   0.27 to 0.39): close to the paper's *"only 30%"*, and more than the quarter that it would need if nothing could be
#   pruned of any. It keeps 60 to 75 % of its weights and loses 0.1 to 0.6 points of F1 by it; the paper has 60 % and 0.33,
#   which may be that, or how far it is behind monolingual models, each pruned (here it is ahead of them, by 0.4 to 4.7 in
#   single seeds, and by 0.2 to 4.3 before any pruning: on development data, as all F1 of this page; on test data, with
#   5,000 sentences, it is 0.3 [behind](02-baselines)). What saves weights is that there is one model in place of four; less
#   can be pruned of it than of them on average, partly because it may go only as far as its most sensitive language allows.
# * By the threshold, more weights of a monolingual model can go than of a polyglot one with 5,000 sentences, as in the paper;
#   with 800 that is not clear, nor is either by the area.
# * With 800 sentences fine-tuned models lose *less* by pruning than monolingual ones by the area, against the claim, all of
#   it with 70 to 90 % of the weights gone, and by the threshold it is undecided; with 5,000 fewer of their weights can go
#   by the threshold, as the paper says, and by the area it is undecided. Up to half of the weights all regimes keep about
#   98 % of their F1 or more with either size.
#
# **Open corpora.** In seven LORELEI languages, with 300 sentences of each, monolingual models are the sparser ones by the
# area, as the paper says of both sets: they keep more of their F1 than the polyglot model (0.044 of it, 0.023 to 0.065) and
# than fine-tuned ones (0.024, 0.006 to 0.041). Up to half of the weights all keep as much but for a point or two. The
# polyglot model keeps less from there on, fine-tuned ones only from 80 % on, where every model has lost more than half of
# its F1: that is not what is meant by needing few weights. By the threshold it is not clear. One polyglot model needs 0.20
# of the weights of all seven (0.17 to 0.24), more than the seventh it would need with nothing pruned.
#
# **PAN-X.** With 100 sentences a language one polyglot model of four languages needs 0.29 of the weights (0.23 to 0.36),
# one of ten 0.12 (0.09 to 0.15): neither can be told from the quarter and the tenth that it would need with nothing pruned.
# With ten languages monolingual models lose less by pruning than the polyglot one and than fine-tuned ones, by the area, as
# the paper says; but this comes from 60 % of the weights on, and with all of them gone the weaker monolingual models still
# have 17 % of their F1 and the others 12 (many sentences are one name). Up to half, the polyglot model loses least, and by
# the threshold the figures point the other way. None of these differences of thresholds is clear of 0, nor is any
# difference between regimes with four languages.

# %% tags=["remove-input"]
page.footer()
