"""A lifelike class: submissions of every kind, written from the rooms themselves, and the grader run on them."""
