"""What an entry of a record is, in words."""

from scorecore_cli.language import _


def entry_label(kind: str) -> str:
    """What somebody has recorded by an entry of a kind."""
    labels = {
        "genesis": _("the record was begun"),
        "run": _("a run begins"),
        "proposal": _("a proposed run begins"),
        "trial": _("a trial begins"),
        "decision": _("a decision"),
        "trial_decision": _("a decision of a trial"),
        "withdrawal": _("a decision is withdrawn"),
        "adjustment": _("a payment for earlier periods"),
        "close": _("a run ends"),
        "signature": _("signed by an operator"),
        "erasure": _("erased"),
        "resumption": _("resumed after a loss"),
        "conversion": _("converted to a record with a vault"),
        "operator": _("an operator was added or changed"),
        "operator_rotation": _("an operator has another key"),
        "rotation": _("the record has another key"),
        "recovery_key": _("a recovery key was named"),
        "confirmation": _("confirmed what a stolen key had signed"),
        "approval": _("approved"),
        "approval_rules": _("the rules of approval"),
        "retention": _("the retention"),
        "return": _("returned"),
        "adoption": _("a policy was adopted"),
        "objection": _("an objection"),
        "answer": _("the answer to an objection"),
        "cosignature": _("signed by a witness"),
        "timestamp": _("a time-stamp"),
    }
    return labels.get(kind, kind)
