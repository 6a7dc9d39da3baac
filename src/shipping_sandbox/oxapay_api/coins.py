"""Currencies a price may be in and coins it may be paid with; every rate and address is invented."""

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal

import attrs


@attrs.frozen
class Network:
    """A chain that carries a coin; `prefix` is how its addresses look at the first glance."""

    name: str
    code: str
    confirmations: int
    prefix: str

    @property
    def names(self) -> tuple[str, str]:
        """What callers may call it, in lower case."""
        return self.name.lower(), self.code.lower()


TRON = Network("Tron Network", "TRC20", 20, "T")
ETHEREUM = Network("Ethereum Network", "ERC20", 12, "0x")
BSC = Network("BSC Network", "BEP20", 15, "0x")
POLYGON = Network("Polygon Network", "POL", 60, "0x")
TON = Network("TON Network", "TON", 10, "UQ")
BITCOIN = Network("Bitcoin Network", "BTC", 2, "bc1q")
LITECOIN = Network("Litecoin Network", "LTC", 6, "ltc1q")
DOGECOIN = Network("Dogecoin Network", "DOGE", 20, "D")
SOLANA = Network("Solana Network", "SOL", 32, "S")


@attrs.frozen
class Coin:
    """A crypto currency; `usd` is what one of it is worth, `decimals` the digits people send."""

    symbol: str
    name: str
    usd: Decimal
    decimals: int
    deposit_min: Decimal
    networks: tuple[Network, ...]

    def network(self, wish: str | None) -> Network | None:
        """The network of this name or code, the first one for no wish; None if the coin is not there."""
        if wish is None:
            return self.networks[0]
        return next((n for n in self.networks if wish.lower() in n.names), None)

    @property
    def step(self) -> Decimal:
        """The smallest amount of it."""
        return Decimal(1).scaleb(-self.decimals)

    def amount_for(self, usd: Decimal) -> Decimal:
        """The coins to send for so many dollars: rounded up, so that the full price is reached."""
        return tidy((usd / self.usd).quantize(self.step, rounding=ROUND_UP))


def _coin(symbol: str, name: str, usd: str, decimals: int, least: str, *networks: Network) -> Coin:
    return Coin(symbol, name, Decimal(usd), decimals, Decimal(least), networks)


COINS = {
    coin.symbol: coin
    for coin in (
        _coin("USDT", "Tether", "1", 6, "0.1", TRON, BSC, ETHEREUM, POLYGON, TON),
        _coin("USDC", "USD Coin", "1", 6, "0.1", ETHEREUM, BSC, POLYGON),
        _coin("BTC", "Bitcoin", "64000", 8, "0.00001", BITCOIN),
        _coin("ETH", "Ethereum", "3200", 8, "0.0001", ETHEREUM),
        _coin("LTC", "Litecoin", "80", 8, "0.002", LITECOIN),
        _coin("TRX", "Tron", "0.25", 6, "1", TRON),
        _coin("TON", "Toncoin", "5", 6, "0.1", TON),
        _coin("BNB", "BNB", "600", 8, "0.0005", BSC),
        _coin("SOL", "Solana", "150", 8, "0.001", SOLANA),
        _coin("DOGE", "Dogecoin", "0.125", 6, "2", DOGECOIN),
    )
}
FIATS = {
    "USD": Decimal(1),
    "EUR": Decimal("1.08"),
    "GBP": Decimal("1.25"),
    "CAD": Decimal("0.72"),
    "AUD": Decimal("0.65"),
    "CHF": Decimal("1.12"),
    "JPY": Decimal("0.0065"),
    "CNY": Decimal("0.14"),
    "INR": Decimal("0.012"),
    "RUB": Decimal("0.0125"),
    "TRY": Decimal("0.03"),
    "UAH": Decimal("0.024"),
}


def usd_of(symbol: str) -> Decimal | None:
    """What one of this currency is worth in dollars; None for a currency nobody knows."""
    coin = COINS.get(symbol)
    return coin.usd if coin else FIATS.get(symbol)


def choices() -> Iterator[tuple[Coin, Network]]:
    """Every coin on every network it has."""
    for coin in COINS.values():
        for network in coin.networks:
            yield coin, network


def tidy(number: Decimal) -> Decimal:
    """The same number with at most eight fractional digits and no zeros behind them."""
    short = number.quantize(Decimal("1E-8")).normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator] # finite
