# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Fine-tuning
#
# A polyglot model does worse than the monolingual models it replaces, but not by much. Perhaps it has learnt
# something that all of its languages share, and joint training only fails to find a point that is good for all of
# them at once (§4.1). The test: take the polyglot model's weights as the *initialisation*, and train on with one
# language alone. The paper finds that this beats the monolingual model nearly everywhere, by up to 3 F1 and more:
#
# | F1 on test, average | monolingual | polyglot | fine-tuned |
# |---|---|---|---|
# | Character CRF, CoNLL | 79.45 | 77.85 | **80.82** |
# | Byte CRF, CoNLL | 79.18 | 78.75 | **80.69** |
# | Character CRF, LORELEI | 59.49 | 59.87 | **62.71** |
# | Byte CRF, LORELEI | 59.54 | 58.90 | **61.64** |

# %% tags=["parameters"]
profile: str = "quick"  # a file of book/profiles (smoke, quick, laptop, paper) or a path that ends in .yml
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder <root>/<ISO 639-3 code>/{train,dev,test}.conll
languages: list = None  # ISO 639-3 codes of Table 2
models: list = None  # architectures: char-crf, byte-crf
seeds: list = None  # random seeds; the best run is chosen on development data
max_train_sentences: int = None  # cap on each language's training set
max_eval_sentences: int = None  # cap on its development and test sets
types: dict = None  # projection of entity types, for example {"LOCORG": "LOC", "DATE": None}
training: dict = None  # what differs from polyner.training.TrainingConfig, for example {"batch_size": 128}
architecture: dict = None  # for each model, what differs from its configuration
device: str = None  # auto, cpu, cuda, cuda:1
runs: str = None  # folder of the run store

# %% tags=["hide-input"]
from polyner.book.page import open_page, show

page = open_page("03-fine-tuning", globals())

# %% [markdown]
# ## Three regimes
#
# Each fine-tuned run starts from the polyglot run with the same seed, from its weights and from the state of its
# optimizer (*"the Adam optimizer settings saved from multilingual training"*, footnote 7): Adam's running moments and
# its count of steps. The seeds are thus independent repetitions of the whole procedure. Everything else is as for the
# monolingual models.

# %%
from polyner.paper.beside import table1_beside
from polyner.study import best_of_seeds

results = page.study.results(["monolingual", "polyglot", "fine_tuned"])
best = best_of_seeds(results)
for group in page.study.groups():
    show(table1_beside(best, group), f"Table 1, {group}: F1 on test, this run and the paper")

# %%
from polyner.charts import difference, learning_curve, slopes
from polyner.paper import published_results, table1

slopes(best, table1())

# %%
columns = [
    "model",
    "regime",
    "language",
    "seed",
    "dev_f1",
    "f1",
    "precision",
    "recall",
    "seeds",
    "f1_mean",
    "f1_std",
    "run",
]
show(best[columns], "Every number of this run, with the seed that was chosen and the run it comes from")

# %% [markdown]
# ## What fine-tuning gains over training from scratch
#
# The whiskers are 95 % intervals: over test sentences by a paired bootstrap, and over seeds where there are at least
# three.

# %%
from polyner.analysis.differences import Comparison

mono, tuned = {"regime": "monolingual", "variant": ""}, {"regime": "fine_tuned", "variant": ""}
counts = page.study.span_counts(results)
gains = Comparison(results, mono, tuned).table(counts)
theirs = Comparison(published_results(), mono, tuned).table().rename(columns={"difference": "paper"})
gains = gains.merge(theirs[["model", "language", "paper"]], on=["model", "language"], how="left")
difference(gains, "fine-tuned − monolingual (F1 points)", "What fine-tuning adds or takes")

# %% [markdown]
# ## How they learn
#
# A fine-tuned model starts where the polyglot one ended. What is left to see is how fast it moves on, and whether it
# moves on at all.

# %%
learning_curve(page.study.histories(results[results["regime"] != "polyglot"]))

# %% [markdown]
# ## With the optimizer's state, and without
#
# Footnote 7 is a detail that is easily missed. Without Adam's saved moments, its first steps are as large as those of
# a fresh model: each parameter moves by about the learning rate, however little its gradient says. With them, it goes
# on as it was going.

# %%
import pandas as pd

reset = page.study.results(["fine_tuned"], variant="reset_optimizer")
counts = pd.concat([counts, page.study.span_counts(reset)], ignore_index=True)
both = pd.concat([results, reset], ignore_index=True)
fresh = {"regime": "fine_tuned", "variant": "reset_optimizer"}
optimizer = Comparison(both, fresh, tuned).table(counts)
difference(optimizer, "state kept − state reset (F1 points)", "What the optimizer's state changes")

# %%
first_epochs = pd.concat([page.study.histories(table) for table in (results, reset)], ignore_index=True)
first_epochs = first_epochs[first_epochs["regime"] == "fine_tuned"].assign(
    optimizer=lambda table: table["variant"].map({"": "kept", "reset_optimizer": "reset"})
)
show(
    first_epochs[first_epochs["epoch"] <= 3]
    .pivot_table(index=["model", "language"], columns=["optimizer", "epoch"], values="dev_f1")
    .pipe(lambda table: table.set_axis([f"{state}, epoch {epoch}" for state, epoch in table.columns], axis="columns"))
    .reset_index(),
    "Development F1 in the first three epochs of fine-tuning (mean over seeds)",
)

# %% [markdown]
# ## The claims of this section
#
# A verdict is computed from the results above: *holds* or *does not hold* where the interval lies on one side of the
# line, *undecided* where it crosses it or where there are fewer than three seeds.

# %%
from polyner.paper import Evidence, verdict_table, verdicts

evidence = Evidence(both, page.corpora, counts, profile=page.settings.profile)
judged = verdict_table(verdicts(evidence, ["finetune-beats-mono", "finetune-not-regularisation"]))
show(
    judged[["claim", "verdict", "figure", "low", "high", "unit", "paper_figure", "detail"]],
    "This run against the paper",
)

# %% tags=["hide-input"]
page.footer()
