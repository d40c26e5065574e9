def pinball_loss(y_true, y_pred, tau):
    """Mean quantile loss of level tau; raises ValueError for other shapes, no entry, or tau outside (0, 1)."""
    raise NotImplementedError


def sym_slope():
    """Return the derivative of the loss with respect to r, in r and tau."""
    raise NotImplementedError
