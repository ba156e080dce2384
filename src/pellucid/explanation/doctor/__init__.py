"""The training doctor: illnesses of data, units, gradients, settings and histories, each known by its symptoms.

`case` examines (one forward and one backward pass), `probe` asks the plainest other models, `data`, `units`,
`gradients`, `settings` and `course` hold the illnesses, `remedies` the changes that are advised and their words in each
place, `diagnosis` puts them together. An illness is a function of a `Case` that yields findings: none on a healthy run.
"""
