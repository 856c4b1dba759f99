"""Long work in other processes: shared by all who ask for the same, with its progress, and ended when nobody wants it.

Work is known by a key that changes when anything that it rests on does. Who asks is answered at once: with what came of
it, or that it goes on, and asks again. A worker that is ended leaves nothing: it computes, and writes nowhere.
"""

import os
import pickle
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread, Timer
from typing import Any, Final

from attrs import define, field

from scorecore_cli.language import _, current, speaking
from scorecore_web.progress import Progress
from scorecore_web.refusals import Refusal
from scorecore_web.work import Done, Failed, Work, WorkRequest, refuse_memory

MAX_SECONDS: Final = 900.0
"""Of one piece of work."""
MAX_WORKERS: Final = max(2, min(4, os.cpu_count() or 1))
MAX_WAITING: Final = 40
"""Pieces of work at once; whoever asks for more is asked to come back."""
MAX_IDLE_MEMORY: Final = 2**30
"""A worker that has taken more gives it back by ending."""


asking: ContextVar[str] = ContextVar("asking", default="")
"""The session that asks."""


class MistakeInWorker(Exception):  # noqa: N818  becomes the page of a mistake
    """What was asked for has failed, and it is not the reader's fault."""


@define(eq=False)
class Job:
    """Work that goes on, or has just ended."""

    title: str
    began: float
    id: str = field(factory=lambda: secrets.token_urlsafe(16))
    askers: set[str] = field(factory=set)
    """The sessions that want it."""
    progress: Progress | None = None
    is_stopped: bool = False
    outcome: Done | Refusal | Failed | None = None
    ended: Event = field(factory=Event, repr=False)
    stop: Callable[[], None] | None = field(default=None, repr=False)
    """Ends the process that works on it; None as long as none does."""

    def take(self) -> Any:  # noqa: ANN401  what was computed
        """What came of it; raises Refusal."""
        if isinstance(self.outcome, Done):
            return self.outcome.value
        if isinstance(self.outcome, Refusal):
            raise Refusal(self.outcome.status, self.outcome.message, self.outcome.diagnostics)
        raise MistakeInWorker(self.title)


class StillWorking(Exception):  # noqa: N818  becomes a page
    """It was begun and has not ended yet: ask again."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.title)
        self.job = job


class _Worker:
    """One process, which works on one request at a time."""

    def __init__(self) -> None:
        start = "from scorecore_web.worker import main; main()"
        command = [sys.executable, "-P", "-c", start]  # -P: nothing of the folder where one works is imported
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  ourselves

    def work(self, request: WorkRequest, note: Callable[[Progress], None]) -> Done | Refusal | Failed | None:
        """What comes of a request; None where the process has ended before."""
        assert self.process.stdin  # noqa: S101  it was opened with the process
        assert self.process.stdout  # noqa: S101  likewise
        try:
            pickle.dump(request, self.process.stdin)
            self.process.stdin.flush()
            while True:
                answer = pickle.load(self.process.stdout)  # noqa: S301  of a process of ours
                if not isinstance(answer, Progress):
                    return answer  # type: ignore[no-any-return]
                note(answer)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written to a process that has ended
                    continue


@define(eq=False)
class WorkerPool:
    """The workers of one folder, and what they are working on."""

    folder: Path
    operator: Path | None = None
    max_seconds: float = MAX_SECONDS
    max_workers: int = MAX_WORKERS
    _jobs: dict[Hashable, Job] = field(init=False, factory=dict)
    _idle: list[_Worker] = field(init=False, factory=list)
    _lock: Lock = field(init=False, factory=Lock)
    _places: BoundedSemaphore = field(init=False)

    @_places.default
    def _count_places(self) -> BoundedSemaphore:
        return BoundedSemaphore(self.max_workers)

    def warm_up(self) -> None:
        """Start a worker, so that who asks first need not wait for it."""
        self._idle.append(_Worker())

    def close(self) -> None:
        """End every worker, whatever it is doing."""
        with self._lock:
            stops = [job.stop for job in self._jobs.values() if job.stop]
            idle, self._idle = self._idle, []
        for stop in stops:
            stop()
        for worker in idle:
            worker.end()

    def ask(self, key: Hashable, work: Work) -> Any:  # noqa: ANN401  what was computed
        """What comes of some work, which is begun if nobody has; raises StillWorking, and Refusal."""
        job = self._find_or_begin(key, work)
        if not job.ended.is_set():
            raise StillWorking(job)
        with self._lock:
            if self._jobs.get(key) is job:
                del self._jobs[key]
        return job.take()

    def _find_or_begin(self, key: Hashable, work: Work) -> Job:
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                self._forget()
                if len(self._jobs) >= MAX_WAITING:
                    raise Refusal(503, _("the workbench has too much to do: try again in a minute"))
                job = self._jobs[key] = Job(work.title, time.monotonic())
                request = WorkRequest(self.folder, self.operator, current(), work)
                Thread(target=self._run, args=(job, request), daemon=True).start()
            job.askers.add(asking.get())
            return job

    def _forget(self) -> None:
        """What has ended and nobody has fetched; a browser that was closed does not."""
        for key, job in list(self._jobs.items()):
            if job.ended.is_set() and time.monotonic() - job.began > self.max_seconds:
                del self._jobs[key]

    # what a job's own thread does

    def _run(self, job: Job, request: WorkRequest) -> None:
        with self._places:
            worker = self._take_worker(job)
            if worker is not None:
                timer = Timer(self.max_seconds, worker.process.kill)
                timer.daemon = True
                timer.start()
                job.outcome = worker.work(request, lambda progress: setattr(job, "progress", progress))
                timer.cancel()
                self._give_back(job, worker)
        if job.outcome is None:
            with speaking(request.language):
                job.outcome = self._explain_end(job)
        job.ended.set()

    def _take_worker(self, job: Job) -> _Worker | None:
        """A process for the job; None where it was stopped while it waited for one."""
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None or worker.process.poll() is not None:
            worker = _Worker()
        with self._lock:
            job.stop = worker.process.kill
            is_stopped = job.is_stopped
        if is_stopped:
            worker.end()
            return None
        return worker

    def _give_back(self, job: Job, worker: _Worker) -> None:
        is_light = not isinstance(job.outcome, Done) or job.outcome.memory < MAX_IDLE_MEMORY
        with self._lock:
            job.stop = None
            is_kept = job.outcome is not None and is_light and not self._idle and not job.is_stopped
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            worker.end()

    def _explain_end(self, job: Job) -> Refusal:
        """Why the process has ended: somebody has stopped it, its time was over, or it was too large."""
        if job.is_stopped:
            return Refusal(409, _("this was stopped; nothing was changed"))
        if time.monotonic() - job.began >= self.max_seconds:
            minutes = round(self.max_seconds / 60)
            return Refusal(409, _("this takes more than {minutes} minutes, and was ended", minutes=minutes))
        return refuse_memory()

    # what people see and do

    def find(self, job_id: str, session: str) -> Job | None:
        """A job by its id, for those who have asked for it."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.id == job_id and session in job.askers]
        return jobs[0] if jobs else None

    def stop(self, job: Job, session: str) -> None:
        """Somebody no longer wants it; it ends where nobody does."""
        with self._lock:
            job.askers.discard(session)
            if job.askers or job.ended.is_set():
                return
            job.is_stopped = True
            stop = job.stop
            for key in [key for key, other in self._jobs.items() if other is job]:
                del self._jobs[key]
        if stop is not None:
            stop()
