"""What only the grader may know of an exercise, and the search for it in texts that students read."""
