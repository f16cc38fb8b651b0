"""What a run is made from; equal specifications are the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

REGIMES = ("monolingual", "polyglot", "fine_tuned")


@dataclass(frozen=True)
class RunSpec:
    """A training run: a pure function of these fields, of which most are absent where they are the defaults.

    model: the architecture's name; config: the fields of its configuration that differ from the defaults.
    regime: "monolingual", "polyglot" or "fine_tuned"; languages: those trained on, in order.
    corpora: for each language, the fingerprint of its sentences after any projection and cap.
    seed: of initialisation, batches and dropout.
    version: of the code that trains it (`training_version`): the numbers that it gives, not how it is spelled.
    training, objective: what differs from `TrainingConfig` and `ObjectiveConfig`.
    precision: "float32", "bfloat16" or "float16", as it is computed on the device; device: "cpu" or "cuda".
    parent: the polyglot run that a fine-tuned one starts from; keep_optimizer: whether its optimizer's state is taken
        over too (footnote 7).
    """

    model: str
    regime: str
    languages: tuple[str, ...]
    corpora: Mapping[str, str]
    seed: int
    version: str
    config: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    objective: Mapping[str, Any] = field(default_factory=dict)
    precision: str = "float32"
    device: str = "cpu"
    parent: RunSpec | None = None
    keep_optimizer: bool = True

    def __post_init__(self) -> None:
        if self.regime not in REGIMES:
            raise ValueError(f"unknown regime {self.regime!r}: one of {', '.join(REGIMES)}")
        if (self.regime == "fine_tuned") != (self.parent is not None):
            raise ValueError("a fine-tuned run, and only that, has a parent run")

    @cached_property
    def id(self) -> str:
        """A readable name that ends in a hash of what `as_dict` holds."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:12]
        # Of very many languages their number, for a file's name has at most 255 bytes.
        languages = self.languages if len(self.languages) <= 20 else (str(len(self.languages)), "languages")
        return f"{self.model}-{self.regime}-{'+'.join(languages)}-s{self.seed}-{digest}"

    def as_dict(self) -> dict[str, Any]:
        """The fields as plain values that JSON can hold; those with defaults only where they differ from them.

        The parent stands by its id. A field that is added later, with a default, changes no id.
        """
        values = {}
        for entry in fields(self):
            default = entry.default if entry.default_factory is MISSING else entry.default_factory()
            if (value := getattr(self, entry.name)) != default:
                values[entry.name] = value
        if self.config:
            values["config"] = {name: _name_only(value) for name, value in self.config.items()}
        if self.parent:
            values["parent"] = self.parent.id
        return json.loads(json.dumps(values))

    def lineage(self) -> Iterator[RunSpec]:
        """The runs that this one starts from, the first of them first, and itself."""
        if self.parent:
            yield from self.parent.lineage()
        yield self


def _name_only(value: Any) -> Any:
    """A folder by its last name: its contents are told by a revision, and it may lie elsewhere on another machine."""
    if isinstance(value, str) and (value.startswith(("/", ".", "~")) or "\\" in value or Path(value).is_dir()):
        return Path(value.replace("\\", "/")).name
    return value
