"""The results store: verdicts with their evidence, marks by hand, and the files written from them."""
