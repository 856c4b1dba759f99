"""What goes on when a page takes long: how far it has come, and the button that stops it."""

import time
from typing import Any

from starlette.responses import Response

from scorecore_cli.language import _
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, render
from scorecore_web.requests import PageRequest, is_own_address
from scorecore_web.worker_pool import Job


def render_working(request: PageRequest, job: Job, *, is_form: bool) -> Response:
    """The page in the place of the one that was asked for; it asks for that again when the work is done."""
    params = {
        "job": job,
        "work": describe_job(job),
        "is_form": is_form,
        "fields": request.form if is_form else {},
        "back": request.referrer if is_form or request.referrer != request.address else "",
    }
    return render(request, "working.html.jinja", params, 202)


def describe_job(job: Job) -> dict[str, Any]:
    progress = job.progress
    return {
        "is_done": job.ended.is_set(),
        "stage": progress.stage if progress else _("waiting for its turn"),
        "done": progress.done if progress else 0,
        "total": progress.total if progress else 0,
        "seconds": int(time.monotonic() - job.began),
    }


def _find_job(request: PageRequest) -> Job:
    pool = request.workbench.pool
    job = pool.find(request.path["job"], request.session.id) if pool else None
    if job is None:
        raise Refusal(404, _("this has ended"))
    return job


def work_data(request: PageRequest) -> Response:
    return as_json(describe_job(_find_job(request)))


def stop_work(request: PageRequest) -> Response:
    """Nobody waits for it here any more; it ends unless somebody else does."""
    job = _find_job(request)
    assert request.workbench.pool  # noqa: S101  it has the job
    request.workbench.pool.stop(job, request.session.id)
    back = request.form.get("back", "")
    params = {"title": job.title, "is_stopped": job.is_stopped, "back": back if is_own_address(back) else ""}
    return render(request, "stopped.html.jinja", params)
