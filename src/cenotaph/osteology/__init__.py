"""Bones: elements and zones, measurements, counting, sorting, resemblance, stature, age."""
