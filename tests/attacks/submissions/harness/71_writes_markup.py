"""Say things that a browser, a terminal or a spreadsheet would run.

Row: 71
Expect: script
"""

MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)>"
TERMINAL = "\x1b]0;title\x07\x1b[2J\x1b]8;;file:///etc/passwd\x07link\x1b]8;;\x07\u202e\x9b31m"


def add(a, b):
    print(MARKUP, TERMINAL)
    raise ValueError(f"=cmd|' /C calc'!A0 {MARKUP} {TERMINAL} [x](javascript:alert(1))")


def walk(f, x, *, steps, rng):
    raise ValueError("</textarea><script>alert('walk')</script> @SUM(1+9)*cmd")  # <script>
