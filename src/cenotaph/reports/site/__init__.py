"""The static site of the record: pages that need no server and ask nothing of any other."""
