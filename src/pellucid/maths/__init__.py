"""Floor 1: the formulas. Each function stands beside its derivative; pure NumPy and SciPy, no state.

==================  ==========================================================================
`activations`       A = f(Z) and its derivative, elementwise or (softmax) by rows
`losses`            ℓ(y, a) and ∂ℓ/∂a, and the stable forms on the pre-activation Z
`penalties`         what is added to the loss for large weights
`initializers`      the distributions that weights and biases start from
`schedules`         how the learning rate moves with time
`dropout`           which units are silent, as a pure function of a seed
`registry`          names for all of these; an unknown one answers with the nearest known
==================  ==========================================================================

Shapes, here and everywhere: n samples, p features, h units, k outputs.
"""
