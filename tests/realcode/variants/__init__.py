"""Variants of single functions, one module for each exercise."""
