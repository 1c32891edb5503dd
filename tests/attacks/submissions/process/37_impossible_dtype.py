"""Reply with an array whose dtype is not even a text.

Row: 37
Expect: .
"""

from burglar import reply_to_first


def add(a, b):
    reply_to_first(b'{"t":"array","d":[],"s":[]}')
