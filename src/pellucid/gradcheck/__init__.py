"""Floor 3: is a gradient, a derivative or an update rule right, and if not, which mistake is in it?

Read in this order: `finite_differences` (a derivative with an error bound), `probe` (∂J/∂θ of a network from them),
`rounding` (rounding error bounds), `verdicts` (the hypothesis test), `gradient_check`; then `causes` (patterns in the
numbers), `gradient_bugs`, `hypotheses` and `matching` (the common mistake that predicts the given gradient).

`grade` checks any gradient of any loss, `derivative` any f and f′, `optimizer_grade` any update rule.
"""
