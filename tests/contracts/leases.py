"""What every Leases promises; a subclass provides `leases`, empty, and lets the store's time pass."""

from __future__ import annotations

from asyncio import gather

from shipping_core.domain.lease import Lease
from shipping_core.ports.leases import Leases

SHORT_S, LONG_S = 0.15, 60.0


class LeasesContract:
    """One owner at a time."""

    async def pass_s(self, seconds: float) -> None:
        """The store's clock goes on by this much, or a little more."""
        raise NotImplementedError

    async def test_given_a_free_name_when_taken_then_it_is_ones_own_and_nobody_elses(
        self, leases: Leases
    ) -> None:
        assert await leases.take("sweep", "ann", term_s=LONG_S) == Lease("sweep", "ann", 1, LONG_S)
        assert await leases.take("sweep", "bob", term_s=LONG_S) is None
        assert await leases.take("watch", "bob", term_s=LONG_S) == Lease("watch", "bob", 1, LONG_S)

    async def test_given_an_own_lease_when_taken_again_then_it_is_renewed_under_its_fence(
        self, leases: Leases
    ) -> None:
        await leases.take("sweep", "ann", term_s=SHORT_S)
        renewed = await leases.take("sweep", "ann", term_s=LONG_S)
        await self.pass_s(2 * SHORT_S)

        assert renewed == Lease("sweep", "ann", 1, LONG_S)
        assert await leases.take("sweep", "bob", term_s=LONG_S) is None

    async def test_given_a_renewal_for_less_when_that_has_passed_then_the_name_is_free(
        self, leases: Leases
    ) -> None:
        await leases.take("sweep", "ann", term_s=LONG_S)
        await leases.take("sweep", "ann", term_s=SHORT_S)
        await self.pass_s(2 * SHORT_S)

        assert await leases.take("sweep", "bob", term_s=LONG_S) == Lease("sweep", "bob", 2, LONG_S)

    async def test_given_a_refused_rival_when_the_term_is_over_then_its_try_has_not_prolonged_it(
        self, leases: Leases
    ) -> None:
        await leases.take("sweep", "ann", term_s=SHORT_S)
        assert await leases.take("sweep", "bob", term_s=LONG_S) is None
        await self.pass_s(2 * SHORT_S)

        assert await leases.take("sweep", "cid", term_s=LONG_S) is not None

    async def test_given_a_lease_that_lapsed_when_taken_again_then_the_fence_has_grown_for_the_same_owner_too(
        self, leases: Leases
    ) -> None:
        await leases.take("sweep", "ann", term_s=SHORT_S)
        await self.pass_s(2 * SHORT_S)
        again = await leases.take("sweep", "ann", term_s=SHORT_S)
        await self.pass_s(2 * SHORT_S)
        other = await leases.take("sweep", "bob", term_s=LONG_S)

        assert (again and again.fence, other and other.fence) == (2, 3)

    async def test_given_a_released_lease_when_taken_then_it_is_free_at_once_with_a_higher_fence(
        self, leases: Leases
    ) -> None:
        lease = await leases.take("sweep", "ann", term_s=LONG_S)
        assert lease is not None
        await leases.release(lease)

        assert await leases.take("sweep", "bob", term_s=LONG_S) == Lease("sweep", "bob", 2, LONG_S)

    async def test_given_somebody_elses_lease_by_now_when_the_old_one_is_released_then_nothing_happens(
        self, leases: Leases
    ) -> None:
        old = await leases.take("sweep", "ann", term_s=SHORT_S)
        assert old is not None
        await self.pass_s(2 * SHORT_S)
        await leases.take("sweep", "bob", term_s=LONG_S)
        await leases.release(old)
        await leases.release(Lease("nobody's", "ann", 1, LONG_S))

        assert await leases.take("sweep", "cid", term_s=LONG_S) is None

    async def test_given_an_own_older_lease_when_released_then_the_newer_one_stays(
        self, leases: Leases
    ) -> None:
        old = await leases.take("sweep", "ann", term_s=SHORT_S)
        assert old is not None
        await self.pass_s(2 * SHORT_S)
        await leases.take("sweep", "ann", term_s=LONG_S)
        await leases.release(old)

        assert await leases.take("sweep", "bob", term_s=LONG_S) is None

    async def test_given_twenty_at_once_when_taking_then_one_has_it(self, leases: Leases) -> None:
        got = await gather(*(leases.take("sweep", f"worker-{n}", term_s=LONG_S) for n in range(20)))
        (lease,) = (g for g in got if g is not None)

        assert lease.fence == 1
        assert await leases.take("sweep", lease.owner, term_s=LONG_S) == lease

    async def test_given_odd_names_when_taken_then_they_are_names_and_nothing_else(
        self, leases: Leases
    ) -> None:
        odd = await leases.take("$owner", "$$NOW", term_s=LONG_S)

        assert odd == Lease("$owner", "$$NOW", 1, LONG_S)
        assert await leases.take("$owner", "bob", term_s=LONG_S) is None
