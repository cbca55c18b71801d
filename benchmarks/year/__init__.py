"""A simulated year of digests: what happened, the world in which it happens, and an independent judge."""
