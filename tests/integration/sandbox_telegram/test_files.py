"""Documents and photos in both directions."""

import base64

from integration.sandbox_telegram.client import BotSide

PDF = b"%PDF-1.4 not much of a label\r\n--x\r\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAC0lEQVR4nGNgwAQAABUAAX6dLYcAAAAASUVORK5CYII="
)


async def test_given_a_label_when_uploaded_then_it_can_be_read_and_sent_again(bot: BotSide) -> None:
    ann = bot.person()
    await ann.says("/start")
    url = f"/bot{bot.token}/sendDocument"
    files = {"document": ("ярлык.pdf", PDF, "application/pdf")}
    form = {"chat_id": "1001", "caption": "<b>Paid</b>", "parse_mode": "HTML"}
    sent = (await bot.http.post(url, data=form, files=files)).json()["result"]
    file_id = sent["document"]["file_id"]
    again = await bot.call("sendDocument", chat_id=1001, document=file_id)
    page = await bot.http.get(f"{ann.path}/files/{file_id}")
    place = await bot.call("getFile", file_id=file_id)
    download = await bot.http.get(f"/file/bot{bot.token}/{place['file_path']}")

    assert sent["document"]["file_name"] == "ярлык.pdf"
    assert sent["document"]["file_size"] == len(PDF)
    assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("Paid", "bold")
    assert again["document"] == sent["document"]
    assert (page.content, page.headers["content-type"]) == (PDF, "application/pdf")
    assert page.headers["content-disposition"].startswith("inline")
    assert download.content == PDF


async def test_given_a_web_page_as_document_when_opened_then_it_is_a_download(bot: BotSide) -> None:
    ann = bot.person()
    await ann.post("messages", kind="document", file_name="x.html", text="<script>1</script>")
    document = (await bot.updates())[0]["message"]["document"]
    page = await bot.http.get(f"{ann.path}/files/{document['file_id']}")

    assert page.headers["content-disposition"].startswith("attachment")


async def test_given_a_picture_when_sent_then_its_size_is_known(bot: BotSide) -> None:
    await bot.person().says("/start")
    url = f"/bot{bot.token}/sendPhoto"
    sent = await bot.http.post(url, data={"chat_id": "1001"}, files={"photo": ("q.png", PNG)})
    wrong = await bot.http.post(url, data={"chat_id": "1001"}, files={"photo": ("q.png", PDF)})

    assert [(p["width"], p["height"]) for p in sent.json()["result"]["photo"]] == [(2, 3)]
    assert wrong.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


async def test_given_no_or_a_wrong_file_when_sending_then_the_reason_is_told(bot: BotSide) -> None:
    await bot.person().says("/start")
    missing = await bot.refusal("sendDocument", chat_id=1001)
    wrong = await bot.refusal("sendDocument", chat_id=1001, document="nonsense")

    assert missing["description"] == "Bad Request: there is no document in the request"
    assert wrong["description"] == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_given_a_table_from_a_person_when_the_bot_fetches_it_then_the_bytes_arrive(
    bot: BotSide,
) -> None:
    rows = b"name,zip\nAnn,94117\n"
    content = base64.b64encode(rows).decode()
    await bot.person().post("messages", kind="document", file_name="batch.csv", content_base64=content)
    document = (await bot.updates())[0]["message"]["document"]
    place = await bot.call("getFile", file_id=document["file_id"])

    assert document["mime_type"] == "text/csv"
    assert (await bot.http.get(f"/file/bot{bot.token}/{place['file_path']}")).content == rows
