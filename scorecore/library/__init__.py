"""The library: a policy file in, decisions about Python values and frames out. `scorecore` names all that is public."""
