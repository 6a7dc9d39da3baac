"""What can be turned at the emulator while it runs."""

import attrs


@attrs.define
class Settings:
    """Times and limits of the emulated service; every `_s` is in seconds.

    The defaults imitate the real service, except `limits`: rate limits are off unless asked for, so that
    a load test measures the bot and not the emulator.
    """

    limits: bool = False
    chat_rate_per_s: float = 1.0
    chat_burst: float = 5.0
    total_rate_per_s: float = 30.0
    total_burst: float = 30.0
    callback_ttl_s: float = 150.0
    update_ttl_s: float = 24 * 3600.0
    webhook_pause_s: float = 1.0
    webhook_pause_cap_s: float = 90.0
    webhook_timeout_s: float = 30.0

    def change(self, values: dict[str, object]) -> None:
        """Take over the named values, or none of them.

        Raises:
            ValueError: a name is unknown or a value has the wrong type.
        """
        fields = attrs.fields_dict(Settings)
        clean: dict[str, bool | float] = {}
        for name, value in values.items():
            if name not in fields:
                raise ValueError(f"unknown setting {name!r}; known: {', '.join(fields)}")
            if name == "limits":
                clean[name] = switch(value)
            elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError(f"{name} must be a number of at least 0")
            else:
                clean[name] = float(value)
        for name, taken in clean.items():
            setattr(self, name, taken)


def switch(value: object) -> bool:
    """Read `on`, `off`, true or false.

    Raises:
        ValueError: it is none of these.
    """
    if value in (True, "on"):
        return True
    if value in (False, "off"):
        return False
    raise ValueError("limits must be on or off")
