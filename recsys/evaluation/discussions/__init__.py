"""Which discussion a member joins next: the protocol on community logs, and what is compared in it."""
