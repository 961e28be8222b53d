"""The store: a database of subjects, products and deliveries, with their leases.

The only room that uses SQLAlchemy. It decides nothing: delays are passed in, and decisions within
a transaction are functions of `policy`. Times are seconds since 1970, as floats, of the
database's clock.
"""
