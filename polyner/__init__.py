"""Sources of Transfer in Multilingual Named Entity Recognition (Mueller, Andrews and Dredze, ACL 2020), rebuilt.

Importing `polyner` is cheap: its modules load PyTorch, pandas and Altair only when they are used.
"""

from polyner.taggers import load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]
