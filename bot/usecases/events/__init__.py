"""Events that the community holds itself: from the first draft to who was there."""
