"""Files become typed tables, and tables numbers: for the command line, and for a file dropped on the playground.

============  ===============================================================
`files`       a file of any usual kind becomes a typed table, with remarks
`sources`     its bytes: read once, unpacked, in UTF-8
`dialects`    what separates values, what stands above the table
`headers`     whether the first line is names
`values`      which type each column of text has
`numerals`    numbers as people write them
`dates`       dates and times as people write them
`words`       words for "no value", and when they are one
`remarks`     what was decided, so that it can be said
`columns`     which columns are used, as what
`tasks`       classification or regression, and of which rows
`encoder`     fitted on training rows: columns of any later table become inputs
`targets`     the target column as numbers, and predictions as its values
`conversion`  a later file's columns, brought to the training file's kinds
`suspicions`  row numbers, columns that give the answer away, dated rows
`errors`      the user's mistakes, in the words of the command line or plain
============  ===============================================================
"""
