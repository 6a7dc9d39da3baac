"""Templates and orders in progress, of two customers, in any order: nothing leaks from one into another.

A plain model says what each customer keeps and has written; after every act both must be as it says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import define, field
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from a_shop import Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB, WRITTEN, as_text
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.desk import Template
from shipping_core.domain.draft import Draft, Field
from shipping_core.domain.ids import UserId
from shipping_core.errors import NotFound
from shipping_core.use_cases.own_things import OwnThings

NAMES = ("Mum", "mum", "Dad", "Work", "x" * 41, "\u202e")
VALUES = (
    (Field.TO_NAME, "Rosa Lomax"),
    (Field.FROM_NAME, "Ivan Petrov"),
    (Field.TO_ZIP, "10001"),
    (Field.TO_ZIP, "90012"),
    (Field.WEIGHT, "8 oz"),
    (Field.TO_STREET2, "Apt 9"),
)
CALM: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
QUICK = settings(max_examples=150, **CALM)
CONTROL = settings(max_examples=600, phases=[Phase.generate], report_multiple_bugs=False, **CALM)
Uses = Callable[[Shop, Template], Awaitable[None]]
Fields = dict[Field, str]


@define
class Mine:
    """What one customer keeps, by template, and what their order says."""

    kept: dict[str, tuple[str, Fields]] = field(factory=dict)
    order: Fields = field(factory=dict)

    def free(self, name: str, but: str = "") -> bool:
        """Whether a template may be called so."""
        taken = {known.casefold() for key, (known, _) in self.kept.items() if key != but}
        return name.casefold() not in taken and len(name) <= 40 and name.isprintable()


def said(draft: Draft) -> Fields:
    """What a draft says."""
    return {f: e.value for f, e in draft.entries.items() if e.value}


async def by_tap(made: Shop, template: Template) -> None:
    """Use a template as its button does."""
    await made.converse.write(template.user_id, template.draft, template.carrier_code, template.service_code)


async def by_mixing(made: Shop, template: Template) -> None:
    """Control: a template that is poured over the order in progress."""
    await made.converse.put(template.user_id, template.draft.entries)


@define
class Story:
    """One shop, two customers, and the model of each."""

    made: Shop
    use: Uses
    mine: dict[UserId, Mine] = field(factory=lambda: {ANN: Mine(), BOB: Mine()})
    made_so_far: int = 0

    async def tell(self, data: some.DataObject) -> None:
        """One act of one customer, and a look at both."""
        user = data.draw(some.sampled_from([ANN, BOB]))
        acts = {
            "paste": self.paste, "write": self.write, "start": self.start, "new": self.new,
            "rename": self.rename, "fill": self.fill, "forget": self.forget, "use": self.use_one,
            "think better": self.think_better, "steal": self.steal,
        }  # fmt: skip
        await acts[data.draw(some.sampled_from(sorted(acts)))](user, data)
        await self.made.quiet()
        for user_id, mine in self.mine.items():
            session = await self.made.sessions.load(user_id)
            kept = await self.kept(user_id)
            assert kept == mine.kept, "what is kept is not what was said"
            assert said(session.draft if session else Draft()) == mine.order, "the order was touched"

    async def kept(self, user_id: UserId) -> dict[str, tuple[str, Fields]]:
        """What the store keeps of a customer's templates."""
        found = await self.made.desk.templates.templates.find({"user_id": user_id})
        return {t.template_id: (t.name, said(t.draft)) for t in found}

    async def paste(self, user: UserId, _: some.DataObject) -> None:
        """A whole order in one message."""
        await self._says(user, A_WHOLE_ORDER, WRITTEN)

    async def write(self, user: UserId, data: some.DataObject) -> None:
        """One field of the order."""
        which, value = data.draw(some.sampled_from(VALUES))
        await self._says(user, as_text({which: value}), {which: value})

    async def _says(self, user: UserId, text: str, fields: Fields) -> None:
        ann = await self.made.customer(user).says(text)
        if isinstance(ann.screen, sc.ResumeOrNew):
            await ann.taps(ev.DraftContinued())
        self.mine[user].order.update(fields)

    async def start(self, user: UserId, _: some.DataObject) -> None:
        """Back to the menu; what is written stays."""
        await self.made.customer(user).does(ev.Started())

    async def new(self, user: UserId, data: some.DataObject) -> None:
        """A template with nothing in it."""
        self.made_so_far += 1
        template_id, name = f"tpl_n{self.made_so_far}", data.draw(some.sampled_from(NAMES))
        await self._asked(user, "template_new", template_id, name)
        if self.mine[user].free(name):
            self.mine[user].kept[template_id] = (name, {})

    async def rename(self, user: UserId, data: some.DataObject) -> None:
        """Another name for a template."""
        template_id, name = self._pick(user, data), data.draw(some.sampled_from(NAMES))
        if not template_id:
            return
        await self._asked(user, "template_name", template_id, name)
        if self.mine[user].free(name, but=template_id):
            self.mine[user].kept[template_id] = (name, self.mine[user].kept[template_id][1])

    async def fill(self, user: UserId, data: some.DataObject) -> None:
        """One field of a template, or that field emptied."""
        template_id = self._pick(user, data)
        which, value = data.draw(some.sampled_from([*VALUES, *WRITTEN.items(), (Field.TO_NAME, "-")]))
        if not template_id:
            return
        await self._asked(user, "template_field", f"{template_id}:{which.value}", value)
        fields = self.mine[user].kept[template_id][1]
        if value == "-":
            fields.pop(which, None)
        else:
            fields[which] = value

    async def forget(self, user: UserId, data: some.DataObject) -> None:
        """A template less."""
        if template_id := self._pick(user, data):
            await self.made.desk.templates.own.drop(user, template_id)
            del self.mine[user].kept[template_id]

    async def use_one(self, user: UserId, data: some.DataObject) -> None:
        """A template is ordered; an unfinished order is asked about first."""
        template_id, instead = self._pick(user, data), data.draw(some.booleans())
        if not template_id:
            return
        mine, ann = self.mine[user], self.made.customer(user)
        await self.use(self.made, await self.made.desk.templates.own.get(user, template_id))
        await self.made.quiet()
        if isinstance(ann.screen, sc.ResumeOrNew):
            await ann.taps(ev.DraftDropped() if instead else ev.DraftContinued())
        if (instead and mine.kept[template_id][1]) or not mine.order:
            mine.order = dict(mine.kept[template_id][1])
        elif instead:
            mine.order = {}

    async def think_better(self, user: UserId, data: some.DataObject) -> None:
        """A question that is left unanswered."""
        ann = await self.made.customer(user).does(ev.AsideAsked("template_name", self._pick(user, data)))
        await ann.does(ev.CancelAsked())

    async def steal(self, user: UserId, data: some.DataObject) -> None:
        """Everything that can be tried with somebody else's template."""
        other = BOB if user == ANN else ANN
        template_id, keep = self._pick(other, data), self.made.desk.templates
        if not template_id:
            return
        await self._asked(user, "template_name", template_id, "Mine now")
        await self._asked(user, "template_field", f"{template_id}:to.name", "Somebody")
        for act in (keep.own.get, keep.forget_service, keep.own.drop):
            with pytest.raises(NotFound):
                await act(user, template_id)

    async def _asked(self, user: UserId, question: str, subject: str, answer: str) -> None:
        ann = await self.made.customer(user).is_asked(question, subject, answer)
        if isinstance(ann.screen, sc.AskAside):
            await ann.does(ev.CancelAsked())

    def _pick(self, user: UserId, data: some.DataObject) -> str:
        kept = sorted(self.mine[user].kept)
        return data.draw(some.sampled_from(kept)) if kept else ""


def a_story(data: some.DataObject, use: Uses = by_tap, own: type[OwnThings[Template]] = OwnThings) -> None:
    """Up to thirty acts."""

    async def told() -> None:
        made = shop()
        object.__setattr__(made.desk.templates, "own", own(made.desk.templates.templates, "template"))
        story = Story(made, use)
        for _ in range(data.draw(some.integers(1, 30))):
            await story.tell(data)

    asyncio.run(told())


@QUICK
@given(data=some.data())
def test_given_two_customers_when_templates_and_orders_are_interleaved_then_nothing_leaks(
    data: some.DataObject,
) -> None:
    a_story(data)


class Trusting(OwnThings[Template]):
    """Control: anybody's things are anybody's."""

    def owned(self, user_id: UserId, record: Template) -> Template:
        return record


@CONTROL
@given(data=some.data())
def mixing(data: some.DataObject) -> None:
    a_story(data, use=by_mixing)


@CONTROL
@given(data=some.data())
def trusting(data: some.DataObject) -> None:
    a_story(data, own=Trusting)


@pytest.mark.parametrize(
    ("control", "seen"),
    [(mixing, "the order was touched"), (trusting, "not what was said|DID NOT RAISE")],
    ids=["mixes-orders", "trusts-everybody"],
)
def test_given_a_desk_broken_on_purpose_when_watched_then_it_is_seen(
    control: Callable[[], None], seen: str
) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception), match=seen):
        control()
