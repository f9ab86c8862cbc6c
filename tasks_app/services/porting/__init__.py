"""Tasks as documents: how they leave a deployment, and how a deployment comes to be as a document says.

    text (YAML, JSON) ── reading ──▶ value ── shape ──▶ Document ── differences ──▶ Plan ── carrying_out ──▶ tasks
    text (YAML, JSON) ◀── writing ── value ◀── leaving ── tasks

A document belongs to one owner, who is not named in it. See docs/import-and-export.md for what it says.
"""
