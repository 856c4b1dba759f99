"""Cases that an author may have forgotten: facts that differ little from those of a case, and what is decided then."""
