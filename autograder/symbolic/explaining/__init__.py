"""Verdicts on answers and derivations, and what is said about wrong ones."""
