"""Results of Autocloud's tests of cloud images.

Their deliveries are stored and sent like those of openQA jobs; this package only makes the
results, without I/O.
"""
