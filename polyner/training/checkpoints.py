"""Checkpoints of a training under way: safetensors and JSON, whole or not there at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from polyner.errors import PolynerError
from polyner.integrity import check_file, is_intact, write_checksums
from polyner.models.tagger import Tagger


class Checkpoints:
    """The epochs of one training in a folder, of which the best and the last are kept.

    An epoch is written under another name and renamed when complete, so a process killed at any moment leaves only
    whole epochs behind.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(
        self,
        tagger: Tagger,
        optimizer: torch.optim.Optimizer,
        history: Sequence[Mapping[str, Any]],
        best: int,
        scaler: torch.amp.GradScaler,
    ) -> None:
        """Keep this epoch, with all that the next one depends on, and of the earlier ones only the best."""
        epoch = len(history)
        writing = self.folder / f"writing-{epoch}"
        shutil.rmtree(writing, ignore_errors=True)
        writing.mkdir()
        save_file(_contiguous(tagger.state_dict()), writing / "model.safetensors")
        names = {parameter: name for name, parameter in tagger.named_parameters()}
        state = {  # each tensor under its parameter's name: `crf.weight/exp_avg`
            f"{names[parameter]}/{key}": torch.as_tensor(value)
            for parameter, own in optimizer.state.items()
            for key, value in own.items()
            if value is not None
        }
        save_file(_contiguous(state), writing / "optimizer.safetensors")
        (writing / "scaler.json").write_text(json.dumps(scaler.state_dict()), "utf-8")
        (writing / "history.json").write_text(json.dumps(list(history)), encoding="utf-8")
        write_checksums(writing)
        writing.rename(self._epoch(epoch))
        for other in self.epochs():
            if other not in (epoch, best):
                shutil.rmtree(self._epoch(other).rename(writing))

    def epochs(self) -> list[int]:
        """The epochs that are kept, in order."""
        return sorted(int(path.name.removeprefix("epoch-")) for path in self.folder.glob("epoch-*"))

    def resume(
        self, tagger: Tagger, optimizer: torch.optim.Optimizer, scaler: torch.amp.GradScaler
    ) -> list[dict[str, Any]]:
        """Load all that was saved with the last epoch; the history up to it, empty where there is no epoch.

        Where a file of an epoch is damaged, all are removed and the training begins anew, to end with the same numbers.
        """
        epochs = self.epochs()
        if not epochs or not all(is_intact(self._epoch(epoch)) for epoch in epochs):
            for epoch in epochs:
                shutil.rmtree(self._epoch(epoch))
            return []
        self.load(epochs[-1], tagger)
        load_optimizer(self.optimizer_file(epochs[-1]), tagger, optimizer)
        last = self._epoch(epochs[-1])
        scaling = json.loads((last / "scaler.json").read_text(encoding="utf-8"))
        if scaling:  # nothing is kept of a scaler that is off
            scaler.load_state_dict(scaling)
        return json.loads((last / "history.json").read_text(encoding="utf-8"))

    def load(self, epoch: int, tagger: Tagger) -> None:
        """Give the tagger the weights it had after `epoch`."""
        tagger.load_state_dict(_load(self._epoch(epoch) / "model.safetensors"))

    def optimizer_file(self, epoch: int) -> Path:
        """The file with the optimizer's state after `epoch`."""
        return self._epoch(epoch) / "optimizer.safetensors"

    def _epoch(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:04d}"


def load_optimizer(path: Path, tagger: Tagger, optimizer: torch.optim.Optimizer) -> None:
    """Give the optimizer the moments and step counts in `path`; its learning rate and the like stay its own.

    Raises PolynerError where they belong to other parameters.
    """
    parameters = dict(tagger.named_parameters())
    positions = {parameter: i for i, parameter in enumerate(p for g in optimizer.param_groups for p in g["params"])}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in _load(path).items():
        parameter_name, _, key = name.rpartition("/")
        parameter = parameters.get(parameter_name)
        if parameter not in positions or (key != "step" and tensor.shape != parameter.shape):
            raise PolynerError(f"{path}: the optimizer's state is that of another model ({parameter_name})")
        state.setdefault(positions[parameter], {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _load(path: Path) -> dict[str, torch.Tensor]:
    check_file(path)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise PolynerError(f"{path}: not a readable checkpoint: {error}") from None


def _contiguous(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
