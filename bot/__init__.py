"""Studyhall: a community and chat bot with embedded recommendations (the application)."""
