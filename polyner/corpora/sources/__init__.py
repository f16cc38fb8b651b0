"""Where corpora come from: the hub, public repositories, files on a disk; what they are, and the record of it."""
