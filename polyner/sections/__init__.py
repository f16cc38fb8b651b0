"""What each of the later sections of the paper computes: from a study to tidy tables.

The functions of `analysis` know neither runs nor corpora; here they are given those of a study. Whatever takes long is
kept in the run store. Tables have the columns model, regime, group, language, seed and run where they apply.
"""
