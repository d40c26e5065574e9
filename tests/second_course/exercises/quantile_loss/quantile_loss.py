def pinball_loss(y_true, y_pred, tau):
    """Mean of the quantile loss of level tau over all entries.

    Parameters
    ----------
    y_true, y_pred : array_like, one shape
    tau : float
        Between 0 and 1; 0.5 gives half the absolute error.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ, there is no entry, or tau is not between 0 and 1.
    """
    raise NotImplementedError


def sym_slope():
    """Return the derivative of the loss with respect to r, in r and tau."""
    raise NotImplementedError
