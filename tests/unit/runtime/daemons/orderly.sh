#!/bin/sh
# Ends in order on SIGTERM.
trap 'echo "asked to end"; exit 0' TERM
echo "ready"
while :; do sleep 0.05; done
