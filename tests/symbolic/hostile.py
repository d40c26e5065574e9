"""Hostile and careless texts, with the verdict that each must get and a part of what is said.

``TEXTS`` maps a name to (number of the part, text, status, a piece of the message).
"""

from __future__ import annotations

from .questions import QUESTIONS

SOFTMAX, OLS, DECODER, RELU, HUBER, TANH, STUDENT = "E12.6", "E01.6", "E16.6", "E07.7", "E08.6", "E05.7", "E09.5"
RIGHT = {key: QUESTIONS[key].truth for key in (SOFTMAX, OLS, DECODER, RELU, HUBER, TANH, STUDENT)}

Row = tuple[str, str, str, str]


def _many(pattern: str, count: int, sign: str = "+") -> str:
    """``count`` copies of a pattern with the number of the copy in it."""
    return sign.join(pattern.format(k=k, next=k + 1) for k in range(1, count + 1))


def _up_to(text: str, length: int = 2000) -> str:
    """Copies of a text, cut where the last whole one ends within the limit."""
    return text * (length // len(text))


_FACTORS, _SWAPPED = _many("(p+{k})", 39, "*"), _many("({k}+p)", 39, "*")

CALLS: dict[str, Row] = {
    "import": (SOFTMAX, "__import__('os').system('touch {mark}')", "unreadable", "is not a symbol"),
    "import without quotes": (SOFTMAX, "__import__(os)", "unreadable", "is not a symbol"),
    "lambda": (SOFTMAX, "(lambda: 1)()", "unreadable", "lambda is not part"),
    "f-string": (SOFTMAX, "f'{p}'", "unreadable", "is not part of the language"),
    "nested f-string": (SOFTMAX, 'f\'{__import__("os").system("touch {mark}")}\'', "unreadable", "not part of"),
    "bytes": (SOFTMAX, "b'p'", "unreadable", "is not part of the language"),
    "attribute": (SOFTMAX, "p.__class__", "unreadable", "is not a symbol"),
    "object graph": (SOFTMAX, "p.T.__class__.__base__.__subclasses__()", "unreadable", "is not a symbol"),
    "single underscore": (SOFTMAX, "p.T._entry", "unreadable", "only .T"),
    "method": (SOFTMAX, "p.sum()", "unreadable", "is not a function of the language"),
    "attribute of a number": (SOFTMAX, "(1).real*p", "unreadable", "only .T"),
    "call of a symbol": (SOFTMAX, "p(p - y)", "unreadable", "products need *"),
    "call of a result": (SOFTMAX, "exp(p)(y)", "unreadable", "between arrays write @"),
    "call of a transpose": (SOFTMAX, "p.T(y)", "unreadable", "write @ for the matrix product"),
    "eval": (SOFTMAX, "eval(p)", "unreadable", "eval is not a function"),
    "exec": (SOFTMAX, "exec(p)", "unreadable", "exec is not a function"),
    "open": (SOFTMAX, "open(p)", "unreadable", "open is not a function"),
    "getattr": (SOFTMAX, "getattr(p, y)", "unreadable", "getattr is not a function"),
    "keyword": (SOFTMAX, "sum(p, axis=0)", "unreadable", "'=' only separates"),
    "keyword in front": (SOFTMAX, "sum(axis=p)", "unreadable", "'=' only separates"),
    "starred": (SOFTMAX, "dot(*p, *y)", "unreadable", "starred is not part"),
    "double star": (SOFTMAX, "dot(**p)", "unreadable", "named arguments"),
    "comprehension": (SOFTMAX, "[p for p in y]", "unreadable", "a sum over an index is Sum"),
    "list": (SOFTMAX, "[p, y]", "unreadable", "list is not part"),
    "walrus": (SOFTMAX, "(a := 1)", "unreadable", "':' is not part"),
    "conditional": (SOFTMAX, "p if p else y", "unreadable", "write where(condition, a, b)"),
    "await": (SOFTMAX, "await p", "unreadable", "await is not part"),
    "yield": (SOFTMAX, "(yield)", "unreadable", "yield"),
    "semicolon": (SOFTMAX, "p; y", "unreadable", "';' is not part"),
    "comment": (SOFTMAX, "p # - y", "wrong", "Not equal"),  # a comment is skipped
    "string": (SOFTMAX, "'p'", "unreadable", "is not part of the language"),
    "backslash": (SOFTMAX, "p \\ y", "unreadable", "LaTeX: between two vectors"),
    "LaTeX": (SOFTMAX, r"\frac{1}{2} p", "wrong", "Not equal"),
    "matrix bits": (SOFTMAX, "p | y", "unreadable", "is not part of the language"),
    "floor division": (SOFTMAX, "p // y", "unreadable", "integer division"),
    "remainder": (SOFTMAX, "p % y", "unreadable", "'%' is not part"),
}

NUMBERS: dict[str, Row] = {
    "power tower": (SOFTMAX, "9**9**9**9", "unreadable", "exponent beyond 64"),
    "power tower with carets": (SOFTMAX, "9^9^9^9*p", "unreadable", "exponent beyond 64"),
    "nested powers": (SOFTMAX, "((((9**64)**64)**64)**64)*p", "unreadable", "beyond 1e60"),
    "great exponent": (SOFTMAX, "(1 + p)**(10**7)", "unreadable", "exponent beyond 64"),
    "folded exponent": (SOFTMAX, "7**10**9", "unreadable", "exponent beyond 64"),
    "negative great exponent": (SOFTMAX, "p**-1000", "unreadable", "exponent beyond 64"),
    "root of a root": (SOFTMAX, "p**(1/10**30)", "wrong", "Not equal"),
    "fine exponent": (SOFTMAX, "p**1.000000000000000000000000000000001", "wrong", "Not equal"),
    "great degree": (SOFTMAX, "(p@y + p@p + 1)**30*(p@y + p@p + 2)**30", "unreadable", "total degree"),
    "factorial": (SOFTMAX, "factorial(100000000)", "unreadable", "factorial is not a function"),
    "exclamation mark": (SOFTMAX, "10!*p", "unreadable", "'!' is not part"),
    "great gamma": (SOFTMAX, "gamma(10**50)*p", "wrong", "Not equal"),
    "gamma of gamma": (SOFTMAX, "gamma(gamma(gamma(50)))*p", "wrong", "Not equal"),
    "gamma at a pole": (STUDENT, "gamma(-nu+nu)", "wrong", "no value"),
    "many gammas": (STUDENT, _many("gamma(nu+{k})", 60), "wrong", "Not equal"),
    "gammas that cancel": (STUDENT, f"{RIGHT[STUDENT]}+gamma(nu)**9-gamma(nu)**9", "correct", "Correct"),
    "gamma of great values": (STUDENT, f"{RIGHT[STUDENT]}+gamma(900*nu)*0", "correct", "Correct"),
    "near miss by gamma": (STUDENT, f"{RIGHT[STUDENT]}+1e-30*gamma(nu)", "wrong", "Not equal"),
    "long number": (SOFTMAX, "1" * 100, "unreadable", "at most 40 digits"),
    "great number": (SOFTMAX, "1e999999999", "unreadable", "exponents up to 60"),
    "tiny constant": (SOFTMAX, "p + 1e-400", "unreadable", "exponents up to 60"),
    "huge constant": (SOFTMAX, "p + 1e400", "unreadable", "exponents up to 60"),
    "many zeros": (SOFTMAX, "0." + "0" * 400 + "1*p", "unreadable", "at most 40 digits"),
    "products of great numbers": (SOFTMAX, "1e60*1e60*p", "unreadable", "beyond 1e60"),
    "quotients of great numbers": (SOFTMAX, "p/1e60/1e60", "unreadable", "beyond 1e60"),
    "huge rationals": (SOFTMAX, _many("p/(1e38+{k})", 60), "wrong", "Not equal"),
    "sum of many fractions": (SOFTMAX, _many("1/(1e15+{k})", 60) + "+p", "unreadable", "beyond 1e60"),
    "infinity by name": (SOFTMAX, "inf*p", "unreadable", "inf is not a symbol"),
    "no number by name": (SOFTMAX, "nan", "unreadable", "nan is not a symbol"),
    "infinity times zero": (SOFTMAX, f"{RIGHT[SOFTMAX]} + 0*exp(exp(exp(9)))", "correct", "Correct"),
    "exp tower": (SOFTMAX, "exp(exp(exp(exp(100))))*p", "wrong", "Not equal"),
    "exp tower of a symbol": (TANH, "exp(exp(exp(exp(exp(exp(w))))))", "wrong", "Not equal"),
    "logs of logs": (SOFTMAX, "log(" * 30 + "p" + ")" * 30, "wrong", "no value"),
    "symbolic tower": (SOFTMAX, "K**K**K**K*p", "wrong", "Not equal"),
    "symbolic tower of arrays": (SOFTMAX, "p**y**p**y**p", "wrong", "Not equal"),
    "hexadecimal": (SOFTMAX, "0x10", "unreadable", "is not a symbol"),
    "binary": (SOFTMAX, "0b11", "unreadable", "is not a symbol"),
    "underscores": (SOFTMAX, "1_000*p", "unreadable", "is not a symbol"),
    "leading zeros": (SOFTMAX, "007*p", "unreadable", "check operators"),
    "two points": (SOFTMAX, "1.2.3*p", "unreadable", "operator is missing"),
    "imaginary": (SOFTMAX, "1j", "unreadable", "the index j is used"),
    "division by zero": (SOFTMAX, "p/0", "unreadable", "divides by zero"),
    "zero to minus one": (SOFTMAX, "0**-1*p", "unreadable", "divides by zero"),
    "hidden division by zero": (SOFTMAX, "p/(y - y)", "wrong", "no value"),
    "division by a zero sum": (SOFTMAX, "p/(sum(p) - 1)", "wrong", "no value"),
    "inverse of zero": (SOFTMAX, "inv(0*diag(p))@p", "wrong", "no value"),
}

SIZE: dict[str, Row] = {
    "deep brackets": (SOFTMAX, "(" * 500 + "p" + ")" * 500, "unreadable", "nested too deeply"),
    "deep square brackets": (SOFTMAX, "p" + "[" * 500 + "j" + "]" * 500, "unreadable", "nested too deeply"),
    "open brackets": (SOFTMAX, "(" * 1999, "unreadable", "nested too deeply"),
    "closed brackets": (SOFTMAX, ")" * 1000, "unreadable", "closes none that is open"),
    "deep signs": (SOFTMAX, "-" * 1900 + "p", "unreadable", "too many terms"),
    "some signs": (SOFTMAX, "-" * 200 + "p", "unreadable", "nested"),
    "deep not": (SOFTMAX, "not " * 400 + "p", "unreadable", "nested"),
    "long": (SOFTMAX, "p + " * 5000 + "p", "unreadable", "At most 2000 characters"),
    "very long": (SOFTMAX, "p" * 1_000_000, "unreadable", "At most 2000 characters"),
    "many terms": (SOFTMAX, "+".join(["p"] * 700), "unreadable", "too many terms"),
    "transposes": (SOFTMAX, "p" + ".T" * 900, "unreadable", "nested"),
    "transposes of a matrix": (DECODER, "X" + ".T" * 50, "wrong", "shapes do not fit"),
    "very long name": (SOFTMAX, "p" * 1999, "unreadable", "is not a symbol"),
    "long function": (SOFTMAX, "exp" * 600 + "(p)", "unreadable", "is not a function"),
    "great index": (SOFTMAX, "p[1000000]", "unreadable", "index"),
    "number beyond the size": (SOFTMAX, "p[99]", "wrong", "no value"),
    "many arguments": (SOFTMAX, f"Max({','.join(['p'] * 500)})", "unreadable", "takes 2 to 20 arguments, not 500"),
    "choices of choices": (SOFTMAX, "Max(p," * 29 + "y" + ")" * 29, "wrong", "Not equal"),
    "choices of choices of two": (SOFTMAX, "Max(Min(p,y)," * 27 + "y" + ")" * 27, "wrong", "Not equal"),
    **{
        f"2000 characters of {sign}": (SOFTMAX, _up_to(sign), "unreadable", "")
        for sign in ("+", "-", "*", "/", "**", "^", "@", "(", ")", "[", "]", ",", ".", "<", ">", "<=", "==", "!=", "=",
                     "not ", " and ", " or ", "1", "e", "_", "()", "[]", "p.", "1e", "(p)", "p[", ".T")
    },
    **{
        f"2000 characters of p{sign}p": (SOFTMAX, _up_to(f"p{sign}", 1996) + "p", status, "")
        for sign, status in (
            ("+", "unreadable"), ("-", "unreadable"), ("*", "unreadable"), ("/", "unreadable"), ("**", "unreadable"),
            ("@", "unreadable"), ("<", "unreadable"), ("==", "unreadable"), (" and ", "unreadable"),
            (",", "unreadable"), ("   +   ", "wrong"), ("     @     ", "wrong"), ("      *      ", "unreadable"),
            ("      /      ", "unreadable"), ("        -        ", "wrong"),
        )
    },
}  # fmt: skip

COSTLY: dict[str, Row] = {
    "high power of a sum": (SOFTMAX, "(p + y + K + 1)**64", "wrong", "Not equal"),
    "powers of sums": (SOFTMAX, "((p + y + K + 1)**8)**8", "wrong", "Not equal"),
    "many factors": (SOFTMAX, "*".join(["(p+1)"] * 60), "wrong", "Not equal"),
    "nested functions": (SOFTMAX, "tanh(" * 55 + "p" + ")" * 55, "wrong", "Not equal"),
    "nested roots": (SOFTMAX, "sqrt(" * 55 + "p" + ")" * 55, "wrong", "Not equal"),
    "cancelling powers": (
        SOFTMAX, f"{RIGHT[SOFTMAX]} + (p@y+p@p+K+1)**30 - (1+p@y+p@p+K)**30", "correct", "Correct",
    ),
    "cancelling products": (SOFTMAX, f"{RIGHT[SOFTMAX]} + {_FACTORS} - {_SWAPPED}", "correct", "Correct"),
    "cancelling sums": (
        SOFTMAX,
        f"{RIGHT[SOFTMAX]} + Sum(Sum(Sum((p[a]+p[b]*y[c])**9,a),b),c) - Sum(Sum(Sum((p[b]+p[a]*y[c])**9,a),b),c)",
        "correct", "Correct",
    ),
    "cancelling powers of a scalar": (TANH, f"{RIGHT[TANH]} + (w+x+b+y+1)**40 - (1+y+x+w+b)**40", "correct", "Correct"),
    "nearly cancelling powers": (TANH, f"{RIGHT[TANH]} + (w+x+b+y+1)**40 - (1+y+x+w+b)**40 + 1e-9*w", "wrong", "Not"),
    "cancelling logs": (TANH, f"{RIGHT[TANH]} + {_many('log({next}+w**2)-log(w**2+{next})', 40)}",
        "correct", "Correct"),
    "cancelling roots": (TANH, f"{RIGHT[TANH]} + {_many('sqrt({k}+w**2)-(w**2+{k})**0.5', 35)}",
        "correct", "Correct"),
    "cancelling exps": (TANH, f"{RIGHT[TANH]} + {_many('exp({k}*w)-exp(w)**{k}', 20)}", "correct", "Correct"),
    "cancelling tanhs": (TANH, f"{RIGHT[TANH]} + {_many('tanh({k}*w)-tanh(w*{k})', 30)}", "correct", "Correct"),
    "tanh of a sum": (TANH, "tanh(w+x+b+y)**20*(1-tanh(w-x)**2)**20", "wrong", "Not equal"),
    "quotient of sums": (TANH, "/".join(["(w+x)", *[f"(b+{k}*w)" for k in range(1, 40)]]), "wrong", "Not"),
    "continued fraction": (TANH, "1/(w+" * 28 + "x" + ")" * 28, "wrong", "Not equal"),
    "continued fraction that is right": (
        TANH, f"{RIGHT[TANH]} + {'1/(9+w**2+' * 14}x**2{')' * 14} - {'1/(w**2+9+' * 14}x**2{')' * 14}",
        "correct", "Correct"),
}  # fmt: skip

SUMS: dict[str, Row] = {
    "sums in sums": (SOFTMAX, "Sum(Sum(Sum(Sum(Sum(p[a]*p[b]*p[c]*p[d]*p[e],a),b),c),d),e)", "unreadable", "4 sums"),
    "four sums": (SOFTMAX, "Sum(Sum(Sum(Sum((p[a]+p[b]+p[c]+p[d])**40,a),b),c),d)", "wrong", "Not equal"),
    "four sums of exp": (SOFTMAX, "Sum(Sum(Sum(Sum(exp(p[a]*y[b]+p[c]*y[d]),a),b),c),d)", "wrong", "Not equal"),
    "fixed sums in sums": (
        SOFTMAX,
        "Sum(Sum(Sum(Sum(p[a]*p[b]*p[c]*p[d],(a,0,19)),(b,0,19)),(c,0,19)),(d,0,19))", "unreadable", "5000 terms",
    ),
    "three times a fixed sum": (SOFTMAX, "Sum(p[k], (k, 0, 19))", "wrong", "no value"),
    "huge fixed range": (SOFTMAX, "Sum(p[k], (k, 1, 10**9))", "wrong", "shapes do not fit"),
    "fixed range from far": (SOFTMAX, "Sum(p[k], (k, -1000000000, 1000000000))", "wrong", "shapes do not fit"),
    "sum of squares of sums": (SOFTMAX, "Sum((p[a]+Sum((p[b]+Sum(y[c]*p[b],c))**9,b))**9,a)*p",
        "unreadable", "total degree"),
    "delta chain": (
        SOFTMAX,
        "Sum(Sum(Sum(Sum(delta(a,b)*delta(b,c)*delta(c,d)*delta(d,j)*p[a],a),b),c),d)*(p[j]-y[j]-dot(p-y,p))",
        "correct", "Correct",
    ),
    "many deltas": (SOFTMAX, "*".join(["delta(j,j)"] * 100) + "*p[j]", "wrong", "Not equal"),
    "delta chain of fixed indices": (SOFTMAX, _many("delta(j,{k})*p[{k}]", 40), "wrong", "Not equal"),
    "delta under a root": (SOFTMAX, "Sum(sqrt(delta(k,j))*p[k],k)", "wrong", "Not equal"),
    "division by delta": (SOFTMAX, "Sum(p[k]/delta(k,j),k)", "wrong", "no value"),
    "unbound index": (SOFTMAX, "Sum(p[i], k)*p[i]*p[j]", "unreadable", "has the index j only"),
    "index as value": (SOFTMAX, "p[j]*j", "unreadable", "is used where a value"),
    "array as index": (SOFTMAX, "p[p]", "unreadable", "is not bound"),
    "sum as index": (SOFTMAX, "p[Sum(p[k],k)]", "unreadable", "an index is a single name"),
    "mixed forms": (SOFTMAX, "p*p[j]", "unreadable", "mixed"),
    "slice": (SOFTMAX, "p[0:1]", "unreadable", "':' is not part"),
    "negative index": (SOFTMAX, "p[-1]", "unreadable", "an index is a single name"),
    "fraction as index": (SOFTMAX, "p[1/2]", "unreadable", "an index is a single name"),
    "sum over a symbol": (SOFTMAX, "Sum(p[p], p)", "unreadable", "is a symbol of this question"),
    "shadowed index": (SOFTMAX, "Sum(Sum(p[k],k)*p[k],k)", "wrong", "Not equal"),
    "derivative": (SOFTMAX, "D(1/2*Sum((p[k]-y[k])**2, k), z[j])", "unreadable", "D may be used in the steps"),
}  # fmt: skip

MATRICES: dict[str, Row] = {
    "long product of matrices": (SOFTMAX, "diag(p)" + "@outer(p, y)" * 20 + "@p", "wrong", "Not equal"),
    "very long product of matrices": (OLS, "X.T@X@" * 60 + "w", "unreadable", "total degree"),
    "squares of squares": (DECODER, "(((X.T@X)@(X.T@X))@((X.T@X)@(X.T@X)))@A@B", "wrong", "shapes do not fit"),
    "inverse of inverses": (SOFTMAX, "inv(inv(inv(diag(p))))@p", "wrong", "Not equal"),
    "nested inverses": (SOFTMAX, "inv(" * 40 + "diag(p)" + ")" * 40 + "@p", "undecided", "too much work"),
    "nested inverses of a product": (OLS, "inv(X.T@X+" * 15 + "X.T@X" + ")" * 15 + "@w", "wrong", "no value"),
    "inverse of a singular matrix": (OLS, "inv(outer(w,w))@w", "wrong", "Not equal"),
    "inverse of a wide product": (OLS, "inv(X@X.T)@y@X", "wrong", "Not equal"),
    "inverse of a vector": (OLS, "inv(w)", "wrong", "inv takes a square matrix"),
    "inverse of a sum of outer products": (
        OLS, "inv(" + _many("{k}*outer(w,w)", 30) + "+eye(d))@(X.T@y)", "wrong", "Not equal",
    ),
    "matrices of a fixed size": (OLS, "eye(99999999)@w", "wrong", "fixes a size"),
    "eye of a sum": (OLS, "eye(n+d)@w", "unreadable", "eye takes the name of a size"),
    "outer of outers": (OLS, "outer(outer(w,w),w)", "wrong", "outer takes two vectors"),
    "diag of diag": (OLS, "diag(diag(" * 13 + "diag(w)" + "))" * 13 + "@w", "wrong", "Not equal"),
    "power of a matrix": (OLS, "(X.T@X)**64@w", "unreadable", "total degree"),
    "@ with a number": (OLS, "2@w", "wrong", "@ needs arrays"),
    "transposed number": (OLS, "2.T*w", "unreadable", "operator is missing"),
    "tuple": (OLS, "(w, w)", "unreadable", "condition is used"),
    "empty call": (OLS, "sum()", "unreadable", "sum takes 1 to 2"),
}  # fmt: skip

PIECES: dict[str, Row] = {
    "nested cases": (SOFTMAX, "where(p>0," * 50 + "p" + ",p)" * 50, "wrong", "Not equal"),
    "nested cases of a scalar": (RELU, "where(z>0.5," * 50 + "z" + ",y)" * 50, "wrong", "Not equal"),
    "Piecewise chain": (
        RELU, f"Piecewise({','.join(f'(z-y, z>{3 - k / 10})' for k in range(19))}, (0, True))", "wrong", "Not equal",
    ),
    "right Piecewise chain": (
        RELU,
        f"Piecewise({','.join(f'(z-y, z>{k}/8)' for k in range(18, -1, -1))}, (0, True))",
        "undecided", "too much work"),
    "Piecewise of Piecewise": (RELU, "Piecewise((z-y,z>0),(" * 12 + "0" + ",True))" * 12, "correct", "Correct"),
    "Piecewise of 21": (RELU, f"Piecewise({','.join(['(z, z>0)'] * 21)})", "unreadable", "takes 1 to 20"),
    "many absolute values": (RELU, f"{RIGHT[RELU]} + {_many('abs(z-{k}/16)-abs({k}/16-z)', 30)}",
        "undecided", "too much work"),
    "many steps": (RELU, f"{RIGHT[RELU]} + {_many('0.1*Heaviside(z-{k}/7)', 30)}", "wrong", "Not equal"),
    "many dips": (RELU, f"{RIGHT[RELU]} + {_many('where((z-{k}/9)**2<1e-18,1,0)', 20)}", "undecided", "too much work"),
    "oscillating condition": (RELU, "where(sin(1e4*z)>0, z-y, 0)", "wrong", "Not equal"),
    "wild condition": (RELU, f"where(sin(1e9*z)>2, 1, {RIGHT[RELU]})", "correct", "Correct"),
    "nested absolute values": (HUBER, "abs(" * 29 + "r" + "-delta)" * 29, "wrong", "Not equal"),
    "choices of twenty": (HUBER, f"Max({','.join(f'r-{k}' for k in range(20))})", "wrong", "Not equal"),
    "huge condition": (HUBER, f"where({' and '.join(['r>0'] * 150)}, r, delta)", "wrong", "Not equal"),
    "condition without a value": (HUBER, "where(1/(r-r)>0, r, delta)", "wrong", "no value"),
    "no case holds": (HUBER, "Piecewise((r, r>1e9))", "wrong", "no value"),
    "condition of arrays": (SOFTMAX, "where(diag(p)>outer(p,y), p, y)", "wrong", "shape"),
    "condition": (SOFTMAX, "p < y", "unreadable", "condition is used"),
    "chained condition": (SOFTMAX, "0 < p < y", "unreadable", "condition is used"),
    "condition alone": (SOFTMAX, "p > 0", "unreadable", "condition is used"),
    "value as condition": (SOFTMAX, "where(p, p, y)", "unreadable", "a condition such as"),
    "truth value": (SOFTMAX, "True", "unreadable", "condition is used"),
    "truth value as a factor": (SOFTMAX, "True*p", "unreadable", "condition is used"),
}  # fmt: skip

LETTERS: dict[str, Row] = {
    "Cyrillic p": (SOFTMAX, "р - y", "unreadable", "is not part of the language"),
    "Greek rho for p": (SOFTMAX, "ρ - y", "unreadable", "rho is not a symbol"),
    "full-width p": (SOFTMAX, "ｐ - y", "unreadable", "is not part of the language"),
    "mathematical p": (SOFTMAX, "𝐩 - y", "unreadable", "is not part of the language"),
    "subscript": (SOFTMAX, "pⱼ", "wrong", ""),
    "subscripts of nothing": (SOFTMAX, "ⱼ₀ᵢ", "unreadable", "is not a symbol"),
    "raised letter": (SOFTMAX, "pˢ", "unreadable", "write ^s"),
    "combining accent": (SOFTMAX, "p\u0302 - y", "unreadable", "phat is not a symbol"),
    "Arabic digit": (SOFTMAX, "٢*p", "unreadable", "is not part of the language"),
    "Devanagari digit": (SOFTMAX, "२*p", "unreadable", "is not part of the language"),
    "full-width digit": (SOFTMAX, "２*p", "unreadable", "is not part of the language"),
    "digit in an exponent": (SOFTMAX, "1e٢*p", "unreadable", "is not part of"),
    "superscript": (SOFTMAX, "p²", "wrong", "Not equal"),
    "full-width brackets": (SOFTMAX, "（p）", "unreadable", "is not part of the language"),
    "full-width operators": (SOFTMAX, "p＋y", "unreadable", "is not part of the language"),
    "minus sign": (SOFTMAX, "p − y", "wrong", "Not equal"),
    "dot operator": (SOFTMAX, "p⋅y", "unreadable", "write p*y for products entry by entry"),
    "sum sign": (SOFTMAX, "∑(p)", "unreadable", "Sum takes"),
    "direction mark": (SOFTMAX, "p\u202e - y", "unreadable", "U+202E"),
    "left-to-right mark": (SOFTMAX, "p\u200e - y", "unreadable", "U+200E"),
    "isolate": (SOFTMAX, "\u2067p - y\u2069", "unreadable", "U+2067"),
    "zero-width space": (SOFTMAX, "p\u200b - y", "unreadable", "U+200B"),
    "soft hyphen": (SOFTMAX, "p\u00ad - y", "unreadable", "U+00AD"),
    "byte-order mark": (SOFTMAX, "\ufeffp - y", "unreadable", "U+FEFF"),
    "half a surrogate": (SOFTMAX, "p\ud800", "unreadable", "U+D800"),
    "private letter": (SOFTMAX, "\ue000*p", "unreadable", "U+E000"),
    "null": (SOFTMAX, "p\x00", "unreadable", "U+0000"),
    "only nulls": (SOFTMAX, "\x00" * 2000, "unreadable", "U+0000"),
    "escape": (SOFTMAX, "\x1b[31mp", "unreadable", "U+001B"),
    "bell": (SOFTMAX, "p\x07", "unreadable", "U+0007"),
    "no-break space": (SOFTMAX, RIGHT[SOFTMAX].replace(" ", "\u00a0"), "correct", "Correct"),
    "other spaces": (SOFTMAX, f"\u2003{RIGHT[SOFTMAX]}\u3000\t", "correct", "Correct"),
    "markup": (SOFTMAX, "<script>alert(p)</script>", "unreadable", "check operators and brackets"),
    "spreadsheet": (SOFTMAX, "=cmd|' /C calc'!A0", "unreadable", "is not part of the language"),
    "curly quotes": (SOFTMAX, "“p”", "unreadable", "is not part of the language"),
    "ellipsis": (SOFTMAX, "...", "unreadable", "only numbers and symbols"),
    "ellipsis sign": (SOFTMAX, "p…", "unreadable", "is not part of the language"),
}

CARELESS: dict[str, Row] = {
    "implicit product": (SOFTMAX, "2p", "wrong", "Not equal"),
    "brackets side by side": (SOFTMAX, "(p)(y)", "unreadable", "between arrays write @"),
    "equation": (SOFTMAX, "a == b", "unreadable", "condition is used"),
    "nothing": (SOFTMAX, "", "unreadable", "Nothing was written"),
    "spaces": (SOFTMAX, "   ", "unreadable", "Nothing was written"),
    "line ends": (SOFTMAX, "\n\r\n\r", "unreadable", "Nothing was written"),
    "None": (SOFTMAX, "None", "unreadable", "None is not part"),
    "equation without a right side": (SOFTMAX, "p - y =", "wrong", "Not equal"),  # the side before it is read
    "only an equals sign": (SOFTMAX, "=", "unreadable", "Nothing was written"),
    "arrows": (SOFTMAX, "=>" * 900, "unreadable", ""),
    "reasons": (SOFTMAX, "p (since y" * 150, "wrong", "Not equal"),
    "words": (SOFTMAX, "I do not know", "unreadable", "an operator is missing"),
    "numpy": (SOFTMAX, "np.exp(p)", "wrong", "Not equal"),
    "numpy again": (HUBER, "np.clip(r, -delta, delta)", "unreadable", "write Max(a, Min(u, b))"),
    "natural logarithm": (TANH, "ln(w)", "wrong", "Not equal"),
    "capital gamma": (STUDENT, "Gamma(nu/2)", "unreadable", "write gamma"),
    "subscripted delta": (SOFTMAX, "p[j]*delta[j, 0]", "unreadable", "write delta(i, j)"),
    "function without argument": (SOFTMAX, "exp*p", "unreadable", "it is a function"),
    "transpose as a power": (OLS, "X^T@y", "wrong", "Not equal"),
    "unit matrix by a letter": (OLS, "I@w", "unreadable", "a unit matrix is eye(K)"),
    "other capitals": (OLS, "x@w", "unreadable", "did you mean X?"),
    "Euler's number": (SOFTMAX, "e**p", "wrong", "Not equal"),
}

TEXTS: dict[str, Row] = {
    **CALLS, **NUMBERS, **SIZE, **COSTLY, **SUMS, **MATRICES, **PIECES, **LETTERS, **CARELESS,
}  # fmt: skip

DERIVATIONS: dict[str, tuple[str, list[str]]] = {
    "nested derivatives": (TANH, ["D(" * 12 + "(tanh(w*x+b)-y)**9*exp(w*x)*w**9" + ",w)" * 12]),
    "derivative of many factors": (TANH, [f"D({_many('(w+{k})', 55, '*')}, w)"]),
    "derivatives of many factors": (TANH, [f"D(D(D({_many('(w+{k})', 30, '*')}, w), w), w)"]),
    "derivative of nested functions": (TANH, ["D(" + "tanh(w*" * 28 + "x" + ")" * 28 + ", w)"]),
    "twenty costly lines": (SOFTMAX, ["Sum(Sum(Sum((p[a]+p[b]*y[c])**40,a),b),c)"] * 20),
    "twenty costly right lines": (SOFTMAX, [f"{RIGHT[SOFTMAX]} + {_FACTORS} - {_SWAPPED}"] * 20),
    "softmax of derivatives": (SOFTMAX, ["D(D(D(Sum((p[k]-y[k])**2,k), z[j]), z[j]), z[j])"]),
    "ten thousand lines": (SOFTMAX, ["p"] * 10_000),
}
"""Costly derivations: the number of the part, and the lines before the right answer."""
