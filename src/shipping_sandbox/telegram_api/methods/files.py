"""Documents and photos: uploading, sending again by id, and where to download them."""

from shipping_sandbox.telegram_api.errors import ApiError, Json, bad_request
from shipping_sandbox.telegram_api.files import StoredFile, image_size
from shipping_sandbox.telegram_api.methods.messages import deliver
from shipping_sandbox.telegram_api.methods.registry import Call, method
from shipping_sandbox.telegram_api.methods.targets import open_chat
from shipping_sandbox.telegram_api.texts import caption_text

MAX_DOCUMENT = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024


@method("sendDocument")
def send_document(call: Call) -> Json:
    """Send a file, uploaded or by its id; fetching one from a URL is not emulated."""
    chat = open_chat(call)
    caption = caption_text(call.params)
    file = _file(call, "document", "documents", MAX_DOCUMENT)
    return deliver(call, chat, {"document": file.document(), **caption})


@method("sendPhoto")
def send_photo(call: Call) -> Json:
    """Send a PNG or JPEG, uploaded or by its id."""
    chat = open_chat(call)
    caption = caption_text(call.params)
    file = _file(call, "photo", "photos", MAX_PHOTO)
    return deliver(call, chat, {"photo": file.photo(), **caption})


def _file(call: Call, field: str, folder: str, limit: int) -> StoredFile:
    upload = call.params.upload(field)
    if upload is not None:
        if len(upload.data) > limit:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.data:
            raise bad_request("file must be non-empty")
        if field == "photo":
            image_size(upload.data)
        return call.bot.files.add(folder, upload.file_name or field, upload.content_type, upload.data)
    file_id = call.params.text(field)
    if not file_id:
        raise bad_request(f"there is no {field} in the request")
    file = call.bot.files.get(file_id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


@method("getFile")
def get_file(call: Call) -> Json:
    """Say where a file can be downloaded, below `/file/bot<token>/`."""
    file = call.bot.files.get(call.params.text("file_id") or "")
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**file.reference(), "file_path": file.path}
