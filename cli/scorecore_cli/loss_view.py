"""What an erasure would lose, as people read it."""

from scorecore.record.losses import CarriedBalance, Loss, OwedAmount
from scorecore.record.people.objections import RecordedObjection
from scorecore_cli.labels import labeller
from scorecore_cli.language import _


def describe_loss(loss: Loss) -> str:
    """One loss in one line."""
    if isinstance(loss, OwedAmount):
        adjustment = loss.adjustment
        params = {"policy": loss.policy, "period": adjustment.period, "amount": f"{abs(adjustment.effect):,.2f}"}
        if adjustment.effect < 0:
            return _("{policy} still has to take back {amount} of {period}", **params)
        return _("{policy} still has to pay {amount} of {period}", **params)
    if isinstance(loss, CarriedBalance):
        label = labeller(loss.program)(f"carry.{loss.carry}")
        params = {"policy": loss.policy, "period": loss.period, "name": label, "amount": loss.amount}
        return _("{policy} carries over {name} {amount} from {period}", **params)
    if isinstance(loss, RecordedObjection):
        return _("objection {entry} is not answered", entry=loss.entry)
    return _("run {number} waits for approval", number=loss.head.number)
