"""Gradients of squared error through linear, tanh and ReLU outputs, target scaling, R^2 and PSNR."""

from __future__ import annotations

from .words import Derivation, Fact, Symbol

REAL, POSITIVE, WHOLE = Symbol(), Symbol(kind="positive"), Symbol(kind="whole")
LINEAR_SIZES = ({"n": 3, "d": 2}, {"n": 2, "d": 3}, {"n": 4, "d": 2}, {"n": 5, "d": 3})
SAMPLES = ({"n": 2}, {"n": 3}, {"n": 4}, {"n": 5})

REGRESSION: tuple[Derivation, ...] = (
    Derivation(
        number="E01.6",
        part="sym_ols_gradient",
        title="Gradient of the mean squared error of a linear model",
        quantity="1/n*Sum((Sum(X[i,k]*w[k], k) - y[i])^2, i)",
        steps=(("differentiate", "w"),),
        stated="2/n*X.T@(X@w-y)",
        symbols={"X": Symbol(("n", "d")), "w": Symbol(("d",)), "y": Symbol(("n",))},
        index=("j",),
        sizes=LINEAR_SIZES,
        lines=(
            (
                "differentiate each square; the inner derivative of sample `i` is `X[i,j]`",
                "1/n*Sum(2*(Sum(X[i,k]*w[k], k)-y[i])*X[i,j], i)",
            ),
            ("the sum over samples is a product with the transposed design", "2/n*(X.T@(X@w) - X.T@y)"),
        ),
        facts=(
            Fact(
                words="The gradient vanishes at the least-squares solution.",
                left="2/n*X.T@(X@(inv(X.T@X)@(X.T@y))-y)",
                right="0*w",
                sizes=({"n": 3, "d": 2},),
            ),
        ),
        conclusion="Error times input, averaged. The curvature `2/n*X.T@X` holds no target: for a linear "
        "model the stable learning rates do not depend on the units of `y`.",
        convention="mean over `n` samples, no 1/2, residual prediction minus target",
    ),
    Derivation(
        number="E04.5",
        part="sym_r2_unbiased",
        title="R² from the MSE and the unbiased variance",
        quantity="1 - Sum((y[i]-yhat[i])^2, i)/Sum((y[i]-ybar)^2, i)",
        name="R2",
        stated="1 - n*M/((n-1)*v)",
        symbols={"y": Symbol(("n",)), "yhat": Symbol(("n",))},
        definitions={
            "ybar": "Sum(y[i], i)/n",
            "M": "Sum((y[i]-yhat[i])^2, i)/n",
            "v": "Sum((y[i]-ybar)^2, i)/(n-1)",
        },
        sizes=SAMPLES,
        lines=(("the residual sum of squares is `n*M`, the total one `(n-1)*v`", "((n-1)*v - n*M)/((n-1)*v)"),),
        facts=(
            Fact(
                words="With the population variance `v*(n-1)/n` the factor is 1.",
                left="1 - M/(v*(n-1)/n)",
                right="1 - n*M/((n-1)*v)",
            ),
        ),
        conclusion="On one data set `R2` is an affine, strictly decreasing function of the MSE; the "
        "sample variance brings the factor `n/(n-1)`.",
        convention="`M` with divisor `n`, `v` with divisor `n-1`",
        notation={"R2": "R^2"},
    ),
    Derivation(
        number="E05.6",
        part="sym_grad_index",
        title="Summand of the gradient in index form",
        quantity="1/n*Sum((yhat[i]-y[i])^2, i)",
        steps=(("differentiate", "w"),),
        stated="2/n*(yhat_i-y_i)*x_ij",
        symbols={"x": Symbol(("n", "d")), "w": Symbol(("d",)), "y": Symbol(("n",))},
        definitions={"yhat[i]": "Sum(x[i,k]*w[k], k)"},
        index=("j",),
        held_as="Sum({}, i)",
        sizes=LINEAR_SIZES,
        lines=(("outer derivative times inner derivative", "Sum(1/n*2*(yhat[i]-y[i])*x[i,j], i)"),),
        conclusion="Prediction error times output sensitivity: the two factors of every gradient of squared error.",
        convention="mean over n samples, no 1/2; the summand is asked for, its sum over `i` is held against SymPy",
    ),
    Derivation(
        number="E05.7",
        part="sym_tanh_weight",
        title="Weight gradient through a tanh output",
        quantity="(tanh(w*x+b)-y)^2",
        steps=(("differentiate", "w"),),
        stated="2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*x",
        symbols={"w": REAL, "x": REAL, "b": REAL, "y": REAL},
        lines=(
            (
                "error, sensitivity of the output, sensitivity of the pre-activation",
                "2*(tanh(w*x+b)-y)*(1/cosh(w*x+b)^2)*x",
            ),
            ("the derivative of tanh is `1-tanh(u)^2`", "2*x*(tanh(w*x+b)-y)*(1-tanh(w*x+b)^2)"),
        ),
        facts=(
            Fact(
                words="For a large weight the gradient vanishes although the error does not (here `x` is "
                "1, `b` is 0 and `y` is 5).",
                left="2*(tanh(w)-5)*(1-tanh(w)^2)",
                right="0",
                limit=("w", "oo"),
            ),
        ),
        conclusion="Three factors: a large error cannot help where the sensitivity of the activation has gone.",
        convention="one sample, no 1/2",
    ),
    Derivation(
        number="E06.6",
        part="sym_scaled_mse",
        title="Mean squared error after a change of units",
        quantity="1/n*Sum(((alpha*yhat[i]+c)-(alpha*y[i]+c))^2, i)",
        stated="alpha**2*M",
        symbols={"y": Symbol(("n",)), "yhat": Symbol(("n",)), "alpha": REAL, "c": REAL},
        definitions={"M": "1/n*Sum((yhat[i]-y[i])^2, i)"},
        sizes=SAMPLES,
        lines=(("the common shift cancels in every difference", "1/n*Sum(alpha^2*(yhat[i]-y[i])^2, i)"),),
        conclusion="The loss scales with the square of the unit, the gradient in the parameters of a "
        "linear model with the unit; from zero the whole path of gradient descent scales "
        "along.",
        convention="mean over n samples",
    ),
    Derivation(
        number="E06.7",
        part="sym_raw_intercept",
        title="Intercept in raw units of a model trained on standardised data",
        quantity="(u-my)/sy - (w*(x-mx)/sx + b)",
        name="G",
        steps=(("solve", "u"), ("at", "x", "0")),
        result="b_raw",
        stated="my + sy*b - sy*w*mx/sx",
        symbols={"u": REAL, "x": REAL, "w": REAL, "b": REAL, "mx": REAL, "my": REAL, "sx": POSITIVE, "sy": POSITIVE},
        lines=(("`u` is `my + sy*(w*(x-mx)/sx + b)`, read at x = 0", "my + sy*(b - w*mx/sx)"),),
        conclusion="The intercept is the raw prediction at x = 0: both means and both scales enter.",
        convention="standardised input `(x-mx)/sx` and target `(u-my)/sy`",
        notation={"mx": "m_x", "my": "m_y", "sx": "s_x", "sy": "s_y", "b_raw": "b_raw"},
    ),
    Derivation(
        number="E07.6",
        part="sym_delta_tanh",
        title="Output delta of tanh",
        quantity="1/2*(tanh(z)-y)^2",
        steps=(("differentiate", "z"),),
        stated="(tanh(z)-y)*(1-tanh(z)**2)",
        symbols={"z": REAL, "y": REAL},
        lines=(
            ("error times slope of the activation", "(tanh(z)-y)/cosh(z)^2"),
            ("in exponentials", "(tanh(z)-y)*4*exp(2*z)/(exp(2*z)+1)^2"),
        ),
        facts=(
            Fact(
                words="The gradient vanishes in saturation, whatever the target.",
                left="(tanh(z)-y)*(1-tanh(z)^2)",
                right="0",
                limit=("z", "oo"),
            ),
            Fact(
                words="For the target 5 it falls like `-16*exp(-2*z)`.",
                left="(tanh(z)-5)*(1-tanh(z)^2)*exp(2*z)",
                right="-16",
                limit=("z", "oo"),
            ),
        ),
        conclusion="An unreachable target drives `z` to infinity; the gradient decays exponentially, so "
        "after `t` steps of rate `eta` the pre-activation has crept to about "
        "`1/2*log(32*eta*t)`, and it never quite stops.",
        convention="one sample, with 1/2",
    ),
    Derivation(
        number="E07.7",
        part="sym_delta_relu",
        title="Output delta of ReLU",
        quantity="1/2*(a-y)^2",
        steps=(("differentiate", "z"),),
        stated="Piecewise((z-y, z>0),(0, True))",
        symbols={"z": REAL, "y": REAL},
        definitions={"a": "where(z>0, z, 0)"},
        cases=(("z > 0", {"z": "t"}), ("z = 0", {"z": "0"}), ("z < 0", {"z": "-t"})),
        lines=(
            ("error times gate", "(Max(0,z)-y)*Heaviside(z)"),
            ("where the gate is open the output is `z`", "where(z>0, z-y, 0)"),
        ),
        facts=(
            Fact(words="The slope from the right at 0 is `-y` ...", left="z-y", right="-y", limit=("z", "0", "+")),
            Fact(
                words="... and from the left it is 0: the value at 0 is a convention.",
                left="where(z>0, z-y, 0)",
                right="0",
                limit=("z", "0", "-"),
            ),
        ),
        conclusion="For `z<=0` the sample sends no signal, however wrong the output is. The unit is dead "
        "only if that holds for every input.",
        convention="one sample, with 1/2; the slope of ReLU at 0 and `Heaviside(0)` are 0",
    ),
    Derivation(
        number="E15.7",
        part="sym_psnr",
        title="Peak signal-to-noise ratio in decibels",
        quantity="10^(Q/10) - R^2/M",
        name="G",
        steps=(("solve", "Q"),),
        result="Q",
        stated="10*log(R**2/M)/log(10)",
        symbols={"Q": REAL, "R": POSITIVE, "M": POSITIVE},
        lines=(("logarithm to base ten of the power ratio", "(20*log(R) - 10*log(M))/log(10)"),),
        facts=(
            Fact(
                words="A hundredfold MSE costs 20 dB.",
                left="10*log(R^2/(100*M))/log(10)",
                right="10*log(R^2/M)/log(10) - 20",
            ),
        ),
        conclusion="`Q` decibels mean that the peak power is `10^(Q/10)` times the mean squared error.",
        convention="`M` is the mean squared error, `R` the range; log is natural",
    ),
)
