"""`scorecore erase`: destroy what a record has of a person; the record still verifies."""

from pathlib import Path

import rich_click as click

from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.ledger import key_file, ledger, now, refused, writing
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@ledger
@options.option("--person", "subject", required=True, help="The id of the person, or whatever the policy is about.")
@options.option("--reason", required=True, help="Why, for everyone to read; name nobody.")
@key_file
@options.lang
def erase(ledger: Path, subject: str, reason: str, key: Path | None) -> None:
    """Destroy the key and the payloads of a person, and say so in the record. This cannot be taken back."""
    with writing(ledger, key) as log:
        try:
            refused(log.erase, subject, now=now(), reason=reason)
        except LookupError:
            raise click.UsageError(t("the record has no decision about {id}", id=subject)) from None
    console().print(t("erased; the record still verifies, and a replay says that it was erased"))
