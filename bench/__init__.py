"""What the command costs; prints figures and never fails for one."""
