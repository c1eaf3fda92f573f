"""What holds for all tests."""

from hypothesis import settings

# A deadline would time the machine, which runs other tests beside these.
settings.register_profile("warmline", deadline=None)
settings.load_profile("warmline")
