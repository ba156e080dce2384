"""Floor 4: the passage of time.

`loop.fit` makes a `trainer.Trainer` and runs it: data, rates, engine, then `epochs`, by a `stepper` for batches or by
`iterations`. Around it: `state` (save and continue), `history`, `callbacks`, `stopping`, `divergence` (the error for
numbers that blow up), `interruption` (Ctrl-C), `progress` (the bar).
"""
