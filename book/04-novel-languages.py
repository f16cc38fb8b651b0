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
# # New languages
#
# A polyglot tagger that reads bytes can be shown any language. What is it worth on one it has not seen? The paper takes
# the Byte-CRF trained on the ten LORELEI languages to Russian, Bengali, Uzbek and Yoruba (§4.2): as it is (*zero-shot*),
# and fine-tuned on the language's own training set, against a tagger trained on that set from scratch. *"Unsurprisingly,
# the polyglot model does poorly in the zero-shot setting"*; after fine-tuning *"the results are mixed"*: better for
# Yoruba and Bengali, worse for Uzbek and Russian.

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

page = open_page("04-novel-languages", globals())
study = page.study

# %% [markdown]
# ## The paper's numbers

# %% tags=["hide-input"]
from polyner.paper import table3

paper = table3()
wide = paper.pivot_table("f1", "language", "regime", sort=False)
wide = wide[["monolingual", "zero_shot", "fine_tuned"]].reset_index()
wide["gain"] = wide["fine_tuned"] - wide["monolingual"]
show(wide, "Table 3: F1 of the Byte-CRF on test, and the gain from fine-tuning")

# %% [markdown]
# ## On real corpora
#
# Table 3 again, from [the recorded studies](your-corpora), beside the paper's numbers; then what fine-tuning gains over
# training from scratch. A whisker is a 95 % interval, over seeds and test sentences. How the gain depends on the number of training sentences is drawn for collections in which learning
# curves are recorded, and for this run below.

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_table3

show_recorded_table3()

# %% [markdown]
# ## This run

# %% tags=["remove-input"]
page.banner()

# %% [markdown]
# The polyglot model is that of the LORELEI languages at hand. A fine-tuned run starts from the polyglot run with the same
# seed, with the state of its optimizer, as on the page about [fine-tuning](03-fine-tuning). The types of names must be
# ones that the polyglot model knows; a corpus with others needs a projection (the parameter `types`).

# %%
from polyner.study.questions import TABLE_3
from polyner.study.tables import best_of_seeds

results = study.answers(TABLE_3)
counts = study.span_counts(results)
page.gaps()
best = best_of_seeds(results)
show(
    best[["language", "regime", "f1", "precision", "recall", "dev_f1", "seed", "run"]],
    "F1 on test; of several seeds the one with the best development F1",
)
page.endings(results)

# %% tags=["hide-input"]
from polyner.charts import regime_dots

draw(
    regime_dots, results, paper, "F1 on languages that the polyglot model has not seen"
)

# %% [markdown]
# ## What fine-tuning gains
#
# The whiskers are 95 % intervals of the difference, over seeds and test sentences; where nothing was trained with two
# seeds there are none.

# %%
from polyner.analysis.contrasts import Contrasts
from polyner.charts import difference

scratch = {"regime": "monolingual", "variant": ""}
tuned = {"regime": "fine_tuned", "variant": ""}
gains = Contrasts(results, counts).table(scratch, tuned)
draw(
    difference,
    gains,
    "fine-tuned − monolingual (F1 points)",
    "What the polyglot model's weights add or take on a new language",
)

# %% [markdown]
# ## Relatives in the training set
#
# The paper explains its four cases by relatedness: Yoruba shares its script with much of the training set, Bengali is
# close to Hindi, Uzbek shares a script but no family, and Russian no script, nor is it close to any of them. Below, script, family and genus come from Table 2
# (the share of the training languages that have the same). For Uzbek, Table 2 has the Arabic script, while LORELEI's
# Uzbek texts are largely in Latin letters: its *shared script*, and what rests on it, is in doubt. What a byte model sees
# is nearer to the last columns: of the byte n-grams in the language's training text, the share that also occurs in that
# of the training languages. A script of two or three bytes a letter shares its first bytes with its neighbours in
# Unicode, so 2-grams overlap where no letter does.

# %% tags=["hide-input"]
from polyner.sections import novel

near = novel.overlaps(study)
spelled = {f"byte_{n}_grams": f"{n}-grams" for n in range(1, 9)}
show(
    near.rename(columns=spelled),
    "Of the training languages, or of the byte n-grams of the text: shares",
    digits=2,
)

# %% tags=["hide-input"]
from polyner.analysis.transfer import rank_correlation
from polyner.charts import relatedness_scatter

zero_shot = best[best["regime"] == "zero_shot"].set_index("language")["f1"]
table = gains.rename(columns={"difference": "gain"}).set_index("language")[["gain"]]
table = (
    table.assign(f1=zero_shot)
    .reset_index()
    .merge(near.drop(columns="group"), on="language")
)
draw(relatedness_scatter, table)

# %% [markdown]
# *"Zeroshot performance does not seem to be a good indicator of transferability"*: the rank correlation of zero-shot F1
# with the gain, for the paper's four languages and for those of this run where it has three at least.
# Four pairs are too few to decide anything, whatever their order: the smallest two-sided p-value that they can have is
# 1 in 12.

# %% tags=["hide-input"]
import pandas as pd

pairs = {"the paper": wide.rename(columns={"zero_shot": "f1"}), "this run": table}
rows = [
    {"source": source, **rank_correlation(data["f1"], data["gain"])._asdict()}
    for source, data in pairs.items()
    if len(data) > 2
]
show(pd.DataFrame(rows), "Spearman's ρ of zero-shot F1 and gain", digits=3)

# %% [markdown]
# ## With fewer sentences
#
# Table 3 is one point: the whole training set. What another language's annotators would like to know is what the polyglot
# model is worth when there are fifty sentences, or two hundred. Each set below is part of the next larger one; at 0 the
# polyglot model is as it came. Early stopping looks at all of the development data, which favours both sides alike.

# %%
from polyner.charts import target_curves

curves = novel.learning_curves(study)
draw(target_curves, curves)

# %% tags=["hide-input"]
show(
    curves.pivot_table("f1", ["language", "sentences"], "regime").reset_index(),
    "F1 on test by the number of training sentences (mean over seeds)",
    fold=True,
)

# %% [markdown]
# ## The claims of this section
#
# On the recorded corpora:

# %% tags=["hide-input"]
from polyner.book.recorded import show_recorded_verdicts

claims = [
    "novel-zero-shot-poor",
    "novel-zero-shot-script",
    "novel-finetune",
    "novel-zero-shot-no-guide",
]

show_recorded_verdicts(claims)

# %% [markdown]
# And in this run:

# %% tags=["hide-input"]
from polyner.book.verdicts import show_verdicts
from polyner.paper import Evidence, verdicts

evidence = Evidence(results, page.corpora, counts, profile=page.settings.profile)
show_verdicts(verdicts(evidence, claims))

# %%
page.footer()
