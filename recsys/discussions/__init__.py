"""Which discussion a member joins next: state of who talks where, its features, a ranker that learns."""
