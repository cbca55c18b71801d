"""What Studyhall is about: values that could be true without any program."""
