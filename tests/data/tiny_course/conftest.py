"""These files are data: an assignment small enough to be built, broken and checked in a test."""

collect_ignore_glob = ["*"]
