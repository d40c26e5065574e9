"""The language of symbolic answers: text to surface tree to core expression, and back to text."""
