# %% [markdown]
# # Homework 2, as a notebook
#
# **How to work here.** Run the next cell first. Then each function is a cell of its own: replace
# `raise NotImplementedError(...)` by your answer, run the cell, and run the check below it. A
# line of the form *likely* names a mistake that gives exactly your result. When the notebook was
# closed, run all cells again from the top.
#
# This notebook and the files `layers.py` and `mlp.py` beside it are two ways to do the same
# homework: choose one. Where the text speaks of a function in one of these files, it is a cell
# here: `from layers import linear_forward` finds the one that you have written above. For `python
# check.py` there are the cells with `grader.check`.

# %% tags=["setup"]

# %% tags=["handout"]

# %% [markdown]
# ## See what your network has learned
#
# Your own network is trained on real digits. Nothing of this is graded; it needs matplotlib and
# less than half a minute.

# %%
from IPython.display import Image, display

import look

if look.main() == 0:
    for name in ("loss_curve", "confusion_matrix", "misread_digits", "first_layer_weights"):
        display(Image(filename=f"pictures/{name}.png"))

# %% [markdown]
# ## Hand in

# %% tags=["submit"]
