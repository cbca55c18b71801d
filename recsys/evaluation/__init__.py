"""Judging recommenders on recorded interactions. Knows files, splits, metrics, scorers; knows no chat and no store."""
