"""What a bot says about itself: names, descriptions, commands, menu button."""

import attrs

from shipping_sandbox.telegram_api.errors import Json

CommandList = list[Json]


@attrs.define
class Profile:
    """Texts by language code (empty: everybody else), commands by scope and language."""

    texts: dict[tuple[str, str], str] = attrs.Factory(dict)
    commands: dict[tuple[str, str], CommandList] = attrs.Factory(dict)
    menu_buttons: dict[int | None, Json] = attrs.Factory(dict)

    def commands_for(self, user_id: int, language_code: str) -> CommandList:
        """Give the list a person sees in his private chat: the narrowest scope first, his language first.

        Source: https://core.telegram.org/bots/api#determining-list-of-commands.
        """
        for scope in (f"chat:{user_id}", "all_private_chats", "default"):
            for language in dict.fromkeys((language_code, "")):
                found = self.commands.get((scope, language))
                if found:
                    return found
        return []
