"""Isotopes of bone and tooth: where a person grew up and what he ate."""
