"""The scorers that come with scorecore: plugins like anyone else's."""
