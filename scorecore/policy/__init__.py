"""Policies as written: TOML read with places, overlays merged, structure checked, layout formatted."""
