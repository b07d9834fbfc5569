"""Who may see and do what: one declaration, and the only ways to rows that obey it."""
