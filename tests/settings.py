"""Settings for the suite: an own data folder, quick password hashes, tasks at once."""

import os
import tempfile

os.environ.setdefault("ENISHI_DATA", tempfile.mkdtemp(prefix="enishi-test-"))

from enishi.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES |= {  # noqa: F405
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Every test comes from the same address: limits are tried where they are the subject (tests/foundation/test_limits.py).
    "limits": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "shared_limits": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
ACCOUNT_RATE_LIMITS = False
# Files wait under the key of a person, and each process of the suite gives the same keys to others.
MEDIA_ROOT = MEDIA_ROOT / os.environ.get("PYTEST_XDIST_WORKER", "alone")  # noqa: F405
# WhiteNoise warns of a folder that is not there.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
# Meaning without a model of a hundred megabytes; the bundled one has its own tests.
MATCHING_READER = "tests.exchange.matches.reading.read_for_tests"
WARM_UP = False
RETRIEVAL_EMBEDDER = "tests.knowledge.documents.embedding.word_sums"
