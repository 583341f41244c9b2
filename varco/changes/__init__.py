"""Who is told that an operation of the API is deprecated: one mail to each application that used it, and never a second one.

What is deprecated says the catalogue (`[[deprecations]]`); that an application used an operation say the access records, and, of
operations that leave none, what the gate notes of them.
"""
