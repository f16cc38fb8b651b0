"""The paper: the numbers it prints, its claims, and verdicts on them from the results at hand."""

from polyner.paper.checks import verdict, verdict_records, verdicts
from polyner.paper.claims import Claim, Part, Verdict, claim, claims
from polyner.paper.published import figure_statements, published_results, table1, table1_averages, table3
