"""Where suggestions come from: one module a source. Knows items, profiles and vectors; ranks nothing."""
