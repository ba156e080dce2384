"""Read files as typed tables, and encode tables as numbers: for the command line and the playground.

============  ===============================================================
`files`       a file of any usual kind becomes a typed table, with remarks
`sources`     the bytes of a file: read once, unpacked, converted to UTF-8
`dialects`    the separator, and lines above the table
`headers`     whether the first line holds column names
`values`      the type of each column of text
`numerals`    numbers in the formats that people use
`dates`       dates and times in the formats that people use
`words`       words that mean a missing value, and when they do
`remarks`     decisions made while reading, to be reported
`columns`     selection of columns, and their roles
`tasks`       classification or regression, and the usable rows
`encoder`     fitted on training rows: encodes the columns of any later table as inputs
`targets`     the target column as numbers, and predictions as its values
`conversion`  converts columns of a later file to the types of the training file
`suspicions`  row numbers, columns that give the answer away, dated rows
`errors`      errors of the user, worded for the command line or not
============  ===============================================================
"""
