"""The ledger: every change of every row, entered by the database itself, chained, never altered."""
