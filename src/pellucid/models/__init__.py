"""Floor 6: from a task to a network, and networks that are fitted to a table.

===============  ===============================================================
`recipes`        a task and a few settings become layers, a loss, first weights
`encoded_table`  a table as arrays: rows to train on, to stop early by, to test
`scores`         how good predictions are
`table_model`    an encoder and its network: predictions for any later table
===============  ===============================================================

Defaults are in `pellucid.defaults`.
"""
