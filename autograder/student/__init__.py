"""The student's loop: check, hint, list, reset."""
