"""A period decided part by part: what a part must know of the whole, how ids are divided, and how results are merged.

A *part* is a set of complete subjects, and of complete groups where the policy has groups. All rows of a subject are in
one part; rows of which nobody knows whom they are about are in every part. Whatever would need a subject of another
part is refused.
"""
