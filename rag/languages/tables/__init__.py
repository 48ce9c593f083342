"""Hold what is known of each language but English, a file a language: data only, which ``load`` reads.

``[questions]`` has the fields of ``QuestionWords`` and ``[messages]`` those of ``Messages``. A long pattern is a list
of pieces, joined as they stand; ``{currency}`` in a pattern is an amount in a currency as many countries write it.
"""
