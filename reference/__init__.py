"""The chapter *Mean Squared Error* in code: small functions that run on NumPy, CuPy and any array-API library.

Every function starts with ``xp, ... = as_float(...)``, which promotes its arguments to float64 in the library they came
from, and uses the array-API standard only.  Prefactors are part of each definition and are given in each docstring.
"""
