"""openQA, over its REST API."""
