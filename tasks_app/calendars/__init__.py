"""What a calendar needs beyond its own row.

family.py     the calendars it refers to, and those that refer to it
fetching.py   the files behind its addresses
"""
