def median_income(y):
    """Median of an array of any shape; raises ValueError if it is empty."""
    raise NotImplementedError
