"""Grade what was handed in as a notebook: its cells become the files of the assignment.

    .ipynb -> [reading] -> cells -> [keeping] -> a program; [submitted] says what was odd

A notebook is one namespace, and so is the program that is made of it. It stands for each of the
assignment's files, so `from layers import relu_forward` in a cell, or in a test, finds the
notebook's own definition. Reading and keeping happen in a short-lived child process (`worker`):
a notebook is hostile until it has been read. Nothing of it runs before it is in the sandbox.
"""
