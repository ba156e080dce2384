"""Floor 2: one network, one batch. The readable reference, where the derivation can be followed line by line.

Read in this order: `layers` (what a layer is), `ops` (what it computes), `parameters` (where its numbers live),
`forward`, `backward`, `objective` (the one definition of what is minimised), `stack` (all of it together). The proof is
in `gradcheck`.
"""
