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

# %% tags=["remove-input"]
from polyner.book.exhibits import scores
from polyner.book.page import open_page, show

page = open_page(globals())

# %% [markdown]
# ## The paper's numbers

# %% tags=["remove-input"]
from polyner.paper import table3

wide = table3().pivot_table("f1", "language", "regime", sort=False)
wide = wide[["monolingual", "zero_shot", "fine_tuned"]].reset_index()
wide["gain"] = wide["fine_tuned"] - wide["monolingual"]
show(wide, "Table 3: F1 of the Byte-CRF on test, and the gain from fine-tuning")

# %% [markdown]
# ## Table 3 again
#
# The polyglot model is that of a group's languages (in the paper, LORELEI's), the novel languages are tagged by it as it
# is (*zero-shot*), and it is fine-tuned on each of them, from the run with the same seed and with the state of its
# optimizer, as on the page about [fine-tuning](03-fine-tuning). The types of names must be ones that the polyglot model
# knows; a corpus with others needs a projection (the parameter `types`).

# %%
from polyner.study.questions import CURVES, TABLE_3

findings = page.findings(TABLE_3, CURVES, sections=["4.2"])
page.gaps()

# %% tags=["remove-input"]
page.show(scores.novel)

# %% [markdown]
# **In short**: over bytes, the polyglot model finds few names in a language of the open corpora that it has not seen; in
# most languages of WikiANN, much of which is titles and lists, it finds more, on average three fifths of monolingual F1.
# Over a pretrained encoder's vectors it tags two of three such languages nearly as well as a model of their own does.
# Fine-tuned on the language, it gains over a monolingual model in most languages of WikiANN and, over the encoder, in two
# of three; over bytes on the open corpora it gains clearly in one of three. It is not seen to hurt any.
#
# **Open corpora**, which are most like the paper's: zero-shot F1 of Russian, Bengali and Yoruba is poor too, where the
# paper has 1.6, 2.1 and 29.0. With 2,500 training sentences a language it is 3, 3 and 15 (one seed), on average a tenth of
# monolingual F1; with 300 it is 3, 5 and 17 (three seeds), on average a sixth. What fine-tuning gains over monolingual
# models differs between languages, as the paper says (Cochran's Q with 300 sentences: p = 0.006): 3.5 in Yoruba (1.3 to
# 5.6), and nothing clear in Russian (0.5, −1.5 to +2.5) and Bengali (−1.1, −3.0 to +0.8), where the paper has +2.3, −2.4
# and +0.5. That it hurts any of them is not seen. With 2,500 sentences it gains less than a point in each (one seed).
#
# **Open corpora, over the vectors of a pretrained encoder** (300 sentences, three seeds). A language that is novel to the
# tagger need not be novel to the encoder: zero-shot F1 is 63 in Russian and 57 in Bengali, where monolingual models have 65
# and 57, and 44 for 62 in Yoruba, and fine-tuned models gain 6.7 (4.8 to 8.6), 6.2 (4.3 to 8.1) and 0.9 (−1.0 to +2.9).
# That suggests that what fails to transfer over bytes is less the task than what the words are; but the two differ in more
# than that, in architecture and in all that the encoder has read.
#
# **WikiANN.** Of fifteen languages, three at a time novel to a model of the other twelve, fine-tuned models gain 7.1 points
# over monolingual ones on average, with a plus in 13 languages, of which nine are clear by the choice of test sentences
# alone. The most is in Yoruba (20.8), which has 86 training and 46 test sentences; without it, it is 6.1. Hindi and Russian
# lose 0.8 and 1.5 points, neither clearly. As it is, the polyglot model has 38.0 F1, three fifths of the 63.9 of
# monolingual models: it is as good as these in Dutch and nearly so in English and Spanish. But much of this text is titles
# and lists, where a sentence is no more than a name: whoever calls every sentence one name, and no more, has 11.3 (*one
# name* in the table below), in Yoruba 36, in Bengali 29. In Yoruba and Hindi zero-shot F1 is below that (30 for 36, 5 for
# 16), in Russian hardly above it (7 for 6). These are 1,000 sentences a language, where the paper has some 4,300 of each it
# trains on and 1,750 to 11,300 of the novel one, and one seed: in a single language four points may be chance, in Yoruba
# eleven.

# %% [markdown]
# ## Relatives in the training set
#
# The paper explains its four cases by relatedness: Yoruba shares its script with much of the training set, Bengali is
# close to Hindi, Uzbek shares a script but no family, and Russian no script, nor is it close to any of them. Below,
# script, family and genus come from Table 2 where it has the language (the share of the training languages that have the
# same). For Uzbek, Table 2 has the Arabic script, while LORELEI's Uzbek texts are largely in Latin letters: its *shared
# script*, and what rests on it, is in doubt. What a byte model sees is nearer to the last columns: of the byte n-grams in
# the language's training text, the share that also occurs in that of the training languages. A script of two or three
# bytes a letter shares its first bytes with its neighbours in Unicode, so 2-grams overlap where no letter does.
#
# *"Zeroshot performance does not seem to be a good indicator of transferability"*: the rank correlation of zero-shot F1
# with the gain stands below the chart. Four pairs are too few to decide anything, whatever their order: the smallest
# two-sided p-value that they can have is 1 in 12.

# %% tags=["remove-input"]
page.show(scores.relatedness)

# %% [markdown]
# Of the fifteen, three (Bengali, Hindi, Russian) share a script with no training language: too few to tell what a script is
# worth (zero-shot F1 is 28 points lower in them, −6 to 63). Whether zero-shot F1 says what fine-tuning will gain hangs by a
# thread: a rank correlation of 0.58 (−0.02 to 0.89 by resampling languages; by the usual test of fifteen pairs p is 0.02),
# where the paper saw none. Nearer at hand is that a language gains the more, the less its own model knows: with monolingual
# F1 the gains have a rank correlation of −0.8 (without an interval). Part of that comes by itself, since a model that is
# low by chance gains more.

# %% [markdown]
# ## With fewer sentences
#
# Table 3 is one point: the whole training set. What another language's annotators would like to know is what the polyglot
# model is worth when there are fifty sentences, or two hundred. Each set below is part of the next larger one; at 0 the
# polyglot model is as it came. Early stopping looks at all of the development data, which favours both sides alike. No
# curve on real corpora is recorded: what follows is on the sample, and proves nothing.

# %% tags=["remove-input"]
page.show(scores.curves)

# %% [markdown]
# ## The claims of this section

# %% tags=["remove-input"]
claims = ["novel-zero-shot-poor", "novel-zero-shot-script"]
claims += ["novel-finetune", "novel-zero-shot-no-guide"]
page.show(scores.verdicts_on, claims=claims)

# %% tags=["remove-input"]
page.footer()
