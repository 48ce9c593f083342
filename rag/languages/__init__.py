"""What is asked and said in other languages than English: words of questions in, kinds and messages out.

It imports nothing but ``index``.
"""
