"""Grading a class: a grader for one worker, and the run that feeds workers and keeps every verdict."""
