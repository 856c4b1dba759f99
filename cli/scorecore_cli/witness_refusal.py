"""Why a witness does not sign, in the reader's language."""

from http import HTTPStatus

from scorecore.record.log.witness import WitnessError
from scorecore_cli.language import _, ngettext


def describe_refusal(refused: WitnessError) -> str:
    if refused.status == HTTPStatus.CONFLICT and not refused.is_evidence:
        return ngettext(
            "this witness has signed {count} entry last: ask with --old {count}",
            "this witness has signed {count} entries last: ask with --old {count}",
            refused.size,
        )
    return {
        400: _("this is not a request to a witness"),
        403: _("the checkpoint is not signed by the key of its record"),
        404: _("no record is known by the name of this checkpoint: name its key with --log"),
    }.get(
        refused.status,
        _("not signed: this record does not continue what was signed before; keep the request as evidence"),
    )
