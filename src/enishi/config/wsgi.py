"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enishi.config.settings")
application = get_wsgi_application()
# What is loaded now stays for ever: looking through it again in the middle of an answer costs a fifth of a second.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()

from django.conf import settings  # noqa: E402

from enishi.config import warming  # noqa: E402 - models are there only now

if settings.WARM_UP:
    warming.in_background()
