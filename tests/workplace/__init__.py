"""Tests of the casework application."""
