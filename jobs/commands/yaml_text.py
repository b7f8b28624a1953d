"""Texts as YAML writes them."""

import yaml


def scalar(text: str) -> str:
    """One line of YAML that stands for this very text, quoted where it has to be."""
    flow = yaml.safe_dump([text], default_flow_style=True, allow_unicode=True, width=10**6)
    return str(flow).strip().removeprefix("[").removesuffix("]")
