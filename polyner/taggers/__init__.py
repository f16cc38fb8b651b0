"""Trained taggers that come with the package, and folders of one's own: `polyner.load`, `polyner tag --language`.

A folder of taggers has a folder for each run (`config.json`, `model.safetensors` with weights in eight bits, which
`load_tagger` reads), `index.json`, which says what there is for which language, and a card, `README.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polyner.taggers.collection import Collection

if TYPE_CHECKING:
    from polyner.models.tagger import Tagger


def load(language: str, regime: str | None = None, folder: str | Path | None = None) -> Tagger:
    """A trained tagger of a language, on the processor, in evaluation mode; `tag` and `marginals` are its use.

    `language` is an ISO 639-3 code or a name. `regime` is monolingual, polyglot (of a language that its group was
    trained without, zero-shot) or fine_tuned; by default what was best on development data. `folder` has taggers of
    one's own, written by `polyner export --profile`; by default they are those of the package. Raises PolynerError
    where there is none.
    """
    from polyner.corpora.languages import language_code
    from polyner.models import load_tagger

    collection = Collection.open(folder)
    code = language_code(language)
    return load_tagger(collection.folder / collection.choose(code, regime)["run"])
