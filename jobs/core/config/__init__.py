"""One typed, closed configuration: base.yaml, a profile, an app's file and the environment."""

from jobs.core.config.load import home_folder, known_apps, load_settings
from jobs.core.config.model import Settings

__all__ = ["Settings", "home_folder", "known_apps", "load_settings"]
