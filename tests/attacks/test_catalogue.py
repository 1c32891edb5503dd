"""The catalogue of attacks: 80 ways to gain points, learn secrets, or outlive one's test.

Each row is tried: by submissions (see conftest.py), by tests named here, or it says why not.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent

CATALOGUE = """
     1 find expected arrays among all objects of the process
     2 read the test's frame through the stack
     3 import the reference or the tests
     4 search memory that was inherited from the grader
     5 read hidden tests from disk
     6 read another process through /proc
     7 trace another process, copy its memory or its descriptors
     8 read secrets in command lines
     9 read secrets in the environment
    10 overwrite or remove the results
    11 print fake results
    12 forge replies
    13 exit with status 0
    14 act when the process ends
    15 patch comparisons
    16 patch pytest
    17 change global state
    18 return an array that lies
    19 return numbers and containers that lie
    20 return arrays of objects, records and texts
    21 return a pickle
    22 find secret file names
    23 send signals to the grader
    24 change limits or priority of the grader
    25 loop for ever
    26 sleep or stop for ever
    27 reply byte by byte
    28 stop reading
    29 take all memory
    30 start processes that survive
    31 start threads without end
    32 fill the disk
    33 open files without end
    34 crash
    35 flood the output
    36 return what is huge, deep or circular
    37 break the decoder
    38 raise what cannot be printed
    39 leave threads behind
    40 run other programs
    41 enter the kernel by another table
    42 use newer system calls
    43 use the network
    44 use local sockets
    45 regain privileges
    46 make namespaces
    47 poison the installation
    48 bring a configuration for pytest
    49 shadow libraries
    50 hand in links
    51 hand in zips that escape or explode
    52 hand in names that look alike
    53 hand in sources that break a parser
    54 import forbidden libraries
    55 call forbidden kernels of an allowed library
    56 differentiate where a formula was asked for
    57 hard-code known answers
    58 predict or choose the inputs
    59 remember earlier tests
    60 behave only when watched
    61 change the inputs
    62 return the input
    63 return what changes its mind
    64 return empty arrays
    65 return what broadcasts
    66 return columns for rows
    67 return NaN
    68 return what widens the tolerance
    69 return other dtypes
    70 make the results invalid
    71 write markup, escapes and formulas
    72 tell hidden inputs in messages
    73 tell hidden inputs by points
    74 misuse the callbacks of a test
    75 leave something for the next submission
    76 raise one's limits
    77 outlive a grader that is killed
    78 change metadata of other files
    79 break where the interpreter cannot be read
    80 use up the time of the whole run
"""
ROWS = {int(n): what for n, what in re.findall(r"^ *(\d+) (.+)$", CATALOGUE, re.MULTILINE)}

TESTS = {  # row -> where it is tried, beside submissions/
    8: ("test_survival.py", "test_the_zygotes_command_line_is_constant_and_tells_nothing"),
    36: ("test_comparators.py", "test_nothing_else_is_close"),
    37: ("test_decoder.py", "test_odd_fields_are_wire_errors_and_nothing_else"),
    48: ("test_intake_attacks.py", "test_files_that_pytest_and_python_look_for_are_never_run"),
    49: ("test_intake_attacks.py", "test_a_wrong_answer_is_not_helped_by_them"),
    50: ("test_intake_attacks.py", "test_links_in_a_folder_are_not_followed"),
    51: ("test_intake_attacks.py", "test_names_that_leave_the_zip_lead_nowhere"),
    52: (
        "test_intake_attacks.py",
        "test_names_that_look_alike_are_shown_escaped",
    ),
    53: ("test_intake_attacks.py", "test_a_hostile_source_is_read_apart_and_in_time"),
    58: ("test_decoder.py", "test_a_lent_generator_comes_back_advanced_and_nothing_else"),
    64: ("test_comparators.py", "test_nothing_else_is_close"),
    70: ("test_writers.py", "test_results_are_strict_json_and_say_zero"),
    71: ("test_writers.py", "test_the_page_of_the_class_runs_nothing_of_theirs"),
    72: ("test_comparators.py", "test_keys_that_a_student_chose_are_not_quoted"),
    73: ("test_survival.py", "test_the_same_file_meets_other_inputs_at_each_grading"),
    77: ("test_survival.py", "test_nothing_outlives_a_part_that_is_killed"),
    79: (
        "test_survival.py",
        "test_an_interpreter_that_workers_cannot_read_is_told",
    ),
    80: ("test_survival.py", "test_the_time_of_a_whole_run_is_bounded_and_what_was_run_counts"),
}
NOT_TESTABLE = {
    55: "no assignment allows PyTorch yet: there is no worker in which its kernels could be called",
    56: "a finite difference returns the right numbers: only an author's limits and eyes tell",
}


def test_every_row_is_tried_or_says_why_not(attacks):
    tried = {row for attack in attacks.values() for row in attack.rows}
    assert list(ROWS) == list(range(1, 81))
    assert tried | set(TESTS) | set(NOT_TESTABLE) == set(ROWS)
    assert not (tried | set(TESTS)) & set(NOT_TESTABLE)


def test_every_test_that_is_named_exists():
    for file, name in TESTS.values():
        assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8"), name


def test_there_are_enough_submissions_and_each_says_what_it_tries(attacks):
    assert len(attacks) >= 60
    assert len({attack.what for attack in attacks.values()}) == len(attacks)
    for attack in attacks.values():
        assert attack.what.endswith("."), attack.name
        assert int(attack.name.split("/")[1][:2]) in attack.rows, attack.name
        re.compile(attack.expect)


def test_submissions_know_no_more_than_a_student_could(attacks):
    """No attack holds a canary or a path of this machine: `burglar.py` is told them."""
    for attack in attacks.values():
        assert not re.search(rb"CANARY-[0-9a-f]{16}", attack.source)
