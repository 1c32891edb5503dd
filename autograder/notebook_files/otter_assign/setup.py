# Run this cell first, and whenever you begin.
import sys
from pathlib import Path

if not Path("ASSIGNMENT_ID").is_dir():
    raise FileNotFoundError(
        "Put the folder ASSIGNMENT_ID, which came with this notebook, beside it."
    )
sys.path.insert(0, str(Path("ASSIGNMENT_ID").resolve()))

from student_kit.environment import missing_libraries
from student_kit.notebook import start

homework = start("ASSIGNMENT_ID", globals())
if problem := missing_libraries(homework.facts.libraries):
    raise ModuleNotFoundError(problem)
