"""The data of a session: rows of a toy set, of a table, of arrays, or drawn by hand.

`rows` defines them; `data`, `drawn` and `own_table` make them; `sources` holds their origin, to make them again;
`opened` reads a model; `literals` writes arrays into programs.
"""
