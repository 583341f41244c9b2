"""What stands before several servers of one installation: each request goes to the next of those that are in."""

import threading
import time

import httpx

from tests.support.demo_server import Demo


class Balancer(httpx.BaseTransport):
    """A transport of httpx that hands over to servers in turn. A server is taken `out` before it is stopped."""

    def __init__(self, *servers: Demo) -> None:
        self._turns = 0
        self._inside = dict.fromkeys(servers, 0)
        self._servers = list(servers)
        self._guard = threading.Lock()
        self._transport = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._guard:
            self._turns += 1
            server = self._servers[self._turns % len(self._servers)]
            self._inside[server] += 1
        try:
            sent = httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1", port=server.port),
                headers=request.headers,
                stream=request.stream,
            )
            answer = self._transport.handle_request(sent)
            answer.read()
            return answer
        finally:
            with self._guard:
                self._inside[server] -= 1

    def out(self, server: Demo) -> None:
        """Send nothing there any more, and wait until all that was sent is answered."""
        with self._guard:
            self._servers.remove(server)
        while self._inside[server]:
            time.sleep(0.01)

    def back(self, server: Demo) -> None:
        with self._guard:
            self._servers.append(server)
