"""What is installed is what was locked: each package with the hash of its files."""

import tomllib
from pathlib import Path

LOCK = tomllib.loads((Path(__file__).parents[1] / "uv.lock").read_text(encoding="utf-8"))


def test_every_locked_package_has_hashes() -> None:
    packages = [one for one in LOCK["package"] if "registry" in one["source"]]
    others = [one["name"] for one in LOCK["package"] if not {"registry", "editable", "virtual"} & set(one["source"])]

    assert len(packages) > 100
    assert others == [], "from no registry: nobody vouches for what they are tomorrow"
    for package in packages:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]
