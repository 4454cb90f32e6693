#!/bin/sh
# fluent-ffmpeg takes one path to run. This one puts ffmpeg on a leash first, as shared/leash.ts does for everything else:
# the kernel kills it when the transcoder dies, kill -9 included. Both exec, so the process that was started is ffmpeg.
if [ -x /usr/bin/setpriv ]; then
  exec /usr/bin/setpriv --pdeathsig KILL -- ffmpeg "$@"
fi
exec ffmpeg "$@"
