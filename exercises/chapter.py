"""The displayed formulas of the chapter, in its order, each with the derivations that prove it; never ships."""

from autograder.symbolic import Formula

FORMULAS = (
    Formula(r"J(f) = \mathbb{E}[(y - f(x))^2]", ("best_prediction", "sym_risk_moments"), "J(f) = E[(y - f(x))^2]"),
    Formula(
        r"L_{\text{MSE}}(f) = \frac{1}{n}\sum_{i=1}^{n} (y_i - f(x_i))^2",
        ("gradient_for_any_model", "sym_ols_gradient"),
        "L_MSE(f) = 1/n sum (y_i - f(x_i))^2",
    ),
    Formula(
        r"f(x) = \mathbb{E}[y|x]",
        ("best_prediction", "sym_risk_derivative"),
        "argmin of E[(y - f(x))^2] is E[y | x]",
    ),
    Formula(
        r"L(a, \theta) = (a - \theta)^2",
        ("bayes_estimate", "sym_normal_mean", "sym_shrinkage"),
        "the posterior mean minimises the posterior expected (a - theta)^2",
    ),
    Formula(
        r"\nabla_{\theta} L_{\text{MSE}}(\theta) = \nabla_{\theta} \left( \frac{1}{n}\sum_{i=1}^{n} "
        r"(f_{\theta}(x_i) - y_i)^2 \right) = \frac{2}{n}\sum_{i=1}^{n} (f_{\theta}(x_i) - y_i) "
        r"\nabla_{\theta} f_{\theta}(x_i)",
        ("gradient_for_any_model", "sym_ols_gradient", "sym_grad_index", "sym_tanh_weight"),
        "gradient = 2/n sum (f(x_i) - y_i) grad f(x_i), for any model f",
    ),
    Formula(
        r"y' = \alpha y",
        ("scaled_weights", "scaled_path", "sym_scaled_mse"),
        "targets scaled by alpha scale the optimal weights and the path of gradient descent",
    ),
    Formula(
        r"\frac{\partial L_{\text{MSE}}}{\partial z} = (\hat{y} - y) \cdot f'(z)",
        ("delta_for_any_activation", "sym_delta_tanh", "sym_delta_relu", "sym_delta_sigmoid"),
        "dL/dz = (yhat - y) f'(z), for any activation f",
    ),
    Formula(r"f'(z) = 1", ("delta_for_any_activation",), "linear activation: f'(z) = 1"),
    Formula(
        r"f'(z) = 1 - \tanh^2(z)",
        ("sym_delta_tanh",),
        "tanh: f'(z) = 1 - tanh(z)^2, and the gradient vanishes in saturation",
    ),
    Formula(r"f(z) = \max(0, z)", ("sym_delta_relu",), "ReLU: the gradient is 0 for z <= 0"),
    Formula(
        r"\psi(r) = \frac{d}{dr}\rho(r)",
        ("psi_squared_error", "sym_psi_l1", "sym_psi_huber", "sym_psi_pseudo_huber"),
        "psi = rho', for every loss of the chapter",
    ),
    Formula(r"\psi_{\text{MSE}}(r) = r", ("psi_squared_error",), "psi_MSE(r) = r"),
    Formula(r"\psi_{1}(r) = \text{sgn}(r)", ("sym_psi_l1",), "psi_1(r) = sgn(r)"),
    Formula(r"\psi_{\delta}(r)", ("sym_psi_huber",), "psi_delta(r) is linear up to delta and constant beyond"),
    Formula(
        r"\nu \in (1, 2)",
        ("infinite_variance", "sym_median_avar"),
        "Student's t, nu in (1, 2]: infinite variance",
    ),
    Formula(
        r"\sigma^2(x)",
        ("sym_nll_dmu", "sym_nll_ds"),
        "Gaussian negative log-likelihood of mean and variance",
    ),
    Formula(r"\dfrac{\partial L_{\text{CE}}}{\partial z_j} = p_j - y_j", ("sym_ce_grad",), "dL_CE/dz_j = p_j - y_j"),
    Formula(
        r"\dfrac{\partial L_{\text{MSE}}}{\partial z_j} = (p_j - y_j)p_j - p_j \sum_{i=1}^{K} (p_i - y_i)p_i",
        ("sym_softmax_mse_grad", "sym_softmax_jacobian"),
        "dL_MSE/dz_j = (p_j - y_j) p_j - p_j sum (p_i - y_i) p_i",
    ),
    Formula(
        r"\frac{\partial L_{\text{CE}}}{\partial z_c} = p_c - y_c \approx 0 - 1 = -1",
        ("saturation_for_every_K",),
        "confidently wrong: dL_CE/dz_c tends to -1",
    ),
    Formula(
        r"\frac{\partial L_{\text{MSE}}}{\partial z_c} \approx 0",
        ("saturation_for_every_K", "sym_saturation"),
        "confidently wrong: dL_MSE/dz_c tends to 0",
    ),
    Formula(
        r"R^2 = 1 - \frac{SS_{\text{res}}}{SS_{\text{tot}}}",
        ("r2_from_mse",),
        "R^2 = 1 - SS_res / SS_tot",
    ),
    Formula(
        r"R^2 = 1 - \frac{n \cdot L_{\text{MSE}}}{n \cdot s_y^2} = 1 - \frac{L_{\text{MSE}}}{s_y^2}",
        ("r2_from_mse", "sym_r2_unbiased"),
        "R^2 = 1 - L_MSE / s_y^2",
    ),
    Formula(r"R^2", ("sign_of_r2",), "R^2 < 0 exactly where L_MSE exceeds s_y^2"),
)
