"""An exported model, run by ONNX Runtime beside the tagger in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnxruntime
import torch

from polyner.corpora.sentence import Sentence
from polyner.export.model import Exported, export_tagger
from polyner.export.rounding import rounded_tagger
from polyner.models.crf import Chain, marginals, viterbi
from polyner.models.word_crf import WordCRF


@dataclass
class Both:
    """`tagger` with its weights rounded, in PyTorch, and its export."""

    tagger: WordCRF
    exported: Exported = field(init=False)

    def __post_init__(self):
        self.tagger.eval()
        self.exported = export_tagger(self.tagger)
        self.rounded = rounded_tagger(self.tagger)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.exported.onnx, options)

    def from_onnx(self, words, language=""):
        """Emissions (T, K), tags and marginals (T, K), with nothing but the exported files."""
        about = self.exported.about
        units = [self.tagger.spell(word)[: about["longest_word"]] for word in words]
        lengths = np.array([len(word) for word in units], dtype=np.int32)
        padded = np.zeros((len(units), lengths.max()), dtype=np.int32)
        for row, word in enumerate(units):
            padded[row, : len(word)] = word
        (emissions,) = self.session.run(None, {"units": padded, "lengths": lengths})
        which = about["languages"].index(language) if len(about["chains"]) > 1 else 0
        chain = Chain(*(torch.tensor(about["chains"][which][name]) for name in ("start", "transitions", "end")))
        return posterior(torch.from_numpy(emissions)[None], chain)

    def from_pytorch(self, words, language="", rounded=True):
        """The same from the tagger itself, with its weights rounded or not."""
        tagger = self.rounded if rounded else self.tagger
        with torch.no_grad():
            encoded = tagger.encode([Sentence(tuple(words), ("O",) * len(words))], [language])
            emissions, chain = tagger.scores(encoded.batch(torch.tensor([0])))
            return posterior(emissions, Chain(*(scores.squeeze(0) for scores in chain)))


def posterior(emissions, chain):
    mask = torch.ones(emissions.shape[:2], dtype=torch.bool)
    tags = viterbi(emissions, mask, chain)[0].tolist()
    return emissions[0].numpy(), tags, marginals(emissions, mask, chain)[0].numpy()
