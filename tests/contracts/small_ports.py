"""What every Clock, IdSource, SecretSource and Notifier promises; a subclass provides the part by name."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from builders import ANN, NOW, a_label, an_order, usd
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Balance
from shipping_core.domain.letter import Delivery, Word
from shipping_core.ports.clock import Clock, IdSource, SecretSource
from shipping_core.ports.notifier import Notifier


class ClockContract:
    """Time."""

    def test_given_a_clock_when_asked_then_the_moment_is_aware_and_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == dt.timedelta(0)

    def test_given_a_clock_when_asked_often_then_nothing_ever_goes_back(self, clock: Clock) -> None:
        wall = [clock.now() for _ in range(50)]
        seconds = [clock.monotonic_s() for _ in range(50)]

        assert wall == sorted(wall)
        assert seconds == sorted(seconds)


class IdSourceContract:
    """Fresh ids."""

    def test_given_many_ids_when_compared_then_no_two_are_equal(self, ids: IdSource) -> None:
        assert len({ids.new("ord") for _ in range(1000)}) == 1000

    @pytest.mark.parametrize("prefix", ["ord", "quo"])
    def test_given_an_id_when_read_then_it_is_short_plain_and_says_what_it_names(
        self, ids: IdSource, prefix: str
    ) -> None:
        for _ in range(50):
            assert re.fullmatch(rf"{prefix}_[A-Za-z0-9]+", ids.new(prefix))
            assert len(ids.new(prefix)) <= 24


class SecretSourceContract:
    """Fresh secrets."""

    def test_given_many_secrets_when_read_then_each_is_another_long_enough_and_fit_for_a_header(
        self, secrets: SecretSource
    ) -> None:
        made = {secrets.secret("sck_") for _ in range(1000)}

        assert len(made) == 1000
        assert all(re.fullmatch(r"sck_[A-Za-z0-9_-]{43,60}", secret) for secret in made)


class NotifierContract:
    """Whatever is handed over is taken, and nothing is raised."""

    async def test_given_every_kind_of_word_when_handed_over_then_nothing_is_raised(
        self, notifier: Notifier
    ) -> None:
        facts = sc.Facts(1, "en", NOW, Mode.TEST, Balance(usd("5.00")))
        order = an_order(label=a_label())

        await notifier.show(ANN, sc.Menu(has_draft=False), facts)
        await notifier.show(ANN, sc.Menu(has_draft=True), facts, sc.Note("stale"))
        await notifier.tell(ANN, sc.OrderDetails(order), facts)
        await notifier.tell(ANN, sc.Remark(), facts, sc.Note("label_later"))
        await notifier.send_label(ANN, order, b"%PDF-1.4", facts)
        await notifier.tell(ANN, sc.PaymentQr(usd("25.00"), "https://pay.example.com/1"), facts)
        assert isinstance(await notifier.deliver(ANN, sc.News(Word.PARKED, order), facts), Delivery)
        assert isinstance(await notifier.deliver(ANN, sc.LabelCaption(order), facts, b"%PDF-1.4"), Delivery)
        await notifier.alarm(ValueError("theirs"))
        await notifier.apologise(ANN, ValueError("ours"))
