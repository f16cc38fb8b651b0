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
# A polyglot model does worse than the monolingual models it replaces, but not by much. Perhaps it has learnt something
# that all of its languages share, and joint training only fails to find a point that is good for all of them at once
# (§4.1). The test: take the polyglot model's weights as the *initialisation*, and train on with one language alone. The
# paper finds that this beats the monolingual model nearly everywhere, by one to three F1 points on average and by more
# on single languages.

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes of Table 2
models: list = None  # char-crf, byte-crf, charner, byte-to-span
seeds: list = None  # random seeds; the best run is chosen on development data
max_train_sentences: int = None  # cap on each language's training set
max_eval_sentences: int = None  # cap on its development and test sets
types: dict = None  # projection of entity types: {"LOCORG": "LOC", "DATE": None}
training: dict = None  # what differs from TrainingConfig: {"batch_size": 128}
architecture: dict = None  # by model, what differs from its configuration
device: str = None  # auto, cpu, cuda, cuda:1
runs: str = None  # folder of the run store

# %%
from polyner.book.page import draw, open_page, show

page = open_page("03-fine-tuning", globals())

# %%
from polyner.paper import table1_averages

averages = table1_averages()
show(
    averages[["model", "group", "regime", "printed", "recomputed"]],
    "The paper's F1 averaged over languages: as printed, and from the printed cells",
)

# %% [markdown]
# ## Three regimes
#
# Each fine-tuned run starts from the polyglot run with the same seed, from its weights and from the state of its
# optimizer: Adam's running moments and its count of steps. The seeds are thus independent repetitions of the whole
# procedure. The paper trains *"in the same fashion as the monolingual models, with the exception of using a different
# initial step size"*, to which footnote 7 adds *"we use the Adam optimizer settings saved from multilingual training"*;
# we read the second as what the first means, and keep everything else as it is.

# %%
from polyner.paper.beside import table1_beside
from polyner.study import best_of_seeds

results = page.study.results(["monolingual", "polyglot", "fine_tuned"])
best = best_of_seeds(results)
for group in page.study.groups():
    show(
        table1_beside(best, group),
        f"Table 1, {group}: F1 on test, this run and the paper",
    )

# %%
from polyner.charts import difference, learning_curve, slopes
from polyner.paper import table1

draw(slopes, best, table1())

# %%
show(
    best.drop(columns=["variant", "group"]),
    "Every number of this run, with the chosen seed and the run it comes from",
)

# %% [markdown]
# ## What fine-tuning gains over training from scratch
#
# The whiskers are 95 % intervals: over test sentences by a paired bootstrap, and over seeds where there are at least
# three.

# %%
from polyner.paper.beside import differences_beside

counts = page.study.span_counts(results)
gains = differences_beside(results, "monolingual", "fine_tuned", counts)
draw(
    difference,
    gains,
    "fine-tuned − monolingual (F1 points)",
    "What fine-tuning adds or takes",
)

# %% [markdown]
# ## How they learn
#
# A fine-tuned model starts where the polyglot one ended. What is left to see is how fast it moves on, and whether it
# moves on at all.

# %%
chosen = results[results["run"].isin(best["run"]) & (results["regime"] != "polyglot")]
draw(learning_curve, page.study.histories(chosen))

# %% [markdown]
# ## With the optimizer's state, and without
#
# Footnote 7 is a detail that is easily missed. Without Adam's saved moments, its first steps are as large as those of
# a fresh model: each parameter moves by about the learning rate, however little its gradient says. With them, it goes
# on as it was going.

# %%
import pandas as pd

from polyner.analysis.differences import Comparison

reset = page.study.results(["fine_tuned"], variant="reset_optimizer")
both = pd.concat([results, reset], ignore_index=True)
counts = pd.concat([counts, page.study.span_counts(reset)], ignore_index=True)
without = {"regime": "fine_tuned", "variant": "reset_optimizer"}
with_state = {"regime": "fine_tuned", "variant": ""}
draw(
    difference,
    Comparison(both, without, with_state).table(counts),
    "state kept − state reset (F1 points)",
    "What the optimizer's state changes",
)

# %%
history = page.study.histories(both[both["regime"] == "fine_tuned"])
first = history[history["epoch"] <= 3].replace(
    {"variant": {"": "kept", "reset_optimizer": "reset"}}
)
first = first.assign(when=first["variant"] + ", epoch " + first["epoch"].astype(str))
show(
    first.pivot_table("dev_f1", ["model", "language"], "when").reset_index(),
    "Development F1 in the first epochs of fine-tuning (mean over seeds)",
)

# %% [markdown]
# ## The claims of this section
#
# A verdict is computed from the results above: *holds* or *does not hold* where the interval lies on one side of the
# line, *undecided* where it crosses it or where there are fewer than three seeds. That fine-tuning wins "nearly
# everywhere" is taken to mean on average, and for three in four of the languages of every model.

# %%
from polyner.book.page import show_verdicts
from polyner.paper import Evidence, verdicts

evidence = Evidence(both, page.corpora, counts, profile=page.settings.profile)
claims = ["finetune-beats-mono", "finetune-not-regularisation"]
show_verdicts(verdicts(evidence, claims))

# %%
page.footer()
