"""What platforms offer, a module for each, run as a process of its own, and the program as another."""
