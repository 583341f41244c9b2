"""Starting Django where a command needs it, and only there: the gate and the quick commands never do."""

import os


def start_django() -> None:
    """Set Django up with the settings of the environment. Raises `ConfigError` when they are wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varco.portal.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
        _demo_clock()


def _demo_clock() -> None:
    """Let a command on the demo's databases go by the demo's clock too."""
    from django.conf import settings

    from varco.ops.demo import moved_clock

    if settings.VARCO.demo:
        moved_clock.follow(settings.VARCO.data_dir)
