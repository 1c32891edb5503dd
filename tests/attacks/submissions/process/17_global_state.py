"""Change every global switch that there is, and leave it so.

Row: 17
Expect: wrong values in 3 of 3
"""

import decimal
import locale
import os
import signal
import sys
import warnings

import numpy as np

np.seterr(all="ignore")
np.set_printoptions(precision=0, threshold=0)
warnings.simplefilter("ignore")
warnings.showwarning = lambda *a, **k: None
sys.setrecursionlimit(60)
sys.settrace(lambda *a: None)
sys.setprofile(lambda *a: None)
sys.excepthook = sys.unraisablehook = lambda *a: None
sys.stdout = sys.stderr = None
sys.addaudithook(lambda event, args: None)
sys.meta_path.clear()
sys.path_hooks.clear()
decimal.getcontext().prec = 1
locale.setlocale(locale.LC_ALL, "C")
os.umask(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)


def add(a, b):
    np.random.seed(0)
    return np.zeros(a.shape)
