"""Answers written as the field's textbooks and libraries write them, labelled before they were graded."""
