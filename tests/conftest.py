"""Things many tests need: the processor's one thread, and a small corpus that can be learnt in seconds."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["POLYNER_PROGRESS"] = "off"

import pytest
from hypothesis import settings

from polyner.corpora.sentence import Corpus, Sentence

settings.register_profile("polyner", deadline=None, max_examples=60)
settings.load_profile("polyner")


@pytest.fixture(autouse=True)
def _own_run_store(tmp_path, monkeypatch):
    """No test may touch the user's run store."""
    monkeypatch.setenv("POLYNER_RUNS", str(tmp_path / "runs"))


def sentence(text):
    """`Ann/B-PER sleeps` → a Sentence; words without a tag are O."""
    pairs = [item.partition("/") for item in text.split()]
    return Sentence(tuple(word for word, _, _ in pairs), tuple(tag or "O" for _, _, tag in pairs))


def built(name, data, seed=0, **sizes):
    """A tagger of an architecture by name, not yet trained on the sentences `data` has by language."""
    import torch

    from polyner.models import model_class

    torch.manual_seed(seed)
    cls = model_class(name)
    return cls.build(cls.configure(sizes), data)


def small_corpus(language="eng", train=40):
    """Sentences in which a capital letter makes a name, and an ending its type."""
    people = ["Anna", "Berta", "Carla", "Dora", "Emma", "Frida", "Gerda", "Helga"]
    places = ["Oxton", "Marton", "Norton", "Sutton", "Burton", "Weston", "Easton", "Upton"]
    made = [
        sentence(f"{person}/B-PER {verb} {place}/B-LOC Town/I-LOC .")
        for verb in ("visits", "leaves", "likes", "sees")
        for person in people
        for place in places
    ]
    made = made[:: 7 if language == "eng" else 5]
    return Corpus(language, tuple(made[:train]), tuple(made[:12]), tuple(made[12:24]), source="test")
