"""What members take into the calendar that they keep: a file for an event, a secret feed of their own."""
