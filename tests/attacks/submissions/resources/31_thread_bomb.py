"""Start threads without end.

Row: 31
Expect: RuntimeError|MemoryError|did not finish|ended the process|killed|crashed
"""

import threading
import time


def add(a, b):
    threading.stack_size(8 << 20)
    for _ in range(5_000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    raise ValueError("GOT 5000 threads")
