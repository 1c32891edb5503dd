# %% [markdown]
# # Homework 1, as a notebook
#
# **How to work here.** Run the next cell first. Then each function is a cell of its own: replace
# `raise NotImplementedError(...)` by your answer, run the cell, and run the check below it. A
# line of the form *likely* names a mistake that gives exactly your result. When the notebook was
# closed, run all cells again from the top.
#
# This notebook and the file `optim.py` beside it are two ways to do the same homework: choose
# one. Where the text speaks of a function in `optim.py`, it is a cell here, and for `python
# check.py` there are the cells with `grader.check`.

# %% tags=["setup"]

# %% tags=["handout"]

# %% [markdown]
# ## Watch them race
#
# Your own optimizers on three landscapes: a narrow valley, Beale's function and a saddle. Nothing
# of this is graded; it needs matplotlib and less than half a minute.

# %%
from IPython.display import Image, display

import look

if look.main() == 0:
    display(Image(filename="pictures/losses.png"), Image(filename="pictures/race.gif"))

# %% [markdown]
# ## Hand in

# %% tags=["submit"]
