# starlette types its test client by httpx2 and takes httpx as well, which is what these tests have.
from httpx import *
from httpx import _client as _client
from httpx import _types as _types
