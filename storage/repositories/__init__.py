"""Repositories: domain values in, domain values out. Know statements; decide nothing."""
