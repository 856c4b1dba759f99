"""Work on what comes next, in a thread, while what came before is used."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def prefetch(work: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """What `work` gives of each item, in their order, of the next one before it is asked for.

    It pays where `work` lets other threads run: one at a time works, and the caller takes the items.

    >>> list(prefetch(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(1) as helper:
        coming: Future[U] | None = None
        for item in items:
            following = helper.submit(work, item)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()
