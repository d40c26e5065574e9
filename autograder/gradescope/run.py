"""``python -m autograder.gradescope.run``, as uploaded packages run it; see :mod:`autograder.lms.gradescope.run`."""

import sys

from autograder.lms.gradescope.run import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
