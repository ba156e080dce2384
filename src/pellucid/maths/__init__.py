"""Floor 1: the formulas. Each function is next to its derivative; pure NumPy and SciPy, no state.

==================  ==========================================================================
`activations`       A = f(Z) and its derivative, elementwise or (softmax) by rows
`losses`            ℓ(y, a) and ∂ℓ/∂a, and the stable forms on the pre-activation Z
`penalties`         regularisation terms that are added to the loss
`initializers`      the distributions that weights and biases start from
`schedules`         the learning rate as a function of time
`dropout`           dropout masks as a pure function of a seed
`registry`          names for all of these; the error for an unknown name suggests the closest one
==================  ==========================================================================

Shapes, here and everywhere: n samples, p features, h units, k outputs.
"""
