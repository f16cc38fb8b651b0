"""What an update minimises, on problems whose optimum is known and against gradients computed in another way."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from polyner.errors import PolynerError, SettingsError
from polyner.models.fisher import fisher_information
from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.training.loop import train
from polyner.training.objectives import COMBINATIONS, EWC, L2SP, ByLanguage, Objective, Parent, make_objective
from polyner.training.precision import Precision
from tests.conftest import built
from tests.training.small import CONFIG, LANGUAGES, data, fresh, scores_of, trained, under, weights

ARCHITECTURES = {
    "byte-crf": {"embedding_size": 6, "unit_hidden_size": 5, "sentence_hidden_size": 5},
    "charner": {"embedding_size": 6, "hidden_size": 5, "layers": 2},
    "byte-to-span": {"embedding_size": 6, "hidden_size": 5, "layers": 2, "window": 20, "overlap": 10, "stride": 3},
}


class Quadratic(nn.Module):
    """½ Σ a (θ − b)², the mean over examples of it: as a tagger, as far as an objective sees one."""

    device = torch.device("cpu")

    def __init__(self, curvature, optimum):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(optimum)))
        self.frozen = nn.Parameter(torch.ones(2), requires_grad=False)
        self.curvature, self.optimum = torch.tensor(curvature), torch.tensor(optimum)

    def loss(self, batch):
        return (self.curvature * (self.weight - self.optimum) ** 2).sum() / 2

    def trained(self):
        return {"weight": self.weight}

    encoded = SimpleNamespace(batch=lambda examples: examples)


def minimum(objective, steps=400):
    """Where gradient descent ends."""
    for _ in range(steps):
        objective.tagger.zero_grad()
        objective.gradients(Quadratic.encoded, torch.arange(3), Precision())
        with torch.no_grad():
            objective.tagger.weight -= 0.1 * objective.tagger.weight.grad
    return objective.tagger.weight.detach()


def test_l2sp_ends_between_the_optimum_and_the_parent():
    """a (θ − b) + s (θ − p) = 0."""
    tagger, parent = Quadratic([1.0, 2.0], [3.0, -1.0]), Quadratic([1.0, 1.0], [0.0, 0.0])
    parent.weight.data = torch.tensor([1.0, 1.0])
    objective = L2SP(tagger, parent, strength=0.5)
    assert minimum(objective).tolist() == pytest.approx([(3 + 0.5) / 1.5, (-2 + 0.5) / 2.5])
    moved = tagger.weight.detach() - torch.ones(2)
    assert objective.penalty() == pytest.approx(0.25 * float(moved @ moved))
    assert tagger.frozen.grad is None


def test_ewc_ends_nearer_to_the_parent_where_its_information_is():
    """a (θ − b) + s F (θ − p) = 0."""
    tagger, parent = Quadratic([1.0, 2.0, 1.0], [3.0, -1.0, 2.0]), Quadratic([1.0] * 3, [0.0] * 3)
    parent.weight.data = torch.tensor([1.0, 1.0, 1.0])
    objective = EWC(tagger, parent, {}, ObjectiveConfig("ewc", strength=2.0))
    objective.fisher = [torch.tensor([0.5, 4.0, 0.0])]
    found = minimum(objective)
    assert found.tolist() == pytest.approx([(3 + 1) / 2, (-2 + 8) / 10, 2.0])
    assert objective.penalty() == pytest.approx(float((torch.tensor([0.5, 4.0, 0.0]) * (found - 1) ** 2).sum()))


@pytest.mark.parametrize("name", ["l2sp", "ewc"])
def test_strength_0_is_the_plain_objective_to_the_bit(tmp_path, name):
    plain, history = trained(tmp_path / "plain", model=fresh(3, tuple(LANGUAGES)))
    none, same = under({"name": name, "strength": 0.0}, tmp_path / name)
    assert weights(none).equal(weights(plain))
    assert scores_of(same) == scores_of(history)


def test_the_stronger_l2sp_the_nearer_the_weights_stay(tmp_path):
    parent = fresh(3, tuple(LANGUAGES))
    config = TrainingConfig("sgd", learning_rate=0.05, batch_size=8, max_epochs=3)
    moved = []
    for strength in (0.0, 1.0, 15.0):
        model, _ = under({"name": "l2sp", "strength": strength}, tmp_path / str(strength), config, parent=parent)
        moved.append(float((weights(model) - weights(parent)).norm()))
    assert moved[0] > 1.1 * moved[1] > 2 * moved[2] > 0


def test_a_huge_strength_keeps_the_parents_weights(tmp_path):
    parent = fresh(3, tuple(LANGUAGES))
    config = TrainingConfig("sgd", learning_rate=1e-9, batch_size=8, max_epochs=3)
    kept, history = under({"name": "l2sp", "strength": 1e9}, tmp_path / "l2sp", config, parent=parent)
    assert float((weights(kept) - weights(parent)).abs().max()) < 1e-7
    assert history[-1]["penalty"] < 1e-2
    config = TrainingConfig(learning_rate=1e-4, batch_size=8, max_epochs=3)
    moved = {}
    for strength in (0.0, 1e12):
        model, _ = under({"name": "ewc", "strength": strength}, tmp_path / f"ewc {strength}", config, parent=parent)
        moved[strength] = float((weights(model) - weights(parent)).norm())
    assert moved[1e12] < moved[0.0] / 2


@pytest.mark.parametrize(
    ("chosen", "languages"),
    [("others", ["spa", "nld"]), ("parent", ["eng", "spa", "nld"]), ("target", ["eng"])],
)
def test_the_information_of_ewc_is_the_mean_over_its_languages(chosen, languages):
    parent = fresh(3, tuple(LANGUAGES))
    config = ObjectiveConfig("ewc", fisher_languages=chosen, fisher_draws=4)
    objective = make_objective(config, parent, data("eng"), Parent(parent, data(*LANGUAGES)))
    own = [fisher_information(parent, data(code)[code], code, draws=4).diagonal for code in languages]
    found = dict(zip(dict(parent.named_parameters()), objective.fisher, strict=True))
    for name, values in found.items():
        expected = sum(diagonal[name] for diagonal in own) / len(own)
        torch.testing.assert_close(values, expected)


def test_at_most_so_many_sentences_of_a_language_tell_its_information(monkeypatch):
    seen = {}

    def counted(tagger, sentences, language, **options):
        seen[language] = len(sentences)
        return fisher_information(tagger, sentences, language, **options)

    monkeypatch.setattr("polyner.training.objectives.fisher_information", counted)
    parent = fresh(3, tuple(LANGUAGES))
    config = ObjectiveConfig("ewc", fisher_sentences=12, fisher_draws=1)
    make_objective(config, parent, data("eng"), Parent(parent, data("spa", "nld")))
    assert seen == {"spa": 12, "nld": 10}


def test_the_information_of_an_unseen_language_is_that_of_the_runs_own_sentences():
    parent = fresh(3, ("spa", "nld"))
    config = ObjectiveConfig("ewc", fisher_languages="target", fisher_draws=1)
    own = fisher_information(parent, data("eng")["eng"], "eng", draws=1).diagonal
    torch.testing.assert_close(make_objective(config, parent, data("eng"), Parent(parent)).fisher, list(own.values()))


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("kind", ["shares", "mgda"])
def test_gradients_by_language_of_every_architecture(name, kind):
    """By the languages' shares of sentences, bytes or symbols, they add up to the plain one."""
    tagger = of_two(name)
    encoded = encoded_by(tagger)
    several = torch.tensor(sorted({0, 1, 5, len(encoded.lengths) - 1, len(encoded.lengths) - 2}))
    plain = Objective(tagger)
    loss = plain.gradients(encoded, several, Precision())
    expected = [parameter.grad for parameter in plain.parameters]
    tagger.zero_grad()
    objective = ByLanguage(tagger, COMBINATIONS.get(kind, lambda products, shares: shares))
    torch.testing.assert_close(objective.gradients(encoded, several, Precision()), loss)
    found = [parameter.grad for parameter in objective.parameters]
    if kind == "shares":
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)
    else:
        norm, plain_norm = (float(sum((g**2).sum() for g in side)) ** 0.5 for side in (found, expected))
        assert 0 < norm <= plain_norm * 1.0001 or norm == pytest.approx(plain_norm)


@pytest.mark.parametrize("kind", COMBINATIONS)
def test_of_one_language_the_gradient_is_the_plain_one(kind):
    tagger = of_two("byte-crf")
    encoded = encoded_by(tagger)
    found = []
    for objective in (Objective(tagger), ByLanguage(tagger, COMBINATIONS[kind])):
        tagger.zero_grad()
        objective.gradients(encoded, torch.arange(4), Precision())
        found.append([parameter.grad.clone() for parameter in objective.parameters])
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("name", ["plain", "l2sp", "pcgrad", "mgda"])
def test_scaled_gradients_are_the_gradients_times_the_scale(name):
    tagger, parent = of_two("byte-crf"), of_two("byte-crf", seed=5)
    encoded = encoded_by(tagger)
    config = ObjectiveConfig(name)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    found, losses = [], []
    for precision in (Precision(), Precision(None, scaler)):
        tagger.zero_grad()
        torch.manual_seed(0)
        objective = make_objective(config, tagger, data("eng", "spa"), Parent(parent))
        losses.append(objective.gradients(encoded, torch.tensor([0, 1, 38, 39]), precision))
        found.append([parameter.grad.clone() for parameter in objective.parameters])
    torch.testing.assert_close(losses[1], losses[0])
    torch.testing.assert_close(found[1], [1024.0 * gradient for gradient in found[0]], atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("name", ["l2sp", "ewc", "pcgrad", "mgda"])
def test_weights_that_are_not_trained_stay_as_they_are(tmp_path, name):
    model = fresh(3, tuple(LANGUAGES))
    model.embedding.requires_grad_(False)
    before = model.embedding.weight.clone()
    config = TrainingConfig(learning_rate=0.01, batch_size=8, max_epochs=1, clip_norm=1.0)
    parent = fresh(4, tuple(LANGUAGES))
    if name in ("l2sp", "ewc"):
        before = parent.embedding.weight.clone()
    _, history = under({"name": name}, tmp_path, config, model=model, parent=parent)
    assert model.embedding.weight.equal(before)
    assert model.embedding.weight.grad is None
    assert "embedding.weight" not in model.trained()
    assert history[0]["loss"] > 0


@pytest.mark.parametrize("name", ["pcgrad", "mgda"])
def test_languages_are_learnt_together(tmp_path, name):
    _, history = under({"name": name}, tmp_path, TrainingConfig(**{**vars(CONFIG), "max_epochs": 8}))
    assert max(row["dev_f1"] for row in history) > 90


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("kind", ["pcgrad", "mgda"])
def test_every_architecture_learns_by_language(tmp_path, name, kind):
    config = TrainingConfig(learning_rate=0.02, batch_size=16, max_epochs=6)
    sentences = {code: own[:10] for code, own in data("eng", "spa").items()}
    history = train(of_two(name), sentences, sentences, config, tmp_path, seed=1, objective=ObjectiveConfig(kind))
    assert history[-1]["loss"] < history[0]["loss"]


@pytest.mark.parametrize("name", ["charner", "byte-to-span"])
def test_fisher_information_of_another_architecture_is_refused_before_anything_is_computed(name):
    tagger = of_two(name)
    with pytest.raises(SettingsError, match=f"it is for char-crf, byte-crf, mbert-crf, not for {name}"):
        make_objective(ObjectiveConfig("ewc"), tagger, data("eng"), Parent(tagger, data("eng", "spa")))


def test_what_an_objective_lacks_is_named():
    tagger = fresh(3, ("eng", "spa"))
    with pytest.raises(SettingsError, match="l2sp pulls to a parent's weights, which only fine-tuned runs have"):
        make_objective(ObjectiveConfig("l2sp"), tagger, data("eng"))
    with pytest.raises(SettingsError, match="pcgrad combines the gradients of two languages or more, not of eng"):
        make_objective(ObjectiveConfig("pcgrad"), tagger, data("eng"))
    with pytest.raises(PolynerError, match="ewc needs the parent's training sentences of spa"):
        make_objective(ObjectiveConfig("ewc"), tagger, data("eng"), Parent(tagger))
    with pytest.raises(SettingsError, match="trained on no others than eng: 'parent' or 'target'"):
        make_objective(ObjectiveConfig("ewc"), fresh(), data("eng"), Parent(fresh()))


def of_two(name, seed=0):
    """A small tagger of two languages, without dropout."""
    return built(name, data("eng", "spa"), seed, **ARCHITECTURES[name]).eval()


def encoded_by(tagger):
    sentences = data("eng", "spa")
    codes = [code for code, own in sentences.items() for _ in own]
    return tagger.encode([sentence for own in sentences.values() for sentence in own], codes, training=True)
