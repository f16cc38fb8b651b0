"""The CRF over a pretrained encoder, with a tiny one that is made here and loaded as any other."""

import shutil
from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.corpora.sample import sample_corpus
from polyner.errors import NotAvailable, PolynerError
from polyner.models import load_tagger
from polyner.models.encoder import FrozenEncoder, load_encoder, load_subwords
from polyner.models.encoder_files import locate
from polyner.models.mbert_crf import MBertConfig, MBertCRF
from polyner.training.config import TrainingConfig
from polyner.training.loop import train
from tests.models.encoders import save_tiny_encoder

SPANISH = sample_corpus("spa")
AMHARIC = sample_corpus("amh")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"), list(SPANISH.train[:200]))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def config(encoder, **settings):
    return MBertConfig(encoder=str(encoder), sentence_hidden_size=16, **settings)


def literal_vectors(encoder, words, layers=4):
    """Word by word what the paper describes, for a sentence that fits the encoder."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(encoder)
    coded = tokenizer([list(words)], is_split_into_words=True, return_tensors="pt")
    with torch.no_grad():
        hidden = load_encoder(encoder)(**coded, output_hidden_states=True).hidden_states
    first = [coded.word_ids(0).index(i) for i in range(len(words))]
    return torch.stack([torch.cat([hidden[-layers + k][0, place] for k in range(layers)]) for place in first])


def test_word_vectors_are_the_last_four_layers_at_the_first_subword(encoder):
    sentences = [s.words for s in SPANISH.train[:5]]
    vectors = FrozenEncoder(str(encoder), "main", 4).vectors(sentences, ["spa"] * 5, torch.device("cpu"))
    expected = torch.cat([literal_vectors(encoder, words) for words in sentences])
    torch.testing.assert_close(vectors.float(), expected, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("trained", [False, True])
def test_vectors_are_laid_out_by_sentence_and_word(encoder, trained):
    sentences = list(SPANISH.train[:6])
    tagger = MBertCRF.build(config(encoder, trained=trained), {"spa": sentences}).eval()
    encoded = tagger.encode(sentences, ["spa"] * 6, training=True)
    batch = encoded.batch(torch.tensor([4, 1]))
    vectors = tagger.vectors(batch)
    for row, example in enumerate([4, 1]):
        words = sentences[example].words
        torch.testing.assert_close(vectors[row, : len(words)], literal_vectors(encoder, words), atol=2e-3, rtol=2e-3)
        assert not vectors[row, len(words) :].any()
        assert [tagger.tags[i] for i in batch.tags[row, : len(words)]] == list(sentences[example].tags)


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(st.lists(st.lists(words, min_size=1, max_size=30), min_size=1, max_size=4), st.integers(5, 20))
@settings(max_examples=60, deadline=None)
def test_windows_hold_every_word_and_are_cut_between_words(encoder, sentences, limit):
    subwords = load_subwords(encoder)
    try:
        whole, subwords.limit = subwords.limit, limit
        windows = subwords.windows(sentences)
    finally:
        subwords.limit = whole
    room = limit - 2
    assert max(windows.windows.lengths) <= limit
    unknown = subwords._tokenizer.unk_token_id
    found, own = [], []
    for numbers in torch.arange(len(windows.window)).split([len(s) for s in sentences]):
        batch = windows.batch(numbers)
        found.append(batch.ids[batch.window, batch.place].tolist())
        own.append(windows.window[numbers].unique().tolist())
    assert list(chain.from_iterable(own)) == list(range(len(windows.windows)))
    assert found == [[(ids or (unknown,))[:room][0] for ids in subwords.pieces(s)] for s in sentences]
    joined = [sum(int(windows.windows.lengths[w]) - 2 for w in of_sentence) for of_sentence in own]
    assert joined == [sum(min(max(len(ids), 1), room) for ids in subwords.pieces(s)) for s in sentences]


def test_long_sentences_are_split_and_joined_again(encoder):
    long = tuple(w for s in SPANISH.train[:30] for w in s.words)
    tagger = MBertCRF.build(config(encoder), {"spa": SPANISH.train[:30]})
    windows = load_subwords(encoder).windows([long])
    assert len(windows.windows) > 2
    (tags,) = tagger.tag([long], "spa")
    assert len(tags) == len(long)
    # Within its own window a word's vector is as if the window were the sentence.
    second = windows.window == 1
    vectors = FrozenEncoder(str(encoder), "main", 4).vectors([long], ["spa"], torch.device("cpu"))
    alone = [word for word, here in zip(long, second.tolist(), strict=True) if here]
    torch.testing.assert_close(vectors[second].float(), literal_vectors(encoder, alone), atol=2e-3, rtol=2e-3)


def test_words_of_which_nothing_is_left_are_unknown_and_counted(encoder):
    subwords = load_subwords(encoder)
    assert subwords.unknown_share([["Madrid", "\u200b", "ሰላም", "\u0000"]]) == 0.75
    tagger = MBertCRF.build(config(encoder), {"spa": SPANISH.train[:30]})
    assert [len(tags) for tags in tagger.tag([["\u200b"], ["Madrid", "\u200b", "ሰላም"]])] == [1, 3]


def test_a_language_unknown_to_the_vocabulary_is_left_out_by_measuring(encoder):
    assert config(encoder).obstacle(SPANISH.train[:50]) is None
    assert "of its words are unknown to the encoder" in config(encoder).obstacle(AMHARIC.train[:50])
    assert config(encoder, most_unknown=1.0).obstacle(AMHARIC.train[:50]) is None


def test_one_pass_serves_all_later_ones(encoder, cache, monkeypatch):
    spanish, amharic = [s.words for s in SPANISH.train[:4]], [s.words for s in AMHARIC.train[:3]]
    frozen = FrozenEncoder(str(encoder), "main", 4)
    alone = frozen.vectors(spanish, ["spa"] * 4, torch.device("cpu"))
    frozen.vectors(amharic, ["amh"] * 3, torch.device("cpu"))
    monkeypatch.setattr("polyner.models.encoder.load_encoder", pytest.fail)
    together = frozen.vectors(spanish + amharic, ["spa"] * 4 + ["amh"] * 3, torch.device("cpu"))
    assert torch.equal(together[: len(alone)], alone)
    assert len(list(cache.rglob("*.safetensors"))) == 2


def test_a_damaged_cache_file_is_computed_again(encoder, cache):
    frozen = FrozenEncoder(str(encoder), "main", 4)
    before = frozen.vectors([["Madrid"]], ["spa"], torch.device("cpu"))
    (path,) = cache.rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:20])
    assert torch.equal(frozen.vectors([["Madrid"]], ["spa"], torch.device("cpu")), before)


def test_another_encoder_in_the_same_folder_is_another_revision(encoder, tmp_path):
    folder = shutil.copytree(encoder, tmp_path / "encoder")
    pinned = config(folder).pinned()
    assert pinned.revision == locate(str(folder))[1] != "main"
    assert pinned.pinned() == pinned
    save_tiny_encoder(folder, list(SPANISH.train[:50]), size=8)
    assert config(folder).pinned().revision != pinned.revision
    with pytest.raises(NotAvailable, match="its files have changed"):
        pinned.pinned()


def test_an_encoder_that_cannot_be_had(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NotAvailable, match="no-such-organisation/no-such-encoder cannot be had"):
        locate("no-such-organisation/no-such-encoder")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAvailable, match="no encoder can be loaded"):
        MBertCRF.build(config(tmp_path / "empty"), {"spa": SPANISH.train[:2]})


def test_more_layers_than_the_encoder_has(encoder):
    with pytest.raises(PolynerError, match="the encoder has 4 layers, not 5"):
        MBertCRF.build(config(encoder, encoder_layers=5), {"spa": SPANISH.train[:2]})


@pytest.mark.parametrize("trained", [False, True])
def test_it_learns_and_is_saved_and_loaded(encoder, tmp_path, trained):
    sentences = SPANISH.train[:40]
    torch.manual_seed(1)
    tagger = MBertCRF.build(config(encoder, trained=trained, encoder_learning_rate=1e-3), {"spa": sentences})
    before = load_encoder(encoder).embeddings.word_embeddings.weight
    settings = TrainingConfig(learning_rate=0.01, batch_size=8, max_epochs=20, min_epochs=20)
    history = train(tagger, {"spa": sentences}, {"spa": sentences}, settings, tmp_path / "checkpoints", seed=1)
    assert history[-1]["loss"] < history[0]["loss"] / 2
    assert max(row["dev_f1"] for row in history) > 15, history[-1]
    held = {name.split(".")[0] for name in tagger.state_dict()}
    assert ("encoder" in held) == trained
    if trained:
        assert not torch.equal(tagger.encoder.embeddings.word_embeddings.weight, before)
    tagger.save_pretrained(tmp_path / "saved")
    given_words = [s.words for s in sentences]
    assert load_tagger(tmp_path / "saved").tag(given_words) == tagger.tag(given_words)


def test_its_own_learning_rate_for_a_trained_encoder(encoder):
    tagger = MBertCRF.build(config(encoder, trained=True), {"spa": SPANISH.train[:2]})
    rest, own = tagger.parameter_groups()
    assert own["lr"] == 2e-5
    assert "lr" not in rest
    assert len(own["params"]) + len(rest["params"]) == len(list(tagger.parameters()))


def test_transitions_of_each_language(encoder):
    tagger = MBertCRF.build(config(encoder, language_transitions=True), {"spa": SPANISH.train[:5], "deu": SPANISH.dev})
    assert len(tagger.crf.crfs) == 2
    with pytest.raises(PolynerError, match="name one of them, not 'xxx'"):
        tagger.tag([["Madrid"]], "xxx")
