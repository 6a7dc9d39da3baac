"""The business of selling shipping labels: standard library and attrs, no I/O.

`domain` holds the nouns, `conversation` the order as a table of rules, `ports` the promises that
adapters keep, `use_cases` the verbs. `shipping_core.errors` is the tree of everything it can refuse.
"""
