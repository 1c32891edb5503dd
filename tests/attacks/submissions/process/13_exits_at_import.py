"""End the process with status 0 while the file is imported.

Row: 13
Expect: imported, your code ended the process
"""

import os

os._exit(0)
