"""What a bot says about itself, and leaving the service."""

import re
from collections.abc import Callable
from typing import Any

from shipping_sandbox.telegram_api.errors import Json, bad_request
from shipping_sandbox.telegram_api.methods.registry import Call, method

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)
_TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


@method("getMe")
def get_me(call: Call) -> Json:
    """Give the bot as a User, with the fields only this method returns."""
    abilities = (
        "can_join_groups",
        "can_read_all_group_messages",
        "supports_inline_queries",
        "can_connect_to_business",
        "has_main_web_app",
    )
    return {**call.bot.user, **dict.fromkeys(abilities, False)}


@method("logOut")
def log_out(call: Call) -> bool:
    """Leave the service: the next calls are refused until the sandbox is reset."""
    call.bot.logged_out = True
    return True


@method("close")
def close(_: Call) -> bool:
    """Close the bot before moving it to another server; the sandbox has only one."""
    return True


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    """Keep the list of commands for one scope and language."""
    commands = call.params.nested("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    call.bot.profile.commands[_scope(call), _language(call)] = [_command(command) for command in commands]
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[Json]:
    """Give the list kept for exactly this scope and language."""
    return call.bot.profile.commands.get((_scope(call), _language(call)), [])


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    """Forget the list of one scope and language."""
    call.bot.profile.commands.pop((_scope(call), _language(call)), None)
    return True


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    """Keep the menu button of one chat, or of all."""
    button = call.params.nested("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("can't parse menu button: unknown type")
    call.bot.profile.menu_buttons[call.params.integer("chat_id")] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> Json:
    """Give the menu button of a chat, else the one for all."""
    buttons = call.bot.profile.menu_buttons
    return buttons.get(call.params.integer("chat_id")) or buttons.get(None) or {"type": "commands"}


def _command(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse commands: expected an Object")
    name, description = command.get("command"), command.get("description")
    name = name.removeprefix("/") if isinstance(name, str) else ""
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scope(call: Call) -> str:
    scope = call.params.nested("scope", "bot command scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return f"{kind}:{scope['chat_id']}" if "chat_id" in scope else str(kind)


def _language(call: Call) -> str:
    language = call.params.text("language_code") or ""
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _setter(field: str, limit: int) -> Callable[[Call], bool]:
    def keep(call: Call) -> bool:
        text = call.params.text(field) or ""
        if len(text) > limit:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        call.bot.profile.texts[field, _language(call)] = text
        if field == "name" and text and not _language(call):
            call.bot.user = {**call.bot.user, "first_name": text}
        return True

    return keep


def _getter(field: str) -> Callable[[Call], Json]:
    def give(call: Call) -> Json:
        texts = call.bot.profile.texts
        return {field: texts.get((field, _language(call))) or texts.get((field, ""), "")}

    return give


for _title, (_field, _limit) in _TEXTS.items():
    method(f"setMy{_title}")(_setter(_field, _limit))
    method(f"getMy{_title}")(_getter(_field))
