"""The compose check report: what people read about the tests of one compose.

`gather` loads the facts, `compare` judges them, `render` and `json_form` write the report,
`mails` makes mails of it, `workflow` sends them. Only `gather` and `workflow` use ports.
"""
