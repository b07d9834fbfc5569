"""The dossier: one folder of tables that holds a case.

The registry (`tables`) declares every table and column; reading, checking, writing, the descriptor and the reference
page are made from it.
"""
