"""The client over HTTP; needs the extra `http`."""
