"""The record: what was decided, so that an auditor can replay it and prove that nothing was altered.

With `scorecore.io` the only room that touches a disk. The time, chance and keys are passed in.
"""
