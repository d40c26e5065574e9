"""A fourth corpus: complete answers in styles that the others lack, and mistakes of a first year."""
