"""Print the table, and what the second course of the tests takes."""

from tests.smallest import second, seconds, table

print(table())
print(second().row())
print(f"verify of the second course: {seconds():.1f} s by the clock")
