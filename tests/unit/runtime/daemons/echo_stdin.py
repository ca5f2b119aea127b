"""Prints what it reads on stdin, then its arguments, then waits."""

import sys
import time

print("read:", sys.stdin.read(), flush=True)
print("argv:", *sys.argv[1:], flush=True)
time.sleep(120)
