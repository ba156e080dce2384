"""Files become typed tables, and tables numbers: for the command line, and for a file dropped on the playground.

===========  ================================================================
`files`      a CSV or Parquet file becomes a typed table
`columns`    which columns are used, and how they become numbers
`tasks`      classification or regression
`errors`     the user's mistakes, in the words of the command line or plain
===========  ================================================================
"""
