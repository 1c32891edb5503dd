# %% [markdown]
# # Homework 4, as a notebook
#
# **How to work here.** Run the next cell first. Then each function is a cell of its own: replace
# `raise NotImplementedError(...)` by your answer, run the cell, and run the check below it. A
# line of the form *likely* names a mistake that gives exactly your result. When the notebook was
# closed, run all cells again from the top.
#
# This notebook and the files `conv.py`, `text.py` and `cnn.py` beside it are two ways to do the
# same homework: choose one. Where the text speaks of a function in one of these files, it is a
# cell here: `from conv import conv1d_forward` finds the one that you have written above. For
# `python check.py` there are the cells with `grader.check`, and for `python look.py` there is one
# at the end.

# %% tags=["setup"]

# %% tags=["handout"]

# %% [markdown]
# ## See what your networks have learned
#
# The sliding window is your `conv2d_single`; then your own networks are trained on real digits and
# real surnames. Nothing of this is graded; it needs matplotlib and less than half a minute.

# %%
from IPython.display import Image, display

import look

if look.main() == 0:
    for name in ("sliding_window.gif", "digit_filters.png", "name_filters.png"):
        display(Image(filename=f"pictures/{name}"))

# %% [markdown]
# ## Hand in

# %% tags=["submit"]
