"""Hostile inputs: files, names, tables and texts that the grader must refuse with a reason, or show harmlessly."""
