"""When work is due, never what it is. The only package that knows APScheduler; the store is the source of truth."""
