"""Cases of a policy: facts and what is expected of them, written in TOML beside the policy."""
