"""A fifth corpus: right and wrong values in the containers, shapes and dtypes that people hand in."""
