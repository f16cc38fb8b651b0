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
# # The claims
#
# Each page before this one shows the claims of its section. Here they are together: 22 sentences of the paper that a
# study can support or contradict, and what the recorded studies, and then this run, say about each.
#
# A verdict is computed, never typed in. A claim has parts, one for each architecture and group of languages that it is
# about: a figure, such as the mean F1 of fine-tuned less that of monolingual models, with a 95 % interval, and a line that
# it is held against. The claim *holds* where all its parts do. It *does not hold* where one of them contradicts it, also after
# Holm's correction for their number. Otherwise it is *undecided*: an interval crosses the line, a side has one seed only,
# or more than one in ten of its runs were ended by the limit of epochs, before they had converged. It is *not run* where
# the models or languages that it is about are not at hand, and *not testable here* where it is about other corpora than
# these, or takes more languages. Parts that were not run are named, and decide nothing: the verdict is then one *of the parts run*.
#
# How to read a verdict:
#
# * It is about the corpora, models and training of its study, which the foot of the page lists. With other corpora, "does
#   not hold" says that the sentence is not true of them, and not that it was not true of the paper's.
# * Words such as *poor*, *little* or *far fewer* had to become numbers: the paper's where it has one, else half as a rule
#   (three in four for *nearly everywhere*). How each claim is judged stands with it below, and what its figure would be by
#   chance or by construction. Some lines were drawn anew when first results were known, where the first answered another
#   question or could come out in one way only.
# * *Undecided* does not say that there is no effect. It says that these runs cannot tell.
# * Intervals cover the seeds, and for F1 and errors also the choice of sentences; not the choice of languages, nor that of
#   hyper-parameters.
# * Each interval has its own chance of one in twenty to miss. Within a claim, that is allowed for; over the 22 claims it is
#   not.

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
from polyner.book.page import open_page
from polyner.book.verdicts import show_claims

page = open_page(globals())

# %% [markdown]
# The page needs the same models as the others, and finds them in the run store where they have been trained. *The paper*
# is the same figure computed from the paper's own Table 1 or 3, for the models and languages of the study. For its
# Figures 1 to 4 the paper prints no data.

# %%
from polyner.findings.study import SECTIONS
from polyner.paper.claims import QUESTIONS, claims, claims_of

questions = [question for asked in QUESTIONS.values() for question in asked]
findings = page.findings(*questions, sections=SECTIONS)
page.gaps()

# %% [markdown]
# ## §4: Polyglot models and their baselines
#
# From the pages about [the corpora](01-data) and [the baselines](02-baselines).

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["4"]))

# %% [markdown]
# ## §4.1: Fine-tuning
#
# From the page about [fine-tuning](03-fine-tuning).

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["4.1"]))

# %% [markdown]
# ## §4.2: Languages that the polyglot model has not seen
#
# From the page about [novel languages](04-novel-languages).

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["4.2"]))

# %% [markdown]
# ## §5.1: Errors
#
# From the [error analysis](05-error-analysis).

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["5.1"]))

# %% [markdown]
# ## §5.2: How many weights are needed
#
# From the page about [pruning](06-pruning).

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["5.2"]))

# %% [markdown]
# ## §5.3: Which weights matter to which language
#
# From the page about [Fisher overlap](07-fisher-overlap). The paper's figures here are LORELEI's; each part names the
# group that it is about.

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["5.3"]))

# %% [markdown]
# ## §6: Conjectures
#
# What the paper expects and does not test, from the pages about [many languages](09-many-languages) and
# [better optima](10-better-optima). They are not among the 22.

# %% tags=["remove-input"]
page.show(scores.verdicts_on, claims=claims_of(["6"]))
show_claims(claims(["6"]))

# %% [markdown]
# ## How each claim is judged
#
# The line that its figure is held against, what the figure would be by chance or by construction, and what the paper
# prints:

# %% tags=["remove-input"]
show_claims(claims())

# %% [markdown]
# ## Every run
#
# Of each study: its settings, what was not run, and a row for every run.

# %% tags=["remove-input"]
page.footer(runs=True)
