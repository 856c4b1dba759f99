"""What of accounts is said in the reader's language."""

from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, AUDITOR, AUTHOR, RUNNER
from scorecore_cli.language import _
from scorecore_web.accounts import AccountProblem
from scorecore_web.passwords import MIN_PASSWORD
from scorecore_web.permissions import EMPLOYEE


def name_role(role: str) -> str:
    names = {
        AUTHOR: _("author: writes policies"),
        RUNNER: _("runner: brings facts, and hands months in"),
        APPROVER: _("approver: approves, and answers objections"),
        AUDITOR: _("auditor: reads everything, changes nothing"),
        ADMINISTRATOR: _("administrator: gives people accounts"),
        EMPLOYEE: _("employee: reads their own statements, and objects"),
    }
    return names[role]


def describe_problem(problem: AccountProblem) -> str:
    sentences = {
        AccountProblem.LAST_ADMINISTRATOR: _("somebody must remain an administrator"),
        AccountProblem.NAME_TAKEN: _("there is an account of this name already"),
        AccountProblem.BAD_NAME: _("a name has at most 64 letters, digits and . _ @ -"),
        AccountProblem.NO_ACCOUNT: _("there is no such account"),
        AccountProblem.WEAK_PASSWORD: _(
            "a password has at least {count} characters, and not the name of the account", count=MIN_PASSWORD
        ),
        AccountProblem.PERSON_NEEDED: _("an employee needs the id of the person whose statements they read"),
        AccountProblem.NO_INVITATION: _("this invitation is no longer valid: ask an administrator for another"),
    }
    return sentences[problem]
