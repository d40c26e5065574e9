"""Derivations as students write them, with the verdict of every piece, labelled before the reader was built.

``RIGHT`` holds derivations without an error, ``WRONG`` those with one or two.  A label is ``line:status``, one for each
piece that is read; the number is that of the student's line.  Left sides do not count as pieces.
"""

from __future__ import annotations

RIGHT: dict[str, tuple[str, str, str]] = {
    "cross-entropy in logits": (
        "E12.5",
        """L = -Sum(y[k]*log(p[k]), k)
= -Sum(y[k]*z[k], k) + log(Sum(exp(z[l]), l))
dL/dz_j = -y[j] + exp(z[j])/Sum(exp(z[l]), l)
= p[j] - y[j]""",
        "1:start 2:start 3:ok 4:ok",
    ),
    "cross-entropy by the chain rule": (
        "E12.5",
        """# through the probabilities
dL/dp_k = -y_k/p_k
dp_k/dz_j = p_k*(delta(k,j) - p_j)
dL/dz_j = Sum(-y[k]/p[k]*p[k]*(delta(k,j) - p[j]), k)
        = -y[j] + p[j]*Sum(y[k], k)
        = p[j] - y[j]   # since y sums to 1""",
        "2:ok 3:ok 4:ok 5:ok 6:ok",
    ),
    "cross-entropy with partial signs": (
        "E12.5",
        """∂L/∂p_k = -y_k/p_k
∂L/∂z_j = Sum(∂L/∂p_k * ∂p_k/∂z_j, k)
∂L/∂z_j = p_j - y_j""",
        "1:ok 2:ok 3:ok",
    ),
    "derivative by p on a line of its own": (
        "E12.5",
        "-y[j]/p[j]\nSum(-y[k]/p[k]*p[k]*(delta(k,j)-p[j]), k)\np - y",
        "1:other 2:ok 3:ok",
    ),
    "jacobian by the quotient rule": (
        "E12.4",
        """p_i = exp(z_i)/Sum(exp(z_l), l)
dp_i/dz_j = (delta(i,j)*exp(z[i])*Sum(exp(z[l]), l) - exp(z[i])*exp(z[j]))/Sum(exp(z[l]), l)^2
          = p_i*delta(i,j) - p_i*p_j
Hence, as a matrix:
dp/dz = diag(p) - outer(p, p)""",
        "1:ok 2:ok 3:ok 5:ok",
    ),
    "jacobian from the definition": (
        "E12.4", "D(exp(z[i])/Sum(exp(z[l]),l), z[j])\np[i]*(delta(i,j) - p[j])", "1:ok 2:ok",
    ),
    "softmax and squared error": (
        "E12.6",
        """Let L = 1/2*Sum((p[k]-y[k])^2, k).
Chain rule: dL/dz_j = Sum((p[k]-y[k])*D(p[k], z[j]), k)
= Sum((p[k]-y[k])*p[k]*(delta(k,j)-p[j]), k)
The delta picks the term k = j, so
= (p[j]-y[j])*p[j] - p[j]*Sum((p[k]-y[k])*p[k], k)
= p[j]*(p[j]-y[j] - Sum((p[k]-y[k])*p[k], k))""",
        "1:start 2:ok 3:ok 5:ok 6:ok",
    ),
    "softmax and squared error in arrays": (
        "E12.6", "J = diag(p) - outer(p,p)\ndL/dp = p - y\ndL/dz = J@(p-y)\n= p*(p-y) - p*dot(p, p-y)",
        "1:defines 2:ok 3:ok 4:ok",
    ),
    "distillation": (
        "E14.6",
        """L = T^2*(-Sum(q[k]*log(p[k]), k))
dL/dz_j = T^2*(1/T)*(p[j] - q[j])
= T*p_j - T*q_j""",
        "1:start 2:ok 3:ok",
    ),
    "distillation in logits": (
        "E14.6",
        """-T^2*Sum(q[k]*z[k]/T, k) + T^2*log(Sum(exp(z[l]/T), l))
-T*q[j] + T*exp(z[j]/T)/Sum(exp(z[l]/T), l)
T*(p_j - q_j)""",
        "1:start 2:ok 3:ok",
    ),
    "tanh with a name": (
        "E07.6",
        """a = tanh(z)
dL/da = a - y
da/dz = 1 - a^2
dL/dz = (a - y)*(1 - a^2)""",
        "1:defines 2:ok 3:ok 4:ok",
    ),
    "tanh, let and product of derivatives": (
        "E07.6",
        """let a = tanh(z)
L = (a-y)^2/2
dL/dz = dL/da * da/dz
      = (a-y)*(1-tanh(z)^2)""",
        "1:defines 2:start 3:ok 4:ok",
    ),
    "tanh, factors on lines of their own": (
        "E07.6",
        "1/2*(tanh(z)-y)^2\ntanh(z) - y\n1 - tanh(z)^2\n(tanh(z)-y)*(1-tanh(z)^2)",
        "1:start 2:other 3:other 4:ok",
    ),
    "tanh, a factor between two right lines": (
        "E07.6", "(tanh(z)-y)*D(tanh(z), z)\n1/cosh(z)^2\n(tanh(z)-y)/cosh(z)^2", "1:ok 2:other 3:ok",
    ),
    "tanh, prose between": (
        "E07.6",
        """We differentiate the loss of one sample.
1) outer derivative: tanh(z) - y
2) inner derivative: 1 - tanh(z)^2
The product of both is the answer:
(tanh(z)-y)*(1-tanh(z)^2)""",
        "2:other 3:other 5:ok",
    ),
    "operator on the left": (
        "E07.6", "d/dz tanh(z) = 1 - tanh(z)^2\nd/dz 1/2*(tanh(z)-y)^2 = (tanh(z)-y)*(1-tanh(z)^2)", "1:ok 2:ok",
    ),
    "weight through tanh": (
        "E05.7",
        """u = w*x + b
dL/du = 2*(tanh(u)-y)*(1-tanh(u)^2)
du/dw = x
dL/dw = dL/du * du/dw = 2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)^2)*x""",
        "1:defines 2:ok 3:ok 4:ok 4:ok",
    ),
    "least squares with a residual": (
        "E01.6",
        """r = X@w - y
L = 1/n*dot(r, r)
dL/dw = 2/n*X.T@r
= 2/n*X.T@(X@w - y)""",
        "1:defines 2:start 3:ok 4:ok",
    ),
    "least squares in entries": (
        "E01.6",
        """r_i = Sum(X[i,k]*w[k], k) - y[i]
dL/dw_j = 2/n*Sum(r_i*X[i,j], i)
dL/dw = 2/n*(X.T@X@w - X.T@y)""",
        "1:defines 2:ok 3:ok",
    ),
    "least squares set to zero": (
        "E01.6", "dL/dw = 2/n*X.T@(X@w-y) = 0", "1:ok 1:equation",
    ),
    "risk with a hidden moment": (
        "E02.6", "m2 - 2*a*m1 + a**2\n2*a - 2*m1", "1:start 2:ok",
    ),
    "risk, named": (
        "E02.6", "R = m2 - 2*a*m1 + a^2\ndR/da = -2*m1 + 2*a = 2*(a - m1)", "1:start 2:ok 2:ok",
    ),
    "log-variance": (
        "E10.6",
        """sigma2 = exp(s)
L = 1/2*log(2*pi*sigma2) + (y-mu)^2/(2*sigma2)
dL/dsigma2 = 1/(2*sigma2) - (y-mu)^2/(2*sigma2^2)
dsigma2/ds = sigma2
dL/ds = (1/(2*sigma2) - (y-mu)^2/(2*sigma2^2))*sigma2
      = 1/2 - (y-mu)^2/(2*exp(s))""",
        "1:defines 2:start 3:ok 4:ok 5:ok 6:ok",
    ),
    "an equation to solve": (
        "E11.6",
        """MSE = c^2*sigma2/n + (1-c)^2*theta^2
dMSE/dc = 2*c*sigma2/n - 2*(1-c)*theta^2 = 0
c*(sigma2/n + theta^2) = theta^2
c = theta^2/(theta^2 + sigma2/n)""",
        "1:defines 2:ok 2:equation 3:other 3:ok 4:ok",
    ),
    "huber by cases": (
        "E08.6",
        """rho = where(abs(r)<=delta, r^2/2, delta*(abs(r)-delta/2))
drho/dr = where(abs(r)<=delta, r, delta*sign(r))
= Max(-delta, Min(r, delta))""",
        "1:start 2:ok 3:ok",
    ),
    "sigmoid with a name after it": (
        "E13.5", "dL/dz = (s-o)*s*(1-s) where s = 1/(1+exp(-z))", "1:defines 1:ok",
    ),
    "chain on one line": (
        "E12.6",
        "dL/dz_j = Sum((p[k]-y[k])*p[k]*(delta(k,j)-p[j]), k) = p[j]*(p[j]-y[j]) - p[j]*Sum((p[k]-y[k])*p[k], k)",
        "1:ok 1:ok",
    ),
}  # fmt: skip

WRONG: dict[str, tuple[str, str, str]] = {
    "unnormalised exponential": (
        "E12.5",
        """L = -Sum(y[k]*z[k], k) + log(Sum(exp(z[l]), l))
dL/dz_j = -y[j] + exp(z[j])
= p[j] - y[j]""",
        "1:start 2:wrong 3:returns",
    ),
    "sign of the derivative by p": (
        "E12.5", "dL/dp_k = y_k/p_k\ndL/dz_j = p_j - y_j", "1:wrong 2:ok",
    ),
    "sum over y forgotten": (
        "E12.5",
        "dL/dz_j = -y[j] + p[j]*Sum(y[k], k)\n= -y[j] + p[j]*K",
        "1:ok 2:wrong",
    ),
    "slope of tanh": (
        "E07.6",
        """a = tanh(z)
dL/da = a - y
da/dz = 1 - a
dL/dz = (a - y)*(1 - a)""",
        "1:defines 2:ok 3:wrong 4:follows",
    ),
    "slope of tanh on bare lines": (
        "E07.6", "(tanh(z)-y)*D(tanh(z), z)\n(tanh(z)-y)*(1-tanh(z))", "1:ok 2:wrong",
    ),
    "lost factor": (
        "E05.7",
        "dL/dw = 2*(tanh(w*x+b)-y)*D(tanh(w*x+b), w)\n= 2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)^2)",
        "1:ok 2:wrong",
    ),
    "wrong twice and cancelling": (
        "E01.6",
        """dL/dw = 2/n*X.T@(X@w-y)
= 2/n*X.T@X@w - X.T@y
= 2/n*X.T@(X@w-y)""",
        "1:ok 2:wrong 3:returns",
    ),
    "cancelling on bare lines": (
        "E12.6",
        "Sum((p[k]-y[k])*p[k]*(delta(k,j)-p[j]), k)\n2*(p*(p-y) - p*dot(p-y,p))\np*(p-y) - p*dot(p-y,p)",
        "1:ok 2:wrong 3:returns",
    ),
    "wrong twice": (
        "E02.6", "m2 - 2*a*m1 + a^2\n= m2 - 2*a*m1 + a\n2*a - 2*m1 = 2*a - m1", "1:start 2:wrong 3:ok 3:wrong",
    ),
    "loss expanded wrongly": (
        "E07.6", "L = 1/2*(tanh(z)-y)^2\n= 1/2*(tanh(z)^2 - y^2)\ndL/dz = tanh(z)*(1-tanh(z)^2)",
        "1:start 2:wrong 3:follows",
    ),
    "shapes": (
        "E01.6", "dL/dw = 2/n*X.T@(X@w-y)\n= 2/n*(X@w-y)@X.T", "1:ok 2:wrong",
    ),
    "equation that the answer does not solve": (
        "E11.6",
        "2*c*sigma2/n + 2*(1-c)*theta^2 = 0\nc = theta^2/(theta^2 + sigma2/n)",
        "1:other 1:wrong 2:ok",
    ),
    "error after twenty lines": (
        "E12.5",
        "\n".join(["p - y"] * 22 + ["p + y", "p + y", "p - y"]),
        " ".join([f"{k}:ok" for k in range(1, 23)] + ["23:wrong", "24:follows", "25:returns"]),
    ),
}  # fmt: skip
