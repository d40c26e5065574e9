"""The stubs of the exercise that is attacked."""


def mean_square(residual):
    """Mean of the squares of all entries; ValueError if there is none."""
    raise NotImplementedError


def iterate(f, start, steps):
    """Apply ``f`` to ``start`` as often as ``steps`` says, calling it no more often than that."""
    raise NotImplementedError


def noise(reps, rng):
    """Draw ``reps`` standard normal numbers from ``rng``."""
    raise NotImplementedError


def slope():
    """Derivative of (tanh(w) - y)**2 with respect to w, as text."""
    raise NotImplementedError
