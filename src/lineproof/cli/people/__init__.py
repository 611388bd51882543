"""Commands about people: destruction, links, legal holds, retention, the key over their keys."""
