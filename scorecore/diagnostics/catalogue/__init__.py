"""Every kind of diagnostic: code, sentence, advice, one module for each stage.

Sentences are lower case and without a full stop; the author's words stand in backticks. Each code has a folder in
`tests/problems/` with the exact output in both languages.
"""

from scorecore.diagnostics.catalogue.cases import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.expressions import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.facts import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.groups import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.plugins import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.policy import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.record import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.runtime import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.structure import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
from scorecore.diagnostics.catalogue.toml import *  # noqa: F403  one name, `catalogue`, for the codes of all stages
