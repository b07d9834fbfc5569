"""What is done to the record: load, export, change, back up, restore."""
