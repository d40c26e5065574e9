"""A lifelike class: submissions of every kind, written from the exercises themselves, and the grader run on them."""
