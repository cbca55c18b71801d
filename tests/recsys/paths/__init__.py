"""What is learnt before what."""
