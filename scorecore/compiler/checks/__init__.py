"""What is checked of a whole policy once its steps are built."""
