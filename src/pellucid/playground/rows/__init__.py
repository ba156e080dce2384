"""What a session learns from: rows of a toy set, of a table, of arrays, or drawn by hand.

`rows` says what they are; `data`, `drawn` and `own_table` make them; `sources` remembers from what; `opened` reads a
model; `literals` writes arrays into programs.
"""
