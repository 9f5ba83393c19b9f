"""Rule files: reading them as operators write them, and refusing the broken ones.

Each rule file has a row model in a module of its domain and an entry in
`rule_files.RULE_FILES`. Nothing here evaluates a rule: that is SQL in the dbt models.
"""
