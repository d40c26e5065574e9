"""A function that is told by a word what to do refuses every other word."""

import numpy as np
import pytest

from reference import (
    activations,
    bayes,
    denoising,
    estimators,
    heavy_tails,
    probabilities,
    robust,
    structured,
)

RNG = np.random.default_rng(0)
CALLS = {
    "activation_derivative": lambda word: activations.activation_derivative([0.5], word),
    "output_delta": lambda word: activations.output_delta([0.5], [1.0], word),
    "gd_preactivation": lambda word: activations.gd_preactivation(0.5, 1.0, word, 0.1, 3),
    "bayes_estimate": lambda word: bayes.bayes_estimate([0.0, 1.0], [0.5, 0.5], word),
    "corrupt": lambda word: denoising.corrupt([1.0, 2.0], word, 0.5, RNG),
    "best_constant": lambda word: estimators.best_constant([1.0, 2.0], word),
    "estimator_mc": lambda word: heavy_tails.estimator_mc(3.0, 5, 4, word, RNG),
    "steps_to_recover": lambda word: probabilities.steps_to_recover([5.0, 0.0], 1, 0.5, word, 10),
    "influence": lambda word: robust.influence([1.0], word, 1.0),
    "ragged_mse": lambda word: structured.ragged_mse([[0.0]], [[1.0]], word),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("word", ["x", "MSE", "gauss", "none"])
def test_an_unknown_word_is_refused(name, word):
    with pytest.raises(ValueError, match=word):
        CALLS[name](word)
