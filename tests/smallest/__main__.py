"""Print the table."""

from tests.smallest import table

print(table())
