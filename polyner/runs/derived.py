"""Tables computed from finished runs, kept beside them so that no page computes them twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from polyner.disk import made_once
from polyner.runs.store import RunStore

if TYPE_CHECKING:
    import pandas as pd

# Raise a number when what a table holds changes: then it is computed anew.
VERSIONS = {"zero-shot": 1, "pruning": 1, "fisher": 1, "estimators": 1, "conflicts": 1, "course": 1}


def derived_table(
    store: RunStore, name: str, inputs: Mapping[str, Any], make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """The table that `make` computes from `inputs` (run ids, corpora and settings, as JSON can hold them).

    It is computed once for the same inputs and version (`VERSIONS`), and then read from the run store's folder; who
    asks while it is computed waits for it. Text columns hold no missing values.
    """
    import pandas as pd

    canonical = json.dumps({**inputs, "version": VERSIONS[name]}, sort_keys=True)
    path = store.folder / ".derived" / f"{name}-{hashlib.sha256(canonical.encode()).hexdigest()[:16]}.csv"
    if not path.is_file():
        with FileLock(path.with_suffix(".lock")):  # which makes its folder
            made_once(path, lambda: make().to_csv(index=False, na_rep="nan").encode())
    return pd.read_csv(path, keep_default_na=False, na_values=["nan"], float_precision="round_trip")
