"""Floor 4: the passage of time.

`loop.fit` is the story, read from top to bottom: data, rates, engine, epochs. Around it: `history` (what happened),
`callbacks` (who is told), `stopping` (when to end), `divergence` (what to say when numbers blow up), `interruption`
(Ctrl-C), `progress` (the bar).
"""
