"""Findings: all tables of a study with their provenance, of runs at hand or as they were recorded.

What is recorded is text of the project's own: of each run its specification, its scores by language and type, the
numbers of spans in each test sentence, its history, its machine and time; nothing of the corpora's text.
"""

from polyner.findings.findings import Findings
