"""What students get: notebooks, an nbgrader course folder, a bundle; nothing hidden in them."""

CONFIG = "nbgrader_config.py"
"""nbgrader's settings of a course folder, by which such a folder is known."""
