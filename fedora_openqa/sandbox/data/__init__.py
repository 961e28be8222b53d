"""The sandbox's tables; a package, so that setuptools installs them."""
