"""Long work: a queue in the database and the worker that empties it."""
