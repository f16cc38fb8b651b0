"""Benchmarks: how fast polyner is, as ratios to plain implementations of the same in the same process."""
