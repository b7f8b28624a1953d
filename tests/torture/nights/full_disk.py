"""A stage whose home has a disk of its own with little room left: a tmpfs that only the stage and its Java see.

Where none can be mounted, a limit on the size of every file stands in for it.
"""

import resource
import shlex
import subprocess
from functools import cache

from tests.torture.nights.lane import Lane

# In a mount namespace that ends with it: what the stage leaves is copied back, as a disk that is full would keep it.
_SCRIPT = """
set -e
mkdir -p {disk}
mount -t tmpfs -o size=8g none {disk}
cp -a {home}/. {disk}/
used=$(df -k --output=used {disk} | tail -1)
mount -o remount,size=$((used + {room}))k {disk}
mount --bind {disk} {home}
{command} && code=0 || code=$?
umount {home}
find {home} -mindepth 1 -delete
cp -a {disk}/. {home}/
exit $code
"""


@cache
def can_mount() -> bool:
    """Whether a tmpfs can be mounted here, for one process and its children."""
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def run_on_full_disk(lane: Lane, stage: str, room_kib: int) -> int:
    """Run a stage with so much room left, in KiB; its exit code."""
    if can_mount():
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", _script(lane, stage, room_kib)],
            env=lane.environment,
            capture_output=True,
            check=False,
        )
        return done.returncode
    size = room_kib * 1024
    done = subprocess.run(
        lane.command(stage),
        env=lane.environment,
        capture_output=True,
        check=False,
        # Of a process of ours that has one thread.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    return done.returncode


def _script(lane: Lane, stage: str, room_kib: int) -> str:
    home, disk = (shlex.quote(str(folder)) for folder in (lane.home.root, lane.root / "disk"))
    return _SCRIPT.format(home=home, disk=disk, room=room_kib, command=shlex.join(lane.command(stage)))
