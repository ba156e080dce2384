"""Floor 8: the playground. A network that is watched and touched while it learns.

`serve` shows it as a page of this machine, as `pellucid playground` does; `Playground` as a widget in a notebook.

==========  ==================================================================
`server`    host: a page on 127.0.0.1, over a WebSocket
`widget`    host: a cell of a notebook, over anywidget
`wire`      what travels between Python and the page, as bytes
`bundle`    the page's modules as one, for notebooks
==========  ==================================================================

`docs/playground.md` is the contract between the parts.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
