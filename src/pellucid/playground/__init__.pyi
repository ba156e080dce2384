from .hosts.server import serve as serve
from .hosts.widget import Playground as Playground
