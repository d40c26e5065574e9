import numpy as np

from autograder.checks import Hidden, usual_checks, wrong


def checked(y):
    y = np.asarray(y, dtype=np.float64)
    if y.size == 0:
        raise ValueError("y is empty")
    return y


def median_income(y):
    return float(np.median(checked(y)))


MEDIAN = Hidden("median_income", median_income, usual_checks(lambda g: (g.lognormal(size=int(g.integers(2, 30))),)))


@wrong("median_income", "the mean", hint="Does one huge entry move it?")
def mean(y):
    return float(np.mean(checked(y)))


@wrong("median_income", "unsorted", hint="Does the order of the entries matter?")
def unsorted(y):
    return float(np.ravel(checked(y))[np.size(y) // 2])


@wrong("median_income", "the upper middle", hint="What is the median of two numbers?")
def upper(y):
    return float(np.sort(checked(y), axis=None)[np.size(y) // 2])
