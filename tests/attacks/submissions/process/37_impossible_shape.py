"""Reply with an empty array of a shape that NumPy refuses.

Row: 37
Expect: .
"""

from burglar import reply_to_first, spelled


def add(a, b):
    array = b'{"t":"array","d":"float64","s":[67108864,67108864,67108864,0]}'
    reply_to_first(spelled({"value": "RAW"}, array))
