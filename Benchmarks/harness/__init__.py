"""The comparison of contestants: what run.py is made of."""
