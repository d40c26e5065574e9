"""Gradescope: the autograder that an instructor uploads, and what runs there."""
