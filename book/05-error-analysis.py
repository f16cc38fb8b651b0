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
# # Which errors they make
#
# In the paper, a polyglot tagger is worse on average, and better once it is fine-tuned. Worse and better at what? The
# paper counts, on validation data, which tokens each regime of the Byte-CRF gets wrong (Figure 1), and how it does on names that other
# languages' training data have too (Figure 2) (§5.1). It finds that polyglot models *"tend to make more errors on
# O-tags, indicating a tendency towards making precision errors"*, that fine-tuning mends this, and that what it gains
# beyond the monolingual model are persons and organisations.

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

page = open_page("05-error-analysis", globals())
study = page.study

# %% [markdown]
# ## Recall errors by gold tag
#
# A token counts once under its gold tag (B- and I- merged, O included) and is an error where the prediction has another.
# The paper says of Figure 1:

# %% tags=["hide-input"]
from polyner.paper import figure_statements

show(figure_statements("1"))

# %% [markdown]
# ### On real corpora
#
# Of [the recorded studies](your-corpora), how the share of each tag's tokens that are errors changes from one regime to
# another: left of the line, there are fewer errors. A menu below the chart chooses the two regimes. The interval is over
# sentences and over seeds, where there are several.

# %% tags=["hide-input"]
from functools import partial

import pandas as pd

from polyner.book.recorded import show_recorded_table
from polyner.charts import regime_changes

show_recorded_table(
    "recall_errors",
    "Share of each gold tag's tokens that are errors (percent), and its change",
    partial(
        regime_changes,
        row="gold",
        x_title="change of the error rate (percentage points)",
        sides=("first_rate", "second_rate"),
    ),
)

# %% [markdown]
# ### In this run

# %% tags=["remove-input"]
page.banner()

# %% [markdown]
# Errors are summed over the languages of a group, as in Figure 1, or of one language; the number in brackets is how many
# more that is than the fine-tuned model makes. Of more types than a chart of this page can carry, the rarest are one, *other
# types*; its title says how many.

# %%
from polyner.analysis.changes import change_table
from polyner.charts import recall_error_bars
from polyner.sections import errors

data = errors.tagged(study)
page.gaps()
confusions = errors.token_confusions(data)
recall = errors.recall_error_table(data)
changes = change_table(
    errors.recall_error_changes(recall), ["group", "gold", "first", "second"]
)
by_language = errors.recall_error_counts(confusions, ["regime", "group", "language"])
draw(recall_error_bars, by_language, changes)

# %% tags=["hide-input"]
show(
    changes,
    "Share of each gold tag's tokens that are errors (percent), and its change",
    fold=True,
)

# %% [markdown]
# ## What they are taken for
#
# The matrix behind the bars: choose a regime, and a group or a language; a cell's colour is its share of the gold tag's tokens.

# %%
from polyner.charts import confusion_matrix

draw(confusion_matrix, confusions)

# %% [markdown]
# ## Errors as names, not tokens
#
# Names that overlap are paired one to one, so that each counts once. A gold name is found, or its partner has the wrong
# type, the wrong boundary or both wrong; without a partner it is missed. A predicted name without a partner is spurious:
# it overlaps no gold name, or only one that is paired with another.

# %%
from polyner.charts import span_error_bars

spans = errors.span_error_counts(data)
draw(span_error_bars, spans)

# %% tags=["hide-input"]
keys = ["group", "regime"]
kinds = spans.pivot_table("count", keys, "kind", aggfunc="sum", sort=False)
show(
    kinds.reset_index(),
    "Names by what became of them, summed over languages and seeds",
    digits=0,
)

# %% [markdown]
# ## Names that languages have in common
#
# A name in the validation data of one language is *common* if the training data of another language of the group has one
# of the same type that matches it: exactly, or in a character n-gram, for n from 4 to 8. Figures are averaged over these
# six ways of matching.
# The paper says:

# %% tags=["hide-input"]
show(figure_statements("2"))

# %% [markdown]
# Two figures go by that description. The caption's is the *share of errors* that contain a common name: of the names that
# are missed the share that is common, of the names wrongly predicted too, and the harmonic mean of the two. The sentence in
# the text can also mean the *error rate*: of the common gold names the share that is missed, of the common predicted names
# the share that is wrong, and the harmonic mean. (It is 0 as soon as one of the two is.) That fine-tuning raises the rate
# again has two explanations in the paper: *"either due to forgetting or simply to decreasing errors on 'non-common
# entities'"*. The second can raise only the share. And what speaks for names as a source of transfer is neither of the two:
# an error rate that falls *further on common names than on the others*, which the figure leaves out and which stand beside
# them here.

# %% [markdown]
# ### On real corpora
#
# How the two error rates change from one regime to another, averaged over the languages of a group:


# %% tags=["hide-input"]
def common_changes(table, title):
    kinds = table["common"].map({True: "common names", False: "other names"})
    axis = "change of the error rate (percentage points)"
    table = table.assign(names=kinds)
    return regime_changes(table, title, row="names", x_title=axis)


show_recorded_table(
    "common_errors",
    "Error rate on names that languages have in common, and on others",
    common_changes,
)

# %% [markdown]
# ### In this run
#
# Where the languages of a group share no script, as Amharic and Swahili do not, no name of theirs is common: the group
# has no rate for common names (a dash), and the chart has only the crosses of the others.

# %%
from polyner.charts import common_entity_bars

common = errors.common_table(study, data)
rates = errors.common_rates(common)
draw(common_entity_bars, rates.dropna(subset="error_rate"))

# %% tags=["hide-input"]
shares = errors.common_error_shares(common)
show(
    shares.groupby(["group", "regime"], sort=False)
    .mean(numeric_only=True)
    .drop(columns="seed")
    .reset_index(),
    "Share of errors that contain a common name (percent): harmonic mean, of missed, of wrongly predicted names",
)

# %%
regimes = ["group", "first", "second"]
by_names = change_table(
    errors.common_rate_changes(common), ["group", "common", "first", "second"]
)
rows = {
    "share of errors with common names": change_table(
        errors.common_share_changes(common), regimes
    ),
    "error rate, common names": by_names[by_names["common"]],
    "error rate, other names": by_names[~by_names["common"].astype(bool)],
    "error rate, common less other names": change_table(
        errors.common_interactions(common), regimes
    ),
}
differences = pd.concat(
    table.assign(figure=name)[["figure", *table]] for name, table in rows.items()
)
show(
    differences.drop(columns="common").reset_index(drop=True),
    "Changes (percentage points), averaged over languages",
)

# %% [markdown]
# ## The claims of this section
#
# On the recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_verdicts

claims = [
    "errors-polyglot-precision",
    "errors-per-org",
    "common-polyglot-lower",
    "common-finetune-raises",
]

show_recorded_verdicts(claims)

# %% [markdown]
# And in this run:

# %% tags=["hide-input"]
from polyner.book.verdicts import show_verdicts
from polyner.paper import verdicts
from polyner.sections.gather import gather_evidence

evidence = gather_evidence(page.study, page.settings.profile, ["5.1"])
show_verdicts(verdicts(evidence, claims))

# %%
page.footer()
