"""Every kind of diagnostic: code, sentence, advice, one module for each stage.

Sentences are lower case, without a full stop, with the author's words in backticks. Each code has a folder in
`tests/problems/` with the exact output in both languages. A sentence with a count is right for 1 and for many: it names
the count in brackets, or its kind has a `singular`.
"""

from scorecore.diagnostics.catalogue.cases import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.databases import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.expressions import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.facts import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.groups import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.keys import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.library import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.matters import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.month import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.parts import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.people import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.plugins import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.policy import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.record import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.regulation import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.runtime import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.signing_keys import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.structure import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.toml import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
