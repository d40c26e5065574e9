"""The symbolic questions of the catalogue: one literal for each part, with the level of proof that is promised.

``LEVELS`` names the least level at which the reference and its equivalent forms must be accepted.
"""

from __future__ import annotations

from autograder.symbolic import MisconceptionForm, Question, RequiredForm, Symbol

QUESTIONS: dict[str, Question] = {
    "E01.6": Question(
        id="sym_ols_gradient",
        truth="2/n*X.T@(X@w-y)",
        symbols=(Symbol("X", ("n", "d")), Symbol("w", ("d",)), Symbol("y", ("n",))),
        shape=("d",),
        index=("j",),
        loss="1/n*Sum((Sum(X[i,l]*w[l], l) - y[i])**2, i)",
        wrt="w[j]",
        convention="mean over the n samples, no 1/2",
        equivalents=(
            "2*(X.T@X@w - X.T@y)/n",
            "2/n*(X@w-y)@X",
        ),
        misconceptions=(
            MisconceptionForm(
                "6a",
                "sign of the residual",
                "2/n*X.T@(y-X@w)",
                "In which direction does the loss grow when all predictions are too large?",
            ),
            MisconceptionForm("6b", "factor 2 lost", "1/n*X.T@(X@w-y)", "Differentiate r^2 for one sample."),
            MisconceptionForm(
                "6c", "1/n lost", "2*X.T@(X@w-y)", "Duplicate the data set: does the gradient of a mean double?"
            ),
            MisconceptionForm(
                "6d",
                "X not transposed (shape)",
                "2/n*(X@w-y)@X.T",
                "Write the shape of every factor; the answer has one entry per weight.",
            ),
        ),
    ),
    "E02.5": Question(
        id="sym_risk_moments",
        truth="m2 - 2*a*m1 + a**2",
        symbols=(
            Symbol("a", domain=(-3, 3)),
            Symbol("m1", domain=(-3, 3)),
            Symbol("m2", domain=(9, 20)),
        ),
        equivalents=("(m2-m1**2)+(m1-a)**2",),
        misconceptions=(
            MisconceptionForm("5a", "variance dropped", "(m1-a)**2", "Set a=m1: is the risk then zero?"),
            MisconceptionForm(
                "5b", "variance used as second moment", "m2 + (m1-a)**2", "m2 is E[Y^2], not the variance."
            ),
            MisconceptionForm("5c", "sign of the cross term", "m2 + 2*a*m1 + a**2", "Expand (Y-a)^2 term by term."),
        ),
    ),
    "E02.6": Question(
        id="sym_risk_derivative",
        truth="2*(a-m1)",
        symbols=(
            Symbol("a", domain=(-3, 3)),
            Symbol("m1", domain=(-3, 3)),
        ),
        loss="m2 - 2*a*m1 + a**2",
        wrt="a",
        hidden=(Symbol("m2", domain=(9, 20)),),
        convention="no 1/2 in front of the squared error",
        equivalents=("2*a-2*m1",),
        misconceptions=(
            MisconceptionForm("6a", "sign", "2*(m1-a)", "For a far above the mean the risk must increase with a."),
            MisconceptionForm("6b", "factor 2", "a-m1", "There is no 1/2 in front of the loss."),
            MisconceptionForm("6c", "second derivative", "2", "You differentiated twice."),
        ),
    ),
    "E03.5": Question(
        id="sym_normal_mean",
        truth="(n*tau2*ybar + sigma2*m0)/(n*tau2 + sigma2)",
        symbols=(
            Symbol("m0", domain=(-3, 3)),
            Symbol("tau2", domain=(0.2, 5)),
            Symbol("sigma2", domain=(0.2, 5)),
            Symbol("n", domain=(1, 9), integer=True),
            Symbol("ybar", domain=(-3, 3)),
        ),
        equivalents=("(m0/tau2+n*ybar/sigma2)/(1/tau2+n/sigma2)",),
        misconceptions=(
            MisconceptionForm(
                "5a", "n missing", "(tau2*ybar+sigma2*m0)/(tau2+sigma2)", "Let n grow: the data must win."
            ),
            MisconceptionForm(
                "5b", "weights exchanged", "(n*tau2*m0+sigma2*ybar)/(n*tau2+sigma2)", "Let tau2 go to infinity."
            ),
            MisconceptionForm(
                "5c",
                "standard deviations as weights",
                "(n*sqrt(tau2)*ybar+sqrt(sigma2)*m0)/(n*sqrt(tau2)+sqrt(sigma2))",
                "Precisions are reciprocals of variances.",
            ),
        ),
    ),
    "E03.6": Question(
        id="sym_shrinkage",
        truth="n/(a+b+n)",
        symbols=(
            Symbol("a", domain=(1, 9)),
            Symbol("b", domain=(1, 9)),
            Symbol("n", domain=(1, 50), integer=True),
        ),
        equivalents=("1-(a+b)/(a+b+n)",),
        misconceptions=(
            MisconceptionForm(
                "6a", "complement", "(a+b)/(a+b+n)", "lambda multiplies the data term: what is it for huge n?"
            ),
            MisconceptionForm("6b", "only a counted", "n/(a+n)", "Both pseudo-counts add to the prior sample size."),
            MisconceptionForm("6c", "mode instead of mean", "n/(a+b+n-2)", "That is for the posterior mode."),
        ),
    ),
    "E04.5": Question(
        id="sym_r2_unbiased",
        truth="1 - n*M/((n-1)*v)",
        symbols=(
            Symbol("M", domain=(0.1, 9)),
            Symbol("v", domain=(0.1, 9)),
            Symbol("n", domain=(2, 40), integer=True),
        ),
        equivalents=("((n-1)*v - n*M)/((n-1)*v)",),
        misconceptions=(
            MisconceptionForm("5a", "ddof ignored", "1 - M/v", "v has divisor n-1, M has divisor n."),
            MisconceptionForm("5b", "factor inverted", "1 - (n-1)*M/(n*v)", "Express SS_tot through v."),
            MisconceptionForm(
                "5c", "adjusted R^2 formula", "1 - (n-1)*M/((n-2)*v)", "No degrees-of-freedom correction is asked for."
            ),
        ),
    ),
    "E05.6": Question(
        id="sym_grad_index",
        truth="2/n*(yhat_i-y_i)*x_ij",
        symbols=(Symbol("x", ("n", "d")), Symbol("yhat", ("n",)), Symbol("y", ("n",))),
        shape=("n", "d"),
        index=("i", "j"),
        convention="mean over the n samples, no 1/2; residual yhat - y",
        equivalents=("-2*x_ij*(y_i-yhat_i)/n",),
        misconceptions=(
            MisconceptionForm("6a", "sign", "2/n*(y_i-yhat_i)*x_ij", "Derivative of (yhat-y)^2 with respect to yhat."),
            MisconceptionForm("6b", "1/2 convention", "1/n*(yhat_i-y_i)*x_ij", "There is no 1/2 in this loss."),
            MisconceptionForm(
                "6c", "weight instead of input", "2/n*(yhat_i-y_i)*yhat_i", "d yhat_i/d w_j is which quantity?"
            ),
            MisconceptionForm("6d", "average missing", "2*(yhat_i-y_i)*x_ij", "Keep the 1/n."),
        ),
    ),
    "E05.7": Question(
        id="sym_tanh_weight",
        truth="2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*x",
        symbols=(
            Symbol("w", domain=(-2, 2)),
            Symbol("x", domain=(-2, 2)),
            Symbol("b", domain=(-1, 1)),
            Symbol("y", domain=(-3, 3)),
        ),
        loss="(tanh(w*x+b)-y)**2",
        wrt="w",
        convention="no 1/2 in front of the loss",
        equivalents=("2*x*(tanh(w*x+b)-y)/cosh(w*x+b)**2",),
        misconceptions=(
            MisconceptionForm(
                "7a",
                "inner derivative x missing",
                "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)",
                "w multiplies x inside tanh.",
            ),
            MisconceptionForm(
                "7b", "activation derivative missing", "2*(tanh(w*x+b)-y)*x", "Chain rule: three factors."
            ),
            MisconceptionForm(
                "7c",
                "derivative of tanh as 1-tanh",
                "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b))*x",
                "Evaluate tanh' at 0 and infinity.",
            ),
            MisconceptionForm(
                "7d",
                "b also multiplied",
                "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)*(x+b)",
                "Differentiate w*x+b with respect to w.",
            ),
        ),
    ),
    "E06.6": Question(
        id="sym_scaled_mse",
        truth="alpha**2*M",
        symbols=(
            Symbol("alpha", domain=(0.2, 5)),
            Symbol("M", domain=(0.2, 5)),
        ),
        equivalents=("alpha*alpha*M",),
        misconceptions=(
            MisconceptionForm("6a", "linear scaling", "alpha*M", "The error is squared."),
            MisconceptionForm("6b", "no scaling", "M", "Change metres to millimetres."),
            MisconceptionForm(
                "6c", "shift added", "alpha**2*M + alpha", "What happens to a common shift in a difference?"
            ),
        ),
    ),
    "E06.7": Question(
        id="sym_raw_intercept",
        truth="my + sy*b - sy*w*mx/sx",
        symbols=(
            Symbol("w", domain=(-2, 2)),
            Symbol("b", domain=(-2, 2)),
            Symbol("mx", domain=(-2, 2)),
            Symbol("sx", domain=(0.3, 3)),
            Symbol("my", domain=(-2, 2)),
            Symbol("sy", domain=(0.3, 3)),
        ),
        equivalents=("my + sy*(b - w*mx/sx)",),
        misconceptions=(
            MisconceptionForm(
                "7a",
                "sy missing in the slope term",
                "my + sy*b - w*mx/sx",
                "Insert z_x and z_y and collect the constants.",
            ),
            MisconceptionForm("7b", "b unscaled", "my + b - sy*w*mx/sx", "b is in standardised units."),
            MisconceptionForm("7c", "sign", "my + sy*b + sy*w*mx/sx", "Evaluate the model at x=0."),
        ),
    ),
    "E07.6": Question(
        id="sym_delta_tanh",
        truth="(tanh(z)-y)*(1-tanh(z)**2)",
        symbols=(
            Symbol("z", domain=(-2, 2)),
            Symbol("y", domain=(-5, 5)),
        ),
        loss="1/2*(tanh(z)-y)**2",
        wrt="z",
        convention="1/2 in front of the loss",
        equivalents=(
            "(tanh(z)-y)/cosh(z)**2",
            "(tanh(z)-y)*4*exp(2*z)/(exp(2*z)+1)**2",
        ),
        misconceptions=(
            MisconceptionForm("6a", "factor 2", "2*(tanh(z)-y)*(1-tanh(z)**2)", "1/2 in front."),
            MisconceptionForm("6b", "error only", "tanh(z)-y", "Second factor of the chain rule?"),
            MisconceptionForm("6c", "1-tanh", "(tanh(z)-y)*(1-tanh(z))", "Derivative of tanh."),
            MisconceptionForm("6d", "sign", "(y-tanh(z))*(1-tanh(z)**2)", "Sign at z large, y=0."),
        ),
    ),
    "E07.7": Question(
        id="sym_delta_relu",
        truth="Piecewise((z-y, z>0),(0, True))",
        symbols=(
            Symbol("z", domain=(-2, 2)),
            Symbol("y", domain=(-5, 5)),
        ),
        loss="1/2*(Max(0, z)-y)**2",
        wrt="z",
        convention="1/2 in front of the loss; f'(0) = 0",
        equivalents=(
            "(Max(0,z)-y)*Heaviside(z)",
            "where(z>0, z-y, 0)",
        ),
        misconceptions=(
            MisconceptionForm("7a", "error not gated", "Max(z,0)-y", "For z<0 the output does not react to z."),
            MisconceptionForm(
                "7b", "gate multiplies the output only", "z*Heaviside(z)-y", "The whole product (a-y)f' is gated."
            ),
            MisconceptionForm(
                "7c", "gate on y", "Piecewise((z-y, y>0),(0, True))", "Which quantity passes through the ReLU?"
            ),
            MisconceptionForm("7d", "factor 2", "2*Piecewise((z-y, z>0),(0, True))", "1/2 in front."),
        ),
        special=((("z", 0.0),),),
    ),
    "E08.5": Question(
        id="sym_psi_l1",
        truth="sign(r)",
        symbols=(Symbol("r", domain=(-4, 4)),),
        loss="Abs(r)",
        wrt="r",
        equivalents=(
            "r/Abs(r)",
            "Piecewise((1, r>0),(-1, True))",
        ),
        misconceptions=(
            MisconceptionForm("5a", "constant 1", "1", "Odd function."),
            MisconceptionForm("5b", "|r|", "Abs(r)", "That is the loss."),
            MisconceptionForm("5c", "r", "r", "That belongs to squared error."),
        ),
        excluded=(("r", 0.0),),
    ),
    "E08.6": Question(
        id="sym_psi_huber",
        truth="Piecewise((r, Abs(r)<=delta),(delta*sign(r), True))",
        symbols=(
            Symbol("r", domain=(-4, 4)),
            Symbol("delta", domain=(0.5, 2.5)),
        ),
        loss="where(Abs(r) <= delta, r**2/2, delta*(Abs(r) - delta/2))",
        wrt="r",
        convention="1/2 in the quadratic core",
        equivalents=(
            "Max(-delta, Min(r, delta))",
            "r*Min(1, delta/Abs(r))",
            "where(abs(r)<=delta, r, delta*r/abs(r))",
        ),
        misconceptions=(
            MisconceptionForm(
                "6a", "saturates at 1", "Piecewise((r, Abs(r)<=delta),(sign(r), True))", "Continuity at delta."
            ),
            MisconceptionForm("6b", "one-sided", "Min(r, delta)", "Look at r=-10."),
            MisconceptionForm("6c", "weight", "Min(1, delta/Abs(r))", "psi(r)=weight*r."),
            MisconceptionForm("6d", "no sign", "Piecewise((r, Abs(r)<=delta),(delta, True))", "Odd function."),
        ),
        excluded=(("r", 0.0),),
    ),
    "E08.7": Question(
        id="sym_psi_pseudo_huber",
        truth="r/sqrt(1+(r/delta)**2)",
        symbols=(
            Symbol("r", domain=(-4, 4)),
            Symbol("delta", domain=(0.5, 2.5)),
        ),
        loss="delta**2*(sqrt(1+(r/delta)**2)-1)",
        wrt="r",
        equivalents=("delta*r/sqrt(delta**2+r**2)",),
        misconceptions=(
            MisconceptionForm(
                "7a",
                "inner derivative forgotten",
                "delta**2/(2*sqrt(1+(r/delta)**2))",
                "Chain rule: the root and its argument.",
            ),
            MisconceptionForm(
                "7b", "delta^2 kept", "delta**2*r/sqrt(1+(r/delta)**2)", "For small r psi behaves like r."
            ),
            MisconceptionForm("7c", "factor 1/2", "r/(2*sqrt(1+(r/delta)**2))", "Slope at 0?"),
        ),
        excluded=(("r", 0.0),),
    ),
    "E09.5": Question(
        id="sym_median_avar",
        truth="pi*nu*gamma(nu/2)**2/(4*gamma((nu+1)/2)**2)",
        symbols=(Symbol("nu", domain=(0.6, 9)),),
        equivalents=("1/(4*(gamma((nu+1)/2)/(sqrt(nu*pi)*gamma(nu/2)))**2)",),
        misconceptions=(
            MisconceptionForm(
                "5a", "density not squared", "sqrt(pi*nu)*gamma(nu/2)/(4*gamma((nu+1)/2))", "1/(4 f(0)^2)."
            ),
            MisconceptionForm("5b", "normal limit for every nu", "pi/2", "That is nu -> infinity."),
            MisconceptionForm("5c", "factor 4 lost", "pi*nu*gamma(nu/2)**2/gamma((nu+1)/2)**2", "Check nu=1: pi^2/4."),
        ),
    ),
    "E10.5": Question(
        id="sym_nll_dmu",
        truth="-(y-mu)*exp(-s)",
        symbols=(
            Symbol("y", domain=(-2, 2)),
            Symbol("mu", domain=(-2, 2)),
            Symbol("s", domain=(-2, 2)),
        ),
        loss="1/2*(log(2*pi) + s + (y-mu)**2*exp(-s))",
        wrt="mu",
        convention="1/2 in front of the whole negative log-likelihood",
        equivalents=("(mu-y)/exp(s)",),
        misconceptions=(
            MisconceptionForm("5a", "sign", "(y-mu)*exp(-s)", "Step direction."),
            MisconceptionForm("5b", "unweighted", "mu-y", "Precision factor."),
            MisconceptionForm("5c", "factor 2", "-2*(y-mu)*exp(-s)", "1/2 in front."),
            MisconceptionForm("5d", "sigma as s", "-(y-mu)*exp(-2*s)", "s is the log-variance."),
        ),
    ),
    "E10.6": Question(
        id="sym_nll_ds",
        truth="(1-(y-mu)**2*exp(-s))/2",
        symbols=(
            Symbol("y", domain=(-2, 2)),
            Symbol("mu", domain=(-2, 2)),
            Symbol("s", domain=(-2, 2)),
        ),
        loss="1/2*(log(2*pi) + s + (y-mu)**2*exp(-s))",
        wrt="s",
        convention="1/2 in front of the whole negative log-likelihood",
        equivalents=("1/2 - (y-mu)**2/(2*exp(s))",),
        misconceptions=(
            MisconceptionForm("6a", "sign of the exponent", "(1+(y-mu)**2*exp(-s))/2", "Derivative of e^-s."),
            MisconceptionForm("6b", "gradient for sigma^2", "(1-(y-mu)**2*exp(-s))*exp(-s)/2", "Chain rule."),
            MisconceptionForm("6c", "1/2 missing", "1-(y-mu)**2*exp(-s)", "Both terms carry 1/2."),
            MisconceptionForm("6d", "first term missing", "-(y-mu)**2*exp(-s)/2", "Differentiate s/2."),
        ),
    ),
    "E11.5": Question(
        id="sym_shrinkage_mse",
        truth="c**2*sigma2/n + (1-c)**2*theta**2",
        symbols=(
            Symbol("c", domain=(0.1, 2)),
            Symbol("theta", domain=(0.3, 3)),
            Symbol("sigma2", domain=(0.2, 3)),
            Symbol("n", domain=(1, 12), integer=True),
        ),
        equivalents=("c**2*sigma2/n + theta**2 - 2*c*theta**2 + c**2*theta**2",),
        misconceptions=(
            MisconceptionForm("5a", "bias dropped", "c**2*sigma2/n", "E[c*mean] is c*theta."),
            MisconceptionForm("5b", "variance not scaled", "sigma2/n + (1-c)**2*theta**2", "Var(cZ)=c^2 Var Z."),
            MisconceptionForm("5c", "bias not squared", "c**2*sigma2/n + (1-c)*theta", "Squared error."),
            MisconceptionForm("5d", "n missing", "c**2*sigma2 + (1-c)**2*theta**2", "Mean of n values."),
        ),
    ),
    "E11.6": Question(
        id="sym_optimal_c",
        truth="theta**2/(theta**2+sigma2/n)",
        symbols=(
            Symbol("theta", domain=(0.3, 3)),
            Symbol("sigma2", domain=(0.2, 3)),
            Symbol("n", domain=(1, 12), integer=True),
        ),
        equivalents=("n*theta**2/(n*theta**2+sigma2)",),
        misconceptions=(
            MisconceptionForm("6a", "unbiased", "1", "Set the derivative to zero."),
            MisconceptionForm("6b", "noise in the numerator", "(sigma2/n)/(theta**2+sigma2/n)", "No noise: c=1."),
            MisconceptionForm("6c", "n missing", "theta**2/(theta**2+sigma2)", "Variance of the mean."),
        ),
    ),
    "E12.4": Question(
        id="sym_softmax_jacobian",
        truth="diag(p) - outer(p,p)",
        symbols=(Symbol("p", ("K",), kind="probability", logits="z"),),
        shape=("K", "K"),
        index=("i", "j"),
        loss="p[i]",
        wrt="z[j]",
        hidden=(Symbol("z", ("K",)),),
        equivalents=("diag(p)@(eye(K) - outer(1+0*p, p))",),
        misconceptions=(
            MisconceptionForm("4a", "diagonal only", "diag(p*(1-p))", "Off-diagonal entries: p_i depends on z_j."),
            MisconceptionForm("4b", "sign", "outer(p,p) - diag(p)", "Raising z_j raises p_j."),
            MisconceptionForm("4c", "identity instead of diag(p)", "eye(K) - outer(p,p)", "Rows must sum to zero."),
        ),
    ),
    "E12.5": Question(
        id="sym_ce_grad",
        truth="p - y",
        symbols=(Symbol("p", ("K",), kind="probability", logits="z"), Symbol("y", ("K",), kind="label")),
        shape=("K",),
        index=("j",),
        loss="-Sum(y[k]*log(p[k]), k)",
        wrt="z[j]",
        hidden=(Symbol("z", ("K",)),),
        equivalents=("(diag(p)-outer(p,p))@(-y/p)",),
        misconceptions=(
            MisconceptionForm("5a", "sign", "y - p", "Descent must raise the true logit."),
            MisconceptionForm("5b", "derivative with respect to p", "-y/p", "Continue to z through the softmax."),
            MisconceptionForm("5c", "MSE gradient", "p*((p-y) - dot(p-y,p))", "That is squared error."),
        ),
    ),
    "E12.6": Question(
        id="sym_softmax_mse_grad",
        truth="p*((p-y) - dot(p-y,p))",
        symbols=(Symbol("p", ("K",), kind="probability", logits="z"), Symbol("y", ("K",), kind="label")),
        shape=("K",),
        index=("j",),
        loss="1/2*Sum((p[k]-y[k])**2, k)",
        wrt="z[j]",
        hidden=(Symbol("z", ("K",)),),
        convention="1/2 in front of the sum over the classes",
        equivalents=(
            "(p-y)*p - p*sum((p-y)*p)",
            "(diag(p)-outer(p,p))@(p-y)",
        ),
        misconceptions=(
            MisconceptionForm("6a", "diagonal Jacobian", "p*(1-p)*(p-y)", "Do the entries sum to 0?"),
            MisconceptionForm("6b", "factor 2", "2*p*((p-y) - dot(p-y,p))", "1/2 in the loss."),
            MisconceptionForm("6c", "p outside the bracket missing", "(p-y) - dot(p-y,p)", "Every term carries p_j."),
            MisconceptionForm("6d", "scalar product with y", "p*((p-y) - dot(p-y,y))", "S=sum (p_i-y_i)p_i."),
            MisconceptionForm("6e", "sum of errors", "p*((p-y) - sum(p-y))", "sum(p-y) is 0."),
        ),
        required_forms=(RequiredForm("the softmax Jacobian", ("delta", "diag", "eye", "outer")),),
    ),
    "E12.7": Question(
        id="sym_saturation",
        truth="2*eps*(1-eps)**2",
        symbols=(Symbol("eps", domain=(0.05, 0.95)),),
        equivalents=("2*eps - 4*eps^2 + 2*eps^3",),
        misconceptions=(
            MisconceptionForm("7a", "CE gradient", "1-eps", "That does not vanish: which loss is it?"),
            MisconceptionForm("7b", "coupling ignored", "eps*(1-eps)**2", "Both outputs change when z_w moves."),
            MisconceptionForm(
                "7c", "sign (that is z_c)", "-2*eps*(1-eps)**2", "Raising the wrong logit increases the loss."
            ),
            MisconceptionForm("7d", "leading order only", "2*eps", "Exact expression, not the limit."),
        ),
    ),
    "E13.5": Question(
        id="sym_delta_sigmoid",
        truth="(1/(1+exp(-z)) - o)*exp(-z)/(1+exp(-z))**2",
        symbols=(
            Symbol("z", domain=(-4, 4)),
            Symbol("o", domain=(0, 1), integer=True),
        ),
        loss="1/2*(1/(1+exp(-z)) - o)**2",
        wrt="z",
        convention="1/2 in front of the loss",
        equivalents=(
            "(1/(1+exp(-z)) - o)*(1/(1+exp(-z)))*(1/(1+exp(z)))",
            "((1+tanh(z/2))/2 - o)*(1-tanh(z/2)**2)/4",
        ),
        misconceptions=(
            MisconceptionForm("5a", "cross-entropy gradient", "1/(1+exp(-z)) - o", "That is for the log loss."),
            MisconceptionForm("5b", "factor 2", "2*(1/(1+exp(-z)) - o)*exp(-z)/(1+exp(-z))**2", "1/2."),
            MisconceptionForm(
                "5c", "sigma instead of sigma(1-sigma)", "(1/(1+exp(-z)) - o)/(1+exp(-z))", "Derivative of the sigmoid."
            ),
            MisconceptionForm(
                "5d", "sign", "(o - 1/(1+exp(-z)))*exp(-z)/(1+exp(-z))**2", "o=0: raising z raises the loss."
            ),
        ),
    ),
    "E13.6": Question(
        id="sym_brier_expected",
        truth="(q-p)**2 + p*(1-p)",
        symbols=(
            Symbol("q", domain=(0, 1)),
            Symbol("p", domain=(0, 1)),
        ),
        equivalents=("p*(1-q)^2 + (1-p)*q^2",),
        misconceptions=(
            MisconceptionForm("6a", "uncertainty dropped", "(q-p)**2", "Perfect forecast q=p: is the score 0?"),
            MisconceptionForm("6b", "variance of the forecast", "(q-p)**2 + q*(1-q)", "Whose randomness is O?"),
            MisconceptionForm("6c", "bias linear", "abs(q-p) + p*(1-p)", "Expand the two cases O=0,1."),
        ),
    ),
    "E14.6": Question(
        id="sym_kd_grad",
        truth="T*(p_j-q_j)",
        symbols=(
            Symbol("T", domain=(0.5, 9)),
            Symbol("p", ("K",), kind="probability", logits="z", temperature="T"),
            Symbol("q", ("K",), kind="probability"),
        ),
        shape=("K",),
        index=("j",),
        loss="-T**2*Sum(q[k]*log(p[k]), k)",
        wrt="z[j]",
        hidden=(Symbol("z", ("K",)),),
        convention="the factor T^2 belongs to the loss",
        equivalents=("T*p_j - T*q_j",),
        misconceptions=(
            MisconceptionForm("6a", "T^2", "T**2*(p_j-q_j)", "Inner derivative of z/T."),
            MisconceptionForm("6b", "1/T", "(p_j-q_j)/T", "The factor T^2 belongs to the loss."),
            MisconceptionForm("6c", "sign", "T*(q_j-p_j)", "Too much student mass on j: z_j must fall."),
        ),
    ),
    "E14.7": Question(
        id="sym_high_temperature",
        truth="((z_j-zbar)-(v_j-vbar))/K",
        symbols=(
            Symbol("z_j", domain=(-3, 3)),
            Symbol("zbar", domain=(-3, 3)),
            Symbol("v_j", domain=(-3, 3)),
            Symbol("vbar", domain=(-3, 3)),
            Symbol("K", domain=(2, 9), integer=True),
        ),
        equivalents=("(z_j - v_j - zbar + vbar)/K",),
        misconceptions=(
            MisconceptionForm("7a", "not centred", "(z_j-v_j)/K", "Add a constant to all z: does T(p-q) change?"),
            MisconceptionForm("7b", "1/K missing", "(z_j-zbar)-(v_j-vbar)", "p is near 1/K."),
            MisconceptionForm("7c", "1/K^2", "((z_j-zbar)-(v_j-vbar))/K**2", "Expand exp to first order."),
        ),
    ),
    "E15.7": Question(
        id="sym_psnr",
        truth="10*log(R**2/M)/log(10)",
        symbols=(
            Symbol("R", domain=(1, 9)),
            Symbol("M", domain=(0.1, 9)),
        ),
        equivalents=("(20*log(R) - 10*log(M))/log(10)",),
        misconceptions=(
            MisconceptionForm("7a", "natural log", "10*log(R**2/M)", "log is natural here."),
            MisconceptionForm("7b", "factor 20 on the ratio", "20*log(R**2/M)/log(10)", "20 belongs to amplitudes."),
            MisconceptionForm("7c", "R not squared", "10*log(R/M)/log(10)", "Power ratio."),
        ),
    ),
    "E16.6": Question(
        id="sym_ae_decoder_grad",
        truth="2/n*(X@A).T@(X@A@B - X)",
        symbols=(Symbol("X", ("n", "d")), Symbol("A", ("d", "k")), Symbol("B", ("k", "d"))),
        shape=("k", "d"),
        index=("a", "b"),
        loss="1/n*Sum(Sum((X[i,l] - Sum(Sum(X[i,m]*A[m,r]*B[r,l], r), m))**2, l), i)",
        wrt="B[a,b]",
        convention="1/n in front of the squared norm, no 1/2",
        equivalents=("2/n*(A.T@X.T@X@A@B - A.T@X.T@X)",),
        misconceptions=(
            MisconceptionForm("6a", "sign", "2/n*(X@A).T@(X - X@A@B)", "Sign."),
            MisconceptionForm("6b", "factor 2", "1/n*(X@A).T@(X@A@B - X)", "No 1/2."),
            MisconceptionForm("6c", "encoder missing", "2/n*X.T@(X@A@B - X)", "Shape must be (k,d)."),
            MisconceptionForm(
                "6d", "encoder gradient", "2/n*X.T@(X@A@B - X)@B.T", "Which matrix do you differentiate by?"
            ),
        ),
    ),
    "E17.6": Question(
        id="sym_min_denoising_mse",
        truth="s2*sigma2/(s2+sigma2)",
        symbols=(
            Symbol("s2", domain=(0.2, 5)),
            Symbol("sigma2", domain=(0.2, 5)),
        ),
        equivalents=("1/(1/s2+1/sigma2)",),
        misconceptions=(
            MisconceptionForm("6a", "the gain", "s2/(s2+sigma2)", "That is the optimal D."),
            MisconceptionForm("6b", "noise variance", "sigma2", "That is D=1."),
            MisconceptionForm("6c", "squared gain", "s2*(sigma2/(s2+sigma2))**2", "Noise term missing."),
        ),
    ),
    "E18.6": Question(
        id="sym_pc_equilibrium",
        truth="(pi_y*u*y + pi_r*m)/(pi_y*u**2 + pi_r)",
        symbols=(
            Symbol("u", domain=(0.3, 2)),
            Symbol("y", domain=(-2, 3)),
            Symbol("m", domain=(-2, 3)),
            Symbol("pi_y", domain=(0.3, 3)),
            Symbol("pi_r", domain=(0.3, 3)),
        ),
        equivalents=("m + pi_y*u*(y-u*m)/(pi_y*u**2+pi_r)",),
        misconceptions=(
            MisconceptionForm(
                "6a", "u not squared", "(pi_y*u*y + pi_r*m)/(pi_y*u + pi_r)", "Second derivative of the energy."
            ),
            MisconceptionForm("6b", "u missing", "(pi_y*y + pi_r*m)/(pi_y + pi_r)", "The prediction is u*r."),
            MisconceptionForm(
                "6c", "variances", "(u*y/pi_y + m/pi_r)/(u**2/pi_y + 1/pi_r)", "pi is an inverse variance."
            ),
        ),
    ),
    "E18.7": Question(
        id="sym_pc_tanh_grad",
        truth="-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2) + pi_r*(r-m)",
        symbols=(
            Symbol("u", domain=(0.3, 2)),
            Symbol("y", domain=(-2, 3)),
            Symbol("m", domain=(-2, 3)),
            Symbol("pi_y", domain=(0.3, 3)),
            Symbol("pi_r", domain=(0.3, 3)),
            Symbol("r", domain=(-2, 2)),
        ),
        loss="1/2*pi_y*(y-tanh(u*r))**2 + 1/2*pi_r*(r-m)**2",
        wrt="r",
        convention="1/2 in front of both squares",
        equivalents=("pi_y*u*(tanh(u*r)-y)/cosh(u*r)^2 + pi_r*(r-m)",),
        misconceptions=(
            MisconceptionForm(
                "7a",
                "activation derivative missing",
                "-pi_y*(y-tanh(u*r))*u + pi_r*(r-m)",
                "Chain rule: saturation again.",
            ),
            MisconceptionForm(
                "7b", "u missing", "-pi_y*(y-tanh(u*r))*(1-tanh(u*r)**2) + pi_r*(r-m)", "Inner derivative."
            ),
            MisconceptionForm(
                "7c", "sign", "pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2) + pi_r*(r-m)", "dF/dr of (y-g(r))^2."
            ),
            MisconceptionForm("7d", "prior missing", "-pi_y*(y-tanh(u*r))*u*(1-tanh(u*r)**2)", "Two terms."),
        ),
    ),
}

LEVELS: dict[str, str] = dict.fromkeys(QUESTIONS, "exact") | {
    "E01.6": "general",
    "E05.6": "general",
    "E12.4": "general",
    "E12.5": "general",
    "E12.6": "general",
    "E14.6": "general",
    "E16.6": "general",
    "E07.7": "numeric",
    "E08.5": "numeric",
    "E08.6": "numeric",
    "E08.7": "numeric",
    "E09.5": "numeric",
}
