"""Teeth: charts, how two charts compare, how rare a pattern is."""
