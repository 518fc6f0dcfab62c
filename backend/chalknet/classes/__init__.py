"""What lives while a class is under way: codes, who is here, the teacher's wall."""
