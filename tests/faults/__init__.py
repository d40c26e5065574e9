"""What may happen to a grader while it works, and what must be left afterwards: everything, once, and fresh.

    python -m tests.faults [--runs N] [--students N]     # the table: fault, runs, records lost, twice, stale

Every fault starts from a store with older verdicts of the same students, so that a score which was left standing shows.
"""
