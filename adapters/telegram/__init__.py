"""Everything that names Telegram."""
