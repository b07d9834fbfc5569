"""Bands of a search on the workers of a dask cluster, on this machine or elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from cenotaph.errors import CenotaphError, InvalidInput
from cenotaph.identification.tiles import Work, Workers, search_band

CONNECT_S = 10
LOCAL = re.compile(r"local:([1-9]\d*)")
VALID = "local:N for N processes on this machine, or the address of a dask scheduler such as tcp://10.0.0.5:8786"


class WorkersLost(CenotaphError):
    """Workers died on one band again and again; what they finished is kept."""


@contextmanager
def cluster_workers(cluster: str) -> Iterator[Workers]:
    """Workers of a cluster: ``local:N`` starts N processes of one thread each, an address is that of a scheduler.

    A band whose worker dies is given to another; what it had finished lies in the work folder.

    Raises:
        InvalidInput: neither of the two, or nobody answers at the address.
    """
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "a cluster needs dask.distributed, which is not installed", valid="pip install 'cenotaph[distributed]'"
        ) from error
    local = LOCAL.fullmatch(cluster)
    if local is None and "://" not in cluster:
        raise InvalidInput("not a cluster", found=cluster, valid=VALID, where="--cluster")
    with ExitStack() as stack:
        if local is not None:
            address: object = stack.enter_context(
                LocalCluster(
                    n_workers=int(local[1]), threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
                )
            )
        else:
            address = cluster
        try:
            client = stack.enter_context(Client(address, timeout=CONNECT_S))
        except (OSError, ValueError) as error:
            raise InvalidInput("no scheduler answers", found=cluster, valid=VALID, where="--cluster") from error
        yield lambda bands: _results(client, bands)


def _results(client: object, bands: Sequence[Work]) -> Iterable[int]:
    from distributed import Client, as_completed
    from distributed.scheduler import KilledWorker

    assert isinstance(client, Client)
    # Not pure: a band of the same name must look into the folder again, not be answered from memory.
    one_thread = [Work(band.folder, band.key, band.first, threads=1) for band in bands]
    futures = client.map(search_band, one_thread, pure=False)
    try:
        for future in as_completed(futures):
            yield future.result()
    except KilledWorker as error:
        raise WorkersLost("workers died on one band several times; run the same command to go on") from error
    finally:
        client.cancel(futures)
