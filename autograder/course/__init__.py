"""The course: its file, its rules, its exercises, and what students may see."""
