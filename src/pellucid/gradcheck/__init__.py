"""Floor 3: is a gradient, a derivative or an update rule right, and if not, which mistake is in it?

Read in this order: `differences` (a slope by finite differences, with a bound on its error), `probe` (∂J/∂θ of a
network from such slopes), `rounding` (what rounding may do), `verdicts` (right, wrong or undetermined),
`gradient_check`; then `causes`, `habits` and `suspects` (the likely mistake).
"""
