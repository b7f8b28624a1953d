"""Hashes log files and checks their text, in one pass and in constant memory."""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterable
from functools import lru_cache
from io import BufferedIOBase
from pathlib import Path

from jobs.core.errors import InputError
from jobs.core.fingerprint import hash_of
from jobs.readers.open_text import GZIP

_BLOCK = 4 << 20


def files_digest(files: Iterable[Path], is_text: bool) -> str:
    """Hash of the content of some files, whatever their names.

    Raises
    ------
    InputError
        See `file_digest`.
    """
    return hash_of(sorted(file_digest(file, is_text) for file in files))


def file_digest(file: Path, is_text: bool) -> str:
    """Hash of a file's content; of a gzipped one, of what is packed in it.

    Raises
    ------
    InputError
        If it cannot be read or unpacked, or is text that is not UTF-8.
    """
    try:
        found = file.stat()
        return _digest_of(file, found.st_size, found.st_mtime_ns, is_text)
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text: {error.reason}; deliver it again") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"cannot unpack {file}: {error}; deliver it again") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}; mend its permissions or deliver it again") from None


@lru_cache(maxsize=4096)
def _digest_of(file: Path, size: int, changed: int, is_text: bool) -> str:
    """Kept for the process: a stage asks once for its fingerprint and once for its table."""
    opener = gzip.open if file.name.endswith(GZIP) else open
    with opener(file, "rb") as stream:
        return _digest(stream, is_text)


def _digest(stream: BufferedIOBase, is_text: bool) -> str:
    """Spark would replace what it cannot decode, so that two different rows could become one: hence the check."""
    state, decoder = hashlib.blake2b(), codecs.getincrementaldecoder("utf-8")()
    while block := stream.read(_BLOCK):
        state.update(block)
        if is_text:
            decoder.decode(block)
    if is_text:
        decoder.decode(b"", final=True)
    return state.hexdigest()[:32]
