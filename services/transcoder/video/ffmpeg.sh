#!/bin/sh
# fluent-ffmpeg takes one path to run, and puts the options of the input first. For a render these begin with a whole command
# line (sandbox.ts), which ends in ffmpeg. Its own questions, such as -formats, open no file.
case $1 in
-*) exec ffmpeg "$@" ;;
*) exec "$@" ;;
esac
