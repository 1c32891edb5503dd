"""A container like Gradescope's on this machine, without Docker: `make test-platform`."""
