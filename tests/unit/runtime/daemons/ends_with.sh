#!/bin/sh
# Says so on both streams and ends with the code it is given.
echo "to stdout"
echo "to stderr" >&2
exit "$1"
