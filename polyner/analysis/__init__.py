"""Analyses: functions from corpora, predictions and results to tidy tables. They draw nothing and read no files."""
