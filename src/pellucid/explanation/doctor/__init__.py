"""The training doctor: illnesses of data, units, gradients and histories, each told by its symptoms.

`case` examines (one forward and one backward pass), `data`, `units`, `gradients` and `course` hold the illnesses,
`diagnosis` puts them together. An illness is a function of a `Case` that yields findings: none on a healthy run.
"""
