"""The word-level CRF: encoding distinct words once changes nothing, and a saved tagger is the same tagger."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models import load_tagger, model_class
from polyner.models.crf import log_likelihood, log_partition, marginals
from polyner.models.ragged import Ragged
from polyner.training.config import TrainingConfig
from polyner.training.loop import predict
from tests.conftest import built, sentence, small_corpus

WORD_MODELS = ("char-crf", "byte-crf")
TINY = {"embedding_size": 6, "unit_hidden_size": 5, "sentence_hidden_size": 4, "dropout": 0.0}


def tagger(name="byte-crf", languages=("eng",), **overrides):
    return built(name, {code: small_corpus(code).train for code in languages}, **{**TINY, **overrides})


def each_word_alone(model, sentences, language=""):
    """Emissions by the definition: every word of every sentence encoded by itself, every sentence by itself."""
    emissions = []
    for s in sentences:
        vectors = []
        for word in s.words:
            units = torch.tensor([model.spell(word)[: model.config.max_word_length]])
            _, final = model.unit_encoder(model.embedding(units), torch.tensor([units.shape[1]]))
            vectors.append(final[-2 * model.layers_used :, 0].flatten())
        states, _ = model.sentence_encoder(torch.stack(vectors)[None], torch.tensor([len(vectors)]))
        emissions.append(model.to_tags(states)[0])
    return emissions


@pytest.mark.parametrize("name", WORD_MODELS)
@pytest.mark.parametrize("word_vector", ["all_layers", "last_layer"])
def test_distinct_words_encoded_once_give_the_same_scores_and_gradients(name, word_vector):
    model = tagger(name, word_vector=word_vector)
    sentences = [
        *small_corpus().train[:6],
        sentence("Ann/B-PER Ann/B-PER saw Ann/B-PER"),
        Sentence(("አዲስ", "x" * 100), ("O", "O")),
    ]
    languages = ["eng"] * len(sentences)
    batch = model.encode(sentences, languages, training=True).batch(torch.arange(len(sentences)))
    emissions, _ = model.scores(batch)
    expected = each_word_alone(model, sentences)
    for n, plain in enumerate(expected):
        torch.testing.assert_close(emissions[n, : len(plain)], plain)

    model.zero_grad()
    model.loss(batch).backward()
    found = {key: parameter.grad.clone() for key, parameter in model.named_parameters()}
    model.zero_grad()
    tags = [torch.tensor([[model.tags.index(tag) for tag in s.tags]]) for s in sentences]
    losses = [
        -log_likelihood(e[None], t, torch.ones_like(t, dtype=torch.bool), model.crf.chain(torch.tensor([0])))
        for e, t in zip(each_word_alone(model, sentences), tags, strict=True)
    ]
    torch.cat(losses).mean().backward()
    for key, parameter in model.named_parameters():
        torch.testing.assert_close(found[key], parameter.grad, msg=f"gradient of {key}")


def test_tagging_a_whole_set_gives_what_tagging_each_sentence_gives(monkeypatch):
    model = tagger().eval()
    words = [s.words for s in small_corpus().train]
    together = model.tag(words)
    assert together == [model.tag([one])[0] for one in words]
    assert [len(tags) for tags in together] == [len(one) for one in words]
    monkeypatch.setattr("polyner.models.tagger._SENTENCES_AT_ONCE", 7)
    assert model.tag(words) == together


def test_padding_changes_nothing_in_training_batches():
    model = tagger()
    short, long = sentence("Ann/B-PER"), small_corpus().train[0]
    encoded = model.encode([short, long], ["eng"] * 2, training=True)
    both = model.loss(encoded.batch(torch.tensor([0, 1])))
    alone = [model.loss(encoded.batch(torch.tensor([i]))) for i in (0, 1)]
    torch.testing.assert_close(both, sum(alone) / 2)


def test_dropout_is_off_when_tagging_and_the_mode_is_kept():
    model = tagger(dropout=0.5).train()
    words = [s.words for s in small_corpus().train]
    assert model.tag(words) == model.tag(words)
    assert model.training


@pytest.mark.parametrize("name", WORD_MODELS)
def test_a_saved_tagger_is_loaded_with_the_same_tags_and_probabilities(tmp_path, name):
    model = tagger(name, ("eng", "spa"), language_transitions=True).eval()
    model.save_pretrained(tmp_path)
    loaded = load_tagger(tmp_path).eval()
    assert (loaded.name, loaded.tags, loaded.languages, loaded.config) == (
        name,
        model.tags,
        model.languages,
        model.config,
    )
    sentences = small_corpus().test
    batch, again = (
        m.encode(sentences, ["spa"] * len(sentences)).batch(torch.arange(len(sentences))) for m in (model, loaded)
    )
    for tagger_, b in ((model, batch), (loaded, again)):
        b_scores = log_partition(*[tagger_.scores(b)[0], b.mask, tagger_.scores(b)[1]])
        torch.testing.assert_close(b_scores, log_partition(model.scores(batch)[0], batch.mask, model.scores(batch)[1]))


def test_what_cannot_be_loaded_says_so_in_one_line(tmp_path):
    with pytest.raises(PolynerError, match="no saved tagger"):
        load_tagger(tmp_path)
    model = tagger()
    model.save_pretrained(tmp_path / "good")
    weights = (tmp_path / "good" / "model.safetensors").read_bytes()
    (tmp_path / "good" / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(PolynerError, match="no byte-crf can be loaded") as caught:
        load_tagger(tmp_path / "good")
    assert "\n" not in str(caught.value)
    tagger(unit_hidden_size=9).save_pretrained(tmp_path / "other")
    config = (tmp_path / "good" / "config.json").read_text()
    (tmp_path / "other" / "config.json").write_text(config)
    with pytest.raises(PolynerError, match="no byte-crf can be loaded"):
        load_tagger(tmp_path / "other")


def test_language_transitions_need_a_language_they_know():
    model = tagger(languages=("eng", "spa"), language_transitions=True)
    assert len(model.crf.crfs) == 2
    assert model.tag([["Ann"]], "spa") != []
    with pytest.raises(PolynerError, match="transitions of its own for eng, spa: name one of them, not 'deu'"):
        model.tag([["Ann"]], "deu")


def test_a_tag_the_tagger_lacks_is_named():
    with pytest.raises(PolynerError, match="no tag 'B-XYZ'"):
        tagger().encode([sentence("a/B-XYZ")], ["eng"], training=True)


def test_an_empty_word_is_refused_and_an_empty_sentence_gets_no_tags():
    model = tagger()
    assert model.tag([[], ["Ann"], []])[::2] == [[], []]
    assert model.tag([]) == []
    with pytest.raises(PolynerError, match="empty word"):
        model.tag([["Ann", ""]])


def test_rare_characters_share_the_unknown_one():
    model = tagger("char-crf")
    assert model.spell("Anλ")[2] == 0
    assert 0 not in model.spell("Anna")
    assert all(0 <= unit < 256 for unit in tagger().spell("Anλ𝒜"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"hidden": 3}, "byte-crf: unknown setting 'hidden'"),
        ({"word_vector": "first"}, "it should be 'all_layers' or 'last_layer'"),
        ({"unit_layers": 0}, "unit_layers: 0 was given; it should be greater than or equal to 1"),
        ({"max_word_length": 0}, "max_word_length: 0 was given"),
        ({"dropout": 1.0}, "dropout: 1.0 was given; it should be less than 1"),
    ],
)
def test_unknown_sizes_are_named(overrides, message):
    with pytest.raises(PolynerError, match=message):
        model_class("byte-crf").configure(overrides)


def test_an_unknown_model_is_named():
    with pytest.raises(PolynerError, match="unknown model 'gpt': one of char-crf, byte-crf, charner, byte-to-span"):
        model_class("gpt")


def test_the_papers_sizes_are_the_defaults():
    config = model_class("byte-crf").configure()
    assert (config.embedding_size, config.unit_layers, config.unit_hidden_size) == (256, 2, 256)
    assert (config.sentence_layers, config.sentence_hidden_size, config.dropout) == (1, 256, 0.2)
    assert TrainingConfig().learning_rate == 1e-3


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=6), st.data())
def test_ragged_rows_come_back(rows, data):
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1))
    values, mask = Ragged.of(rows).padded(torch.tensor(chosen))
    for row, value, m in zip(chosen, values, mask, strict=True):
        assert value[m].tolist() == rows[row]
        assert not value[~m].any()


def test_predictions_keep_the_mode():
    model = tagger().train()
    predict(model, model.encode(small_corpus().dev, ["eng"] * 12))
    assert model.training


def test_marginals_are_those_of_each_sentence_alone(monkeypatch):
    monkeypatch.setattr("polyner.models.tagger._SENTENCES_AT_ONCE", 2)
    model = tagger().eval()
    words = [list(s.words) for s in small_corpus().train[:5]] + [[], ["Ann"]]
    together = model.marginals(iter(words))
    for own, found in zip(words, together, strict=True):
        assert found.shape == (len(own), len(model.tags))
    for one, found in zip(small_corpus().train[:5], together, strict=False):
        batch = model.encode([one], ["eng"]).batch(torch.tensor([0]))
        with torch.no_grad():
            emissions, chain = model.scores(batch)
            torch.testing.assert_close(found, marginals(emissions, batch.mask, chain)[0])
    long = model.marginals([["Oxton"] * 3000])[0]
    torch.testing.assert_close(long.sum(1), torch.ones(3000))
