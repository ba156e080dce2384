"""Where a session is shown: `server` is a page of this machine, `widget` a notebook cell.

`gate` says who may speak to the server, `wire` how messages travel, `bundle` makes one module of the page's many.
"""
