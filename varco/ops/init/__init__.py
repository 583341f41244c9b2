"""`varco init`: a handful of questions, and a directory with all that a first installation needs.

questions.py   what is asked, and the options that answer beforehand; files.py   what is written; command.py   the command
"""
