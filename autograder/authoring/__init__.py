"""What only authors run: proving exercises, deriving formulas, writing new exercises and a demo class."""
