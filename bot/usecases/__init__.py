"""What happens: one frozen dataclass of ports with one `__call__` per thing that can happen."""
