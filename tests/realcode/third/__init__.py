"""A third set of variants, in styles that the others lack, labelled and committed before the first grading."""
