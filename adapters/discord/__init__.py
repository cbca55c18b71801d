"""Everything that names Discord."""
