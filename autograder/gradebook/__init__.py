"""nbgrader integration under the paths that stored ``nbgrader_config.py`` files name."""
