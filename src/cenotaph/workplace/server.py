"""``serve``: the pages and the worker, with one command."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path

from cenotaph.errors import InvalidInput
from cenotaph.workplace.place import Place

TOKEN = "CENOTAPH_SETUP_TOKEN"


def is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def setup_token() -> str | None:
    """The word that the first administrator must know, made for this start; None where someone works here already."""
    from cenotaph.workplace.models import User

    return None if User.objects.exists() else secrets.token_urlsafe(18)


def serve(
    place: Place,
    host: str,
    port: int,
    *,
    https: bool = False,
    certificate: Path | None = None,
    private_key: Path | None = None,
    names: tuple[str, ...] = (),
) -> None:
    """Serves the pages until it is told to stop, and keeps a worker going beside them.

    Args:
        place: the record, opened.
        host, port: where to listen.
        https: a proxy in front speaks TLS.
        certificate, private_key: speak TLS without a proxy.
        names: further host names by which the pages are asked for.

    Raises:
        InvalidInput: passwords would cross the network in the clear.
    """
    from granian import Granian
    from granian.constants import Interfaces

    is_safe = https or certificate is not None
    if not is_loopback(host) and not is_safe:
        raise InvalidInput(
            "passwords would cross the network in the clear",
            found=host,
            valid="--certificate and --private-key, or --https behind a proxy that speaks TLS",
        )
    os.environ["DATABASE_URL"] = place.url
    os.environ["CENOTAPH_HTTPS"] = "1" if is_safe else ""
    os.environ["CENOTAPH_HOSTS"] = " ".join((*names, *([host] if not is_loopback(host) else [])))
    address = f"{'https' if certificate else 'http'}://{host}:{port}/"
    if token := setup_token():
        os.environ[TOKEN] = token
        print(f"Nobody works here yet. The first administrator is set up at\n\n  {address}setup/?token={token}\n")
    print(f"The workplace: {address}", flush=True)
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
    keeper.start()
    try:
        Granian(
            "cenotaph.workplace.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=8,
            ssl_cert=certificate,
            ssl_key=private_key,
            log_access=False,
        ).serve()
    finally:
        stopping.set()
        keeper.join(10)


def _keep_worker(stopping: threading.Event) -> None:
    """Starts the worker, and again when it dies; ends it when the pages end."""
    while not stopping.is_set():
        worker = subprocess.Popen([sys.executable, "-m", "cenotaph.workplace.jobs.worker", "--with-parent"])
        while worker.poll() is None and not stopping.wait(0.5):
            pass
        if worker.poll() is None:
            worker.terminate()
            worker.wait(10)
        elif not stopping.is_set():
            time.sleep(2)
