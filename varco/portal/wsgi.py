"""The portal as a WSGI app, for any WSGI server; `varco serve` runs the same handler behind a front of its own."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varco.portal.settings")
application = get_wsgi_application()
