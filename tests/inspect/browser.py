"""A headless Chromium over the WebDriver protocol, https://www.w3.org/TR/webdriver2/, with the standard library."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRIVER = shutil.which('chromedriver')
BROWSER = shutil.which('chromium') or shutil.which('google-chrome')
_ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=1400,900', '--disable-dev-shm-usage']
_SECONDS = 60


class Browser:
    """One window.

    Args:
        session: The address of its session.
    """

    def __init__(self, session: str) -> None:
        self._session = session

    def open(self, address: str) -> None:
        """Open a page."""
        _call(f'{self._session}/url', {'url': address})

    def run(self, script: str) -> Any:
        """Run a function's body in the page; what it returns."""
        return _call(f'{self._session}/execute/sync', {'script': script, 'args': []})

    def keys(self, *keys: str) -> None:
        """Press keys."""
        actions = [{'type': kind, 'value': key} for key in keys for kind in ('keyDown', 'keyUp')]
        _call(f'{self._session}/actions', {'actions': [{'type': 'key', 'id': 'keyboard', 'actions': actions}]})

    def errors(self) -> list[Any]:
        """What the page logged as severe."""
        log = _call(f'{self._session}/se/log', {'type': 'browser'})
        return [each for each in log if each['level'] == 'SEVERE']

    def wait(self, script: str) -> Any:
        """Run a function's body until it returns something true."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            found = self.run(script)
            if found:
                return found
            time.sleep(0.05)
        raise TimeoutError(script)

    def screenshot(self, file: Path) -> None:
        """Write a picture of the window."""
        file.write_bytes(base64.b64decode(_call(f'{self._session}/screenshot')))


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser, and end it."""
    assert DRIVER is not None
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([DRIVER, f'--port={port}'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f'http://127.0.0.1:{port}'
        _until_ready(address)
        options = {'args': _ARGUMENTS, 'binary': BROWSER}
        wanted = {'alwaysMatch': {'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL'}}}
        session = f'{address}/session/{_call(f"{address}/session", {"capabilities": wanted})["sessionId"]}'
        yield Browser(session)
        _call(session, method='DELETE')
    finally:
        process.terminate()
        process.wait()


def _until_ready(address: str) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        try:
            if _call(f'{address}/status')['ready']:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError('the driver does not answer')


def _call(address: str, body: Any = None, method: str | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(address, data, {'Content-Type': 'application/json'}, method=method)
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_SECONDS) as answer:
        return json.load(answer)['value']
