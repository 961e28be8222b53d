"""Foreign systems, a room or file each. Must not decide anything but retries."""
