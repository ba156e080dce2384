"""Hosts of a session: `server` for a page of this machine, `widget` for a notebook cell.

`access` checks requests to the server, `wire` encodes messages, `bundle` joins the page's modules into one.
"""
