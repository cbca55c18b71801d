"""Where chat platforms are named, and nowhere else. Adapters never import each other, storage or the scheduler."""
