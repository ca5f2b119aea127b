#!/bin/sh
# Becomes another program and waits, as a wrapper does.
exec sleep 120
