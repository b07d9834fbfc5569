"""Cenotaph: accounts for the missing of past conflicts and gives the recovered dead their names back."""
