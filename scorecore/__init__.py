"""scorecore: policies in, explained decisions out, exact to the cent."""
