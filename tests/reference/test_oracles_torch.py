"""What PyTorch's automatic differentiation says of the gradients of the reference."""

import numpy as np
import pytest

from reference import activations
from reference import autoencoders as ae
from reference import likelihoods as lk
from reference import predictive_coding as pc
from reference import probabilities as pb


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is an extra oracle: pip install '.[oracles]'")


def normal(seed, *shapes):
    g = np.random.default_rng(seed)
    return [g.normal(size=shape) for shape in shapes]


def test_gaussian_nll_and_its_gradients_are_torchs(torch):
    y, mu, s = normal(3, (4, 3), (4, 3), (4, 3))
    s = 2 * s
    m, v = (torch.tensor(a, requires_grad=True) for a in (mu, s))
    loss = torch.nn.functional.gaussian_nll_loss(m, torch.tensor(y), torch.exp(v), full=True)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(lk.gaussian_nll(y, mu, s), rel=1e-6)
    for ours, theirs in zip(lk.nll_grads(y, mu, s), (m.grad, v.grad), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-6)


def test_the_gradient_of_predictive_coding_is_torchs(torch):
    y, r, U, m, *logs = normal(1, 4, 3, (4, 3), 3, 4, 3)
    arguments = y, r, U, m, *map(np.exp, logs)
    y, r, U, m, pi_y, pi_r = (torch.tensor(a, requires_grad=True) for a in arguments)
    (0.5 * ((pi_y * (y - U @ r) ** 2).sum() + (pi_r * (r - m) ** 2).sum())).backward()
    np.testing.assert_allclose(pc.pc_grad(*arguments), r.grad.numpy(), rtol=1e-12)


def test_the_gradient_of_a_softmax_under_squared_error_is_torchs(torch):
    (logits,), targets = normal(12, (9, 5)), np.eye(5)[np.arange(9) % 5]
    z = torch.tensor(logits, requires_grad=True)
    (0.5 * (torch.softmax(z, 1) - torch.tensor(targets)) ** 2).sum().backward()
    np.testing.assert_allclose(pb.softmax_grads(logits, targets)[1], z.grad.numpy(), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("kind", activations.KINDS)
def test_the_delta_of_an_output_activation_is_torchs_gradient(torch, kind):
    z = torch.tensor([-3.0, -0.5, 0.0, 0.7, 2.0], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([5.0, -2.0, 1.0, 0.2, 0.0], dtype=torch.float64)
    f = {"linear": lambda z: z, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}[kind]
    (((f(z) - y) ** 2).sum() / 2).backward()
    np.testing.assert_allclose(
        activations.output_delta(z.detach().numpy(), y.numpy(), kind), z.grad.numpy(), rtol=1e-12, atol=1e-15
    )


def test_the_gradients_of_a_linear_autoencoder_are_torchs(torch):
    X, We, Wd = (torch.tensor(a, requires_grad=True) for a in normal(4, (7, 4), (4, 2), (2, 4)))
    (((X - X @ We @ Wd) ** 2).sum() / 7).backward()
    for got, theirs in zip(ae.linear_ae_grad(*(t.detach().numpy() for t in (X, We, Wd))), (We, Wd), strict=True):
        np.testing.assert_allclose(got, theirs.grad.numpy(), rtol=1e-12)
