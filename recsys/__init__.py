"""A recommender library: frozen values and arrays in, recommendations with reasons out. No chat, no SQL."""
