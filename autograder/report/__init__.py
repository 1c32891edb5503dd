"""What people read: a student's feedback, a class's table, CSV file and HTML page."""
