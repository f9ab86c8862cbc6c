"""The expression language: JMESPath, and what people write besides."""
