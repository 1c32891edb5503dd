# %% [markdown]
# # Homework 3, as a notebook
#
# **How to work here.** Run the next cell first. Then each function, and the class `Tensor`, is a
# cell of its own: replace `raise NotImplementedError(...)` by your answer, run the cell, and run
# the check below it. Several questions are about `Tensor`, and its cell stands below the first of
# them: for the others go back to it, and run it again before their checks. A line of the form
# *likely* names a mistake that gives exactly your result. When the notebook was closed, run all
# cells again from the top.
#
# This notebook and the files `engine.py`, `torch_workflow.py` and `diagnosis.py` beside it are two
# ways to do the same homework: choose one. Where the text speaks of a function in one of these
# files, it is a cell here. For `python check.py` there are the cells with `grader.check`.

# %% tags=["setup"]

# %% tags=["handout"]

# %% [markdown]
# ## See your graphs, and what you say of learning curves
#
# Your own engine draws the handout's graphs, and your own `diagnose_losses` looks at a training
# with five learning rates. Nothing of this is graded; it needs matplotlib.

# %%
from IPython.display import Image, display

import look

if look.main() == 0:
    for name in ("computation_graphs", "learning_curves"):
        display(Image(filename=f"pictures/{name}.png"))

# %% [markdown]
# ## Hand in

# %% tags=["submit"]
