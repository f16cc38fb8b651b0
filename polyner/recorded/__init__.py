"""Recorded results: finished runs as small text files in `book/results/<corpora>-<profile>/`, and reading them.

A record holds what can be shown and judged, and nothing of the corpora's text: each run's specification, its scores by
language and type, the numbers of spans in each test sentence, its history, its machine and time.
"""

from polyner.recorded.read import Recorded, all_recorded, recorded

__all__ = ["Recorded", "all_recorded", "recorded"]
