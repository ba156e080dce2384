"""The training doctor: find problems of data, units, gradients, settings and histories by their symptoms.

`case` gathers the evidence (one forward and one backward pass), `probe` fits simple reference models; `data`, `units`,
`gradients`, `settings` and `course` define the problems, `remedies` the advised changes and how to write them in each
interface; `diagnosis` combines them. A problem is a function of a `Case` that yields findings: none on a healthy run.
"""
