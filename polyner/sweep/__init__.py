"""Sweeping the whole study: what has to be trained, in which order, and where: processes, Ray, Slurm.

A run is a pure function of its specification, so a sweep is only an order of asking for runs. Each worker makes the
same plan from the same settings and asks the run store for one run of it; nothing but names passes between them.
"""
