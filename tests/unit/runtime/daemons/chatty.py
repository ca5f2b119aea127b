"""Writes numbered lines without pause until it is ended."""

import itertools
import sys
import time

for number in itertools.count():
    sys.stdout.write(f"line {number}\n")
    sys.stdout.flush()
    if number % 50 == 0:
        time.sleep(0.001)
