"""The source distribution: what a wheel is built from, and no tests.

setuptools takes ``tests/test*.py`` and nothing that these import; the repository holds the tests with all they need.
"""

import os

from setuptools.command.sdist import sdist


class WithoutTests(sdist):
    """Pack the files that setuptools finds, except tests, with this module."""

    def make_distribution(self) -> None:
        """Write the archive."""
        self.filelist.prune("tests")
        self.filelist.append(".ci/sdist.py")
        about = self.get_finalized_command("egg_info")
        sources = os.path.join(about.egg_info, "SOURCES.txt")
        about.write_file("the list of files", sources, "\n".join(sorted(self.filelist.files)) + "\n")
        super().make_distribution()
