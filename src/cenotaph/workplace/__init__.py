"""The casework application: the record in a database, its ledger, who may see what, and the pages to work on."""
