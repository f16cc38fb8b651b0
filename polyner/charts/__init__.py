"""Charts of the book: functions from a tidy table to an Altair chart."""

from polyner.charts.corpora import corpus_sizes, label_distribution, repeated_sentences
from polyner.charts.errors import confusion_matrix, recall_error_bars, regime_changes, span_error_bars
from polyner.charts.fisher import overlap_by_layer, overlap_heatmap
from polyner.charts.interaction import DROPS
from polyner.charts.optima import conflicts, course, trade_off
from polyner.charts.pruning import pruning_lines, pruning_thresholds
from polyner.charts.results import difference, learning_curve, regime_dots, slopes
from polyner.charts.sizes import gains_by_languages, gains_by_size
from polyner.charts.transfer import common_entity_bars, relatedness_scatter, target_curves
