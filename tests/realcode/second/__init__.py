"""A second set of variants, written from statements and stubs alone and labelled before the first grading."""
