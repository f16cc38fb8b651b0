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
# # The character and byte CRF
#
# The paper's standard model (§3.1), after {cite:t}`lample-etal-2016-neural`: bytes or characters of a word → BiLSTM → a vector for
# the word → BiLSTM over the sentence → scores for each tag → a linear-chain conditional random field (CRF) {cite:p}`lafferty-etal-2001-conditional`, which
# chooses among whole sequences of tags. This page goes through it part by part. The code blocks under a name are read
# from the package as the page runs; beside them stand small examples.

# %% tags=["parameters"]
profile: str = "quick"  # smoke, quick, laptop, paper, or a path to a .yml file
# Whatever is None below is as the profile says.
corpora: str = None  # "sample", or a folder of <ISO 639-3>/train.conll and so on
languages: list = None  # ISO 639-3 codes
types: dict = None  # projection of entity types: {"LOCORG": "LOC", "DATE": None}

# %% tags=["remove-input"]
from polyner.book.code import show_code
from polyner.book.page import draw, open_page, show

page = open_page(globals())
page.banner()

# %% [markdown]
# ## A word is spelled
#
# The byte CRF spells a word in UTF-8, where one alphabet of 256 does for every script. The character CRF has an
# embedding for each character that training showed it at least twice; all others share one. The paper tried
# both, because Gillick et al. (2016) had found that languages help each other through bytes.

# %% tags=["remove-input"]
from polyner.models.characters import Speller

show_code(Speller)

# %% [markdown]
# One city in five scripts. A character takes one byte in English, two in Cyrillic and Arabic, and three in Devanagari and
# Ge'ez, so the same name can be twice as long for the byte CRF:

# %% tags=["hide-input"]
import pandas as pd

from polyner.models.word_crf import ByteCRF, CharacterCRF, WordCRFConfig

names = ["London", "Лондон", "لندن", "लंदन", "ለንደን"]
sizes = WordCRFConfig(embedding_size=16, unit_layers=1, unit_hidden_size=16)
tag_names = ["O", "B-LOC", "I-LOC"]
byte_crf = ByteCRF(sizes, tag_names, ["eng"])
character_crf = CharacterCRF(sizes, tag_names, ["eng"], characters=list("Lnod"))
spelled = [
    {
        "word": name,
        "letters": len(name),
        "bytes": len(byte_crf.spell(name)),
        "byte CRF": bytes(byte_crf.spell(name)).hex(" "),
        "character CRF": str(character_crf.spell(name)),
    }
    for name in names
]
show(pd.DataFrame(spelled), "Words as each reads them; the second knows L, n, o and d")

# %% [markdown]
# Letters of one script often begin with the same byte, as those of Лондон do with `d0`. Between scripts the spellings
# have little in common. To the character CRF, a script that it never saw is a row of unknowns, 0.
#
# ## A word becomes a vector
#
# The word encoder sees no context, so a word has the same vector wherever it stands, and the distinct words of a batch go
# through the BiLSTM once. What is longer than 64 bytes or characters is cut, as in the paper's code. The paper says that
# a word passes through a multi-layer BiLSTM; its code joins the final states of both directions of *every* layer,
# 2 × 2 × 256 numbers, and so does this one, unless it is told `word_vector="last_layer"`.

# %% tags=["remove-input"]
from polyner.models.word_crf import WordCRF

show_code(WordCRF._encode_words)

# %% [markdown]
# ## The sentence is read
#
# A second BiLSTM runs over the word vectors, now with context, and a linear layer turns its states into *emissions*: a
# score for each tag of each word. Dropout stands before each LSTM and behind the last.

# %% tags=["remove-input"]
from polyner.models.sentence_crf import SentenceCRF

show_code(SentenceCRF.emissions)

# %% [markdown]
# Before training, these are noise. A small byte CRF, trained here for some seconds on a few sentences of one or two
# languages, gives the rest of the page something to show. The loop is all there is to training; that of the
# experiments adds early stopping and checkpoints.

# %%
import torch

chosen = dict(list(page.examples().items())[:2])
pairs = [(code, s) for code, corpus in chosen.items() for s in corpus.train[:100]]
codes, sentences = [code for code, _ in pairs], [sentence for _, sentence in pairs]

torch.manual_seed(1)
small = WordCRFConfig(
    embedding_size=16, unit_layers=1, unit_hidden_size=32, sentence_hidden_size=32
)
tagger = ByteCRF.build(small, {code: corpus.train for code, corpus in chosen.items()})
encoded = tagger.encode(sentences, codes, training=True)
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.01)
losses = []
for _ in range(10):
    total = 0.0
    for examples in torch.randperm(len(sentences)).split(16):
        optimizer.zero_grad()
        loss = tagger.loss(encoded.batch(examples))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(examples)
    losses.append(total / len(sentences))
print("−log p(y | x) by epoch:", *[f"{loss:.1f}" for loss in losses])
tagger = tagger.eval().requires_grad_(False)

# %% [markdown]
# ## Whole sequences are scored
#
# The score of a sequence of tags adds up its emissions $e$, a transition $A$ for each pair of neighbours, and scores for the first
# and the last tag, $b$ and $f$. The probability of a sequence is its share of all sequences:
#
# $$s(x, y) = b_{y_1} + \sum_t e_{t, y_t} + \sum_{t>1} A_{y_{t-1}, y_t} + f_{y_T}, \qquad
# p(y \mid x) = \frac{e^{s(x, y)}}{Z(x)}, \qquad Z(x) = \sum_{y'} e^{s(x, y')}$$
#
# Training maximises the log-likelihood of the gold sequence. The paper's code has transitions only; start and end scores
# are pytorch-crf's, whose layer holds all three here. $Z$ sums over $K^T$ sequences; a recursion needs $T K^2$ steps:

# %% tags=["remove-input"]
from polyner.models.crf import LinearChainCRF, _forward, log_likelihood, log_partition

show_code(_forward)

# %% [markdown]
# It gives the same number as writing all sequences down, here for the first three words of a sentence from the
# development set:

# %% tags=["hide-input"]
from itertools import product

from polyner.corpora.sentence import Sentence

code, corpus = next(iter(chosen.items()))
with_names = [s for s in corpus.dev if len(set(s.tags)) > 2] or corpus.dev
example = min(with_names, key=len)


def scores_of(sentence):
    """Emissions (1, T, K), mask (1, T) and the chain of one sentence."""
    read = tagger.encode([sentence], [code]).batch(torch.tensor([0]))
    scored, chain = tagger.scores(read)
    return scored, read.mask, chain


beginning = Sentence(example.words[:3], example.tags[:3])
e, mask, chain = scores_of(beginning)
A, b, f = chain.transitions, chain.start, chain.end
T, K = e.shape[1:]
every = torch.tensor(list(product(range(K), repeat=T)))
s = b[every[:, 0]] + f[every[:, -1]] + sum(e[0, t, every[:, t]] for t in range(T))
s = s + sum(A[every[:, t - 1], every[:, t]] for t in range(1, T))
print(f"{len(every)} sequences, log Z = {torch.logsumexp(s, 0):.4f}")
print(f"by recursion,  log Z = {log_partition(e, mask, chain).item():.4f}")

gold = torch.tensor([[tagger.tags.index(tag) for tag in beginning.tags]])
row = (every == gold).all(1).nonzero().item()
likelihood = log_likelihood(e, gold, mask, chain).item()
print(f"log p of {' '.join(beginning.tags)}: {likelihood:.4f}")
print(f"by counting: {(s[row] - torch.logsumexp(s, 0)).item():.4f}")

# %% [markdown]
# These are the transitions that a few seconds of training have learnt, from the tag of a row to that of a column. No rule
# is built in: that I- follows a B- or I- of its own type has to be learnt, and is, where training shows it often enough.

# %% tags=["hide-input"]
from polyner.charts.models import score_map, score_table

transitions = score_table(tagger.tags, tagger.tags, chain.transitions.T.tolist())
draw(score_map, transitions, "Transitions: from a row's tag to a column's")

# %% [markdown]
# ## The best sequence
#
# Viterbi finds the sequence with the highest score: for each tag of each word, the best way to get there, and at the
# end the way back. The loop is over words only; a batch's sentences and all tags are computed at once.

# %% tags=["remove-input"]
from polyner.models.crf import viterbi

show_code(viterbi)

# %% tags=["hide-input"]
e, mask, chain = scores_of(example)
path = viterbi(e, mask, chain)[0]
draw(
    score_map,
    score_table(example.words, tagger.tags, e[0].tolist(), path.tolist()),
    "Emissions of a sentence, and the Viterbi path",
    "emission",
)

alone = e[0].argmax(dim=1)
compared = {
    "word": example.words,
    "gold": example.tags,
    "Viterbi": [tagger.tags[k] for k in path],
    "each word's best emission": [tagger.tags[k] for k in alone],
}
what = "The path, and what it would be without transitions"
show(pd.DataFrame(compared), what, fold=True)

# %% [markdown]
# ## How sure it is
#
# The same recursion, run from both ends, gives the probability of each tag of each word, summed over all sequences that
# have it there.

# %% tags=["remove-input"]
from polyner.models.crf import marginals

show_code(marginals)

# %% tags=["hide-input"]
p = marginals(e, mask, chain)[0]
draw(
    score_map,
    score_table(example.words, tagger.tags, p.tolist(), path.tolist()),
    "Marginal probabilities, and the Viterbi path",
    "probability",
)

# %% [markdown]
# Run backwards, it draws sequences from $p(y \mid x)$ itself: one tag after the other, each given the one
# behind it. The Fisher information of §5.3 is an expectation over such draws. Their shares come to the marginals:

# %% tags=["remove-input"]
from polyner.models.crf import sample

show_code(sample)

# %% tags=["hide-input"]
draws = sample(e, mask, chain, count=1000, generator=torch.Generator().manual_seed(1))
shares = torch.nn.functional.one_hot(draws[:, 0], len(tagger.tags)).float().mean(0)
checked = {
    "word": example.words,
    "tag": [tagger.tags[k] for k in path],
    "marginal": p.gather(1, path[:, None])[:, 0],
    "share of 1,000 draws": shares.gather(1, path[:, None])[:, 0],
}
show(pd.DataFrame(checked), "The tags of the Viterbi path", digits=3, fold=True)

# %% [markdown]
# ## Transitions of one's own
#
# If languages distribute their labels differently, one matrix of transitions for all of them may hold a polyglot model
# back. So the paper also trains one with a matrix for each language and everything else shared (§4): here
# `language_transitions=True`, which makes the chain one a sentence.

# %% tags=["remove-input"]
show_code(LinearChainCRF.chain)

# %% [markdown]
# ## At the paper's sizes
#
# Embeddings of 256, two BiLSTM layers of 256 per direction over a word's units, one over the words, dropout 0.2 before
# each LSTM and behind the last. The paper's code has 512 where the paper has 256 per direction over the words; here it is
# the paper's. `WordCRFConfig` has every choice with its reason.

# %% tags=["hide-input"]
full = ByteCRF(WordCRFConfig(), tagger.tags, tagger.languages)
print(f"{sum(p.numel() for p in full.parameters()):,} parameters")

# %% [markdown]
# How the two do beside the other architectures is on the page [One language or many](../02-baselines).

# %% tags=["remove-input"]
page.footer()
