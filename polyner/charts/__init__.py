"""Charts of the book: functions from a tidy table to an Altair chart."""

from polyner.charts.corpora import corpus_sizes, label_distribution
from polyner.charts.results import difference, regime_dots, slopes
from polyner.charts.training import learning_curve

__all__ = ["corpus_sizes", "difference", "label_distribution", "learning_curve", "regime_dots", "slopes"]
