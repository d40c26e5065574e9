"""Gradescope's container under the path that uploaded packages run."""
