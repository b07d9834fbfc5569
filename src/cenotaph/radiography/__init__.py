"""Films: outlines and clavicles."""
