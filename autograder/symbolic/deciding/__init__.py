"""Deciding whether two core expressions are equal, with the level of proof."""
