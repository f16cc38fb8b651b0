"""LORELEI language packs: text in LTF, simple named entities in LAF, and sentences with tags made of both."""

from polyner.corpora.lorelei.package import read_packages

__all__ = ["read_packages"]
