"""Connects workflows with gateways: the only place that knows configuration and gateways.

One file for each thing a command or a consumer opens, so that it loads what it needs.
"""
