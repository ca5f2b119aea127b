#!/bin/sh
# Ignores SIGTERM; its own child does, too.
trap '' TERM
sleep 120 &
echo "child $!"
while :; do sleep 120; done
