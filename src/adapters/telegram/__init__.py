"""The Telegram door: updates come in, screens go out."""

import os

# With this, python-telegram-bot gives every length of time as a timedelta, its coming default.
os.environ.setdefault("PTB_TIMEDELTA", "1")
