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
# # The corpora
#
# The paper trains on two groups of languages, and keeps four more for last (Table 2). The four **CoNLL** languages are
# European, written in one alphabet, and come from the shared tasks of 2002 {cite:p}`tjong-kim-sang-2002-introduction` and
# 2003 {cite:p}`tjong-kim-sang-de-meulder-2003-introduction`. The ten **LORELEI** languages have less data each (3,253 to
# 4,990 sentences, where the CoNLL languages have 8,323 to 15,806), but more variety: Ge'ez, Arabic, Devanagari and Latin
# letters, these with and without Vietnamese's marks. Four **held-out** languages are never part of a polyglot model; a
# later question is what such a model knows about them.
#
# This page puts the corpora of this run beside Table 2, and asks two things that matter for everything after it: do
# languages label the same things equally often, and how much of a test set has been seen in training?

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes
groups: dict = None  # of languages trained together: {"romance": ["fra", "ita"]}
facts: dict = None  # of languages: {"cat": {"genus": "Romance"}}
models: list = None  # char-crf, byte-crf, charner, byte-to-span
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
from polyner.book.exhibits import scores
from polyner.book.page import draw, open_page, show

page = open_page(globals())
page.banner()

# %% [markdown]
# ## Table 2 beside the corpora at hand
#
# Words are brought to Unicode's composed normal form (NFC) as they are read, so that one word has one spelling in
# bytes. *Repairs* counts `I-` tags that continued nothing and became `B-`. A dash stands for what is not at hand. This
# page shows every corpus whole; the other pages train on the languages of the profile, and on no more sentences than
# it says.

# %%
from polyner.analysis.labels import corpus_sizes, split_overlap
from polyner.charts import corpus_sizes as draw_sizes

sizes = corpus_sizes(page.all_corpora, page.settings.grouped)
draw(draw_sizes, sizes)

# %% tags=["remove-input"]
show(
    sizes.drop(columns=["language", "family", "genus"]),
    "Sentences of the paper's training sets and of the corpora at hand",
    fold=True,
)

# %% [markdown]
# Families and genera are as Table 2 prints them, which is not beyond dispute: it gives Indo-Iranian, a branch of
# Indo-European, as the family of Farsi, and the Arabic script for Uzbek, whose LORELEI texts are largely in Latin letters.

# %% tags=["remove-input"]
show(
    sizes[["name", "family", "genus", "script"]],
    "The languages as Table 2 describes them",
    fold=True,
)

# %% [markdown]
# ## What is labelled, and how often
#
# The types of entities are read from the corpora. In the paper the CoNLL corpora have people (PER), organisations
# (ORG), places (LOC) and a remainder (MISC); the LORELEI corpora have no MISC, but tell geo-political entities (GPE)
# from other places.
#
# Below are the corpora of each study, projected to the types that most of them have, and cut to as many sentences as were
# trained on. The open corpora come [from ten sources](your-corpora): where two languages differ, so do their corpora, in
# what was labelled and how, and MISC is in some of them only.

# %%
findings = page.findings(sections=["4"])

# %% tags=["remove-input"]
page.show(scores.labels)

# %% tags=["remove-input"]
from polyner.book.page import say
from polyner.corpora.prepare import describe_projection

projection = describe_projection(page.settings.types)
say(f"Projection of entity types in this run: {projection}.")

# %% [markdown]
# Murthy et al. (2018) found that languages with different label distributions transfer less to each other. The paper
# sees large differences among the CoNLL languages, little among the LORELEI ones, and tests on the [next
# page](02-baselines) whether that explains why polyglot models fall behind. To put a number on it: the Jensen–Shannon
# divergence of two languages' distributions of entity types is 0 bits where they are equal and 1 bit where they share
# no type. The means stand in the tables above.

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=["baselines-label-shift"])

# %% [markdown]
# Where the corpora are the paper's, the figure has an interval, from resampling training sentences. It knows nothing of
# annotators: where a group's corpora come
# from different projects with different guidelines, as freely available ones do, the divergence measures the
# guidelines too.
#
# ## What the test sets share with the training sets
#
# A test sentence that was seen in training is no test, and an entity that was seen there is an easy one.

# %% tags=["hide-input"]
overlap = split_overlap(page.all_corpora, page.settings.grouped)
percent = overlap.assign(
    **{name: 100 * overlap[name] for name in ("seen_sentences", "seen_entities")}
)
show(
    percent.rename(
        columns={
            "seen_sentences": "seen sentences (%)",
            "seen_entities": "seen entities (%)",
        }
    ),
    "Sentences of dev and test that occur in training, and mentions whose spelling and type do",
    digits=1,
    fold=True,
)

# %% [markdown]
# ## What is wrong with the files
#
# The same counts as `polyner corpora validate` gives: sentences that are *repeated* within a file, or occur in train
# or dev as well; tags *repaired* and lines *cleaned* of control characters while reading; words that are *not in
# NFC*, so that one spelling has several forms in bytes; words that are *lone marks*, without a letter; words *turned*
# by characters that set a direction; the longest sentence (in words) and word (in bytes); words in *other scripts*
# than the language's own and the Latin one; and words that were probably decoded wrongly, with examples: letters of
# two scripts in one word, or UTF-8 taken for another encoding. `polyner corpora validate --deduplicate` writes splits
# without repeated sentences.

# %%
from polyner.charts import repeated_sentences
from polyner.corpora.quality import COLUMNS, quality_table

quality = quality_table(page.settings.corpora)
if quality["seen_in_train"].any():
    draw(repeated_sentences, quality)
else:
    say("No sentence of dev or test occurs in train.")

# %% tags=["remove-input"]
names = {**COLUMNS, "examples": "for example"}
show(
    quality[["language", "split", *names]].rename(columns=names),
    "Every file of the corpora at hand, and what is wrong with it",
    digits=0,
    fold=True,
)

# %% tags=["remove-input"]
page.footer()
