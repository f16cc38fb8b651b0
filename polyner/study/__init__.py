"""A study: its settings, its groups of languages, the questions it asks, and the runs that answer them."""
