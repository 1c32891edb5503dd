# Run this cell first. In Colab it asks for the homework's zip file, once.
import os
import sys
import zipfile
from pathlib import Path

homework, one_of_its_files = "ASSIGNMENT_ID", "tests/test_ASSIGNMENT_QUESTION.py"
places = [Path.cwd(), Path.cwd() / homework, Path.cwd().parent]
if "google.colab" in sys.modules and not any((p / one_of_its_files).is_file() for p in places):
    from google.colab import files

    print(f"Choose the zip file of {homework}, as you have downloaded it.")
    for name in files.upload():
        if zipfile.is_zipfile(name):
            zipfile.ZipFile(name).extractall(homework)
    places += [kit.parent for kit in Path(homework).resolve().rglob("student_kit")]
places = [place for place in places if (place / one_of_its_files).is_file()]
if not places:
    raise FileNotFoundError(
        f"The files of {homework} are not here. In Colab, run this cell again and choose the zip "
        "file; elsewhere, put this notebook into the folder that you downloaded."
    )
os.chdir(places[0])
sys.path.insert(0, str(places[0]))

from student_kit.notebook import start

grader = start(homework, globals())
