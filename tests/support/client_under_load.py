"""A program that goes on asking with the credentials of a client, while somebody changes them."""

import threading
from types import TracebackType
from typing import Self

import httpx


class Asking:
    """Asks about a token again and again with whatever `secret` is at that moment; `refused` are the answers that were not 200."""

    def __init__(self, address: str, client_id: str, secret: str, token: str) -> None:
        self.secret = secret
        self.refused: list[int] = []
        self.asked = 0
        self._address, self._client_id, self._token = address, client_id, token
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with httpx.Client() as client:
            while not self._stopping.wait(0.02):
                answer = client.post(self._address, data={"token": self._token}, auth=(self._client_id, self.secret))
                self.asked += 1
                if answer.status_code != 200 or not answer.json()["active"]:
                    self.refused.append(answer.status_code)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
