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
# # Fine-tuning
#
# In the paper, a polyglot model does worse than the monolingual models it replaces, but not by much. Perhaps it has learnt
# something that all of its languages share, and joint training only fails to find a point that is good for all of them at
# once (§4.1). The test: take the polyglot model's weights as the *initialisation*, and train on with one language alone.
# The paper finds that this beats the monolingual model nearly everywhere: in the averages that it prints, by 1.4 to 3.2
# F1 points, but for mBERT on the CoNLL languages, which loses 0.3.

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

page = open_page("03-fine-tuning", globals())

# %% [markdown]
# ## On real corpora
#
# The three regimes in the recorded studies; what they are, and how the rows of their tables are made, is said on the
# page about [the baselines](02-baselines). The first chart is the paper's question, the second all three regimes.

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_table1

show_recorded_table1(["monolingual", "polyglot", "fine_tuned"])

# %% [markdown]
# ## Three regimes in this run

# %% tags=["remove-input"]
page.banner()

# %% [markdown]
# Each fine-tuned run starts from the polyglot run with the same seed, from its weights and from the state of its
# optimizer: Adam's running moments and its count of steps. The seeds are thus independent repetitions of the whole
# procedure. The paper trains *"in the same fashion as the monolingual models, with the exception of using a different
# initial step size"*, to which footnote 7 adds *"we use the Adam optimizer settings saved from multilingual training"*;
# we read the second as what the first means, and keep everything else as it is.

# %%
from polyner.study.questions import (
    MORE_DROPOUT,
    RESET_OPTIMIZER,
    TABLE_1,
    UPDATE_MATCHED,
    WEIGHT_DECAY,
)
from polyner.study.tables import best_of_seeds

results = page.study.answers(TABLE_1)
# For the questions further down, about one model.
reset = page.study.answers(RESET_OPTIMIZER)
harder = page.study.answers(MORE_DROPOUT, WEIGHT_DECAY, UPDATE_MATCHED)
page.gaps()

# %% [markdown]
# The whiskers are 95 % intervals of the difference, over seeds and test sentences; where nothing was trained with two
# seeds there are none.

# %% tags=["hide-input"]
from polyner.analysis.contrasts import Contrasts
from polyner.charts import difference, learning_curve, slopes
from polyner.paper import table1
from polyner.paper.beside import differences_beside

counts = page.study.span_counts(results)
gains = differences_beside(Contrasts(results, counts), "monolingual", "fine_tuned")
draw(
    difference,
    gains,
    "fine-tuned − monolingual (F1 points)",
    "What fine-tuning adds or takes",
)

# %% tags=["hide-input"]
best = best_of_seeds(results)
draw(slopes, best, table1())

# %% tags=["hide-input"]
page.table1(best)

# %% [markdown]
# ## How they learn
#
# A fine-tuned model starts where the polyglot one ended. What is left to see is how fast it moves on, and whether it
# moves on at all.

# %% tags=["hide-input"]
chosen = results[results["run"].isin(best["run"]) & (results["regime"] != "polyglot")]
page.endings(results)
draw(learning_curve, page.study.histories(chosen))

# %% [markdown]
# ## With the optimizer's state, and without
#
# Footnote 7 is a detail that is easily missed. Without Adam's saved moments, its first steps are as large as those of
# a fresh model: each parameter moves by about the learning rate, however little its gradient says. With them, it goes
# on as it was going. Shown for one model, the Byte-CRF where it is among those of this run.

# %% tags=["hide-input"]
import pandas as pd

both = pd.concat([results, reset], ignore_index=True)
counts = pd.concat([counts, page.study.span_counts(reset)], ignore_index=True)
without = {"regime": "fine_tuned", "variant": "reset_optimizer"}
with_state = {"regime": "fine_tuned", "variant": ""}
draw(
    difference,
    Contrasts(both, counts).table(without, with_state),
    "state kept − state reset (F1 points)",
    "What the optimizer's state changes",
)

# %% tags=["hide-input"]
both_ways = (both["regime"] == "fine_tuned") & (
    both["model"] == page.study.analysed_model
)
history = page.study.histories(both[both_ways])
first = history[history["epoch"] <= 3].replace(
    {"variant": {"": "kept", "reset_optimizer": "reset"}}
)
first = first.assign(when=first["variant"] + ", epoch " + first["epoch"].astype(str))
show(
    first.pivot_table("dev_f1", ["model", "language"], "when").reset_index(),
    "Development F1 in the first epochs of fine-tuning (mean over seeds)",
)

# %% [markdown]
# ## Is it only regularisation?
#
# Starting from what other languages taught could be no more than a way to overfit less. Then a monolingual model that is
# held back harder should gain as well. The paper says in half a sentence that it does not: *"we found more
# regularization did not help the monolingual models"*, without saying which. Here the Byte-CRF (or the first model of
# this run, as far as it has the setting) gets dropout of 0.5 where it had 0.2, or a weight decay of 0.1 (decoupled from
# Adam's moments, in units of the learning rate). What fine-tuning gains stands beside it. So does a control that the paper
# does not have: a fine-tuned model has been trained twice, on all languages and on its own, and a monolingual model may gain
# by as many updates, too (*more updates*: the least and the most epochs, and those without a better score, are so many times
# as large as the sentences of the group and the language together are those of the language).

# %% tags=["hide-input"]
from polyner.names import variant_name

kinds = ["more_dropout", "weight_decay", "more_updates"]
everything = pd.concat([both, harder], ignore_index=True)
counts = pd.concat([counts, page.study.span_counts(harder)], ignore_index=True)
plain = {"regime": "monolingual", "variant": ""}
others = [
    ({"regime": "monolingual", "variant": name}, variant_name(name)) for name in kinds
]
others.append(({"regime": "fine_tuned", "variant": ""}, "fine-tuning"))
contrasts = Contrasts(
    everything[everything["model"] == page.study.analysed_model], counts
)
rows = [contrasts.table(plain, other).assign(change=text) for other, text in others]
changes = pd.concat(rows, ignore_index=True)
show(
    changes.pivot_table(
        "difference", ["model", "language"], "change", sort=False
    ).reset_index(),
    "F1 points on test against the plain monolingual model",
)

# %% tags=["hide-input"]
regularised = changes[changes["change"] != "fine-tuning"]
for change, table in regularised.groupby("change", sort=False):
    draw(
        difference,
        table.drop(columns="change"),
        f"{change} − plain (F1 points)",
        f"What {change} does to monolingual models",
    )

# %% [markdown]
# ## The same on real corpora
#
# What is recorded of these changes, each against runs of the same seeds without it; a change without a chart is not
# recorded:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_variants

show_recorded_variants(["reset_optimizer", *kinds])

# %% [markdown]
# ## Variants of one's own
#
# The parameter `variants` names further departures from the plain protocol, of the analysed model: another size, another way
# to train, or [something else to minimise](run.md). Each is drawn against the same runs without it.

# %% tags=["hide-input"]
from polyner.study.questions import OWN_VARIANTS

page.draw_variants(OWN_VARIANTS)

# %% [markdown]
# ## The claims of this section
#
# A verdict is computed from the results above, part by part: a claim *holds* where all its parts do (their 95 % intervals
# lie on the claim's side of the line), *does not hold* where one part contradicts it, also after Holm's correction for their
# number, and is *undecided* otherwise: where an interval crosses the line, where a side has one seed, or where more than one in
# ten of its runs were ended by the limit of epochs. Parts that were not run are named, and decide nothing. That
# fine-tuning wins "nearly everywhere" is taken to mean on average, and on three in four of a group's languages. On the
# recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_verdicts

claims = ["finetune-beats-mono", "finetune-not-regularisation"]
show_recorded_verdicts(claims)

# %% [markdown]
# And in this run:

# %% tags=["hide-input"]
from polyner.book.verdicts import show_verdicts
from polyner.paper import Evidence, verdicts

evidence = Evidence(everything, page.corpora, counts, profile=page.settings.profile)
show_verdicts(verdicts(evidence, claims))

# %% [markdown]
# ## The paper's averages
#
# As on the page about [the baselines](02-baselines), now with the third regime.

# %% tags=["hide-input"]
from polyner.paper import table1_averages

averages = table1_averages()
show(
    averages[["model", "group", "regime", "printed", "recomputed"]],
    "The paper's F1 averaged over languages: as printed, and from the printed cells",
)

# %%
page.footer()
