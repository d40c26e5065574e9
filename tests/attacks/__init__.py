"""What a hostile student may hand in, and what must come of it: ``python -m tests.attacks`` tries it all."""
