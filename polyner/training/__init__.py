"""Training: the loop, what an update minimises, and checkpoints from which it goes on."""
