"""Carries what openQA says of jobs to where decisions are made: gather, decide, tell."""
