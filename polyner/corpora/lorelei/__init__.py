"""LORELEI language packs: text in LTF, simple named entities in LAF, and sentences with tags made of both."""

from polyner.corpora.lorelei.align import TYPES, Report
from polyner.corpora.lorelei.package import read_packages

__all__ = ["TYPES", "Report", "read_packages"]
