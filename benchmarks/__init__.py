"""Measurements, each run by hand as ``python -m benchmarks.NAME``. Nothing here is imported by the program."""
