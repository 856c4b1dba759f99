"""Where two logs part: how many entries they have in common, by the signed trees over their beginnings."""

from scorecore.record.log import tree
from scorecore.record.log.log import Log


def count_common(left: Log, right: Log) -> int:
    """How many entries are the same from the first on; raises RecordRejected where a log is not what was signed.

    Trees over the same beginnings have the same roots, and over no longer ones than that.
    """
    same, different = 0, min(left.size, right.size) + 1
    while different - same > 1:
        middle = (same + different) // 2
        if tree.root(middle, left.signed_tree) == tree.root(middle, right.signed_tree):
            same = middle
        else:
            different = middle
    return same
