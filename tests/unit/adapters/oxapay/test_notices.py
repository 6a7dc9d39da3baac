"""Only who has the merchant key can make us look at a link, and whatever he says moves nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.oxapay.notices import MAX_NOTICE_BYTES, read
from shipping_core.errors import NoticeRefused
from shipping_core.ports.payments import Notice
from unit.adapters.oxapay.payloads import KEY, TRACK_ID, a_legacy_notice, a_notice, signed

KEYS = [KEY.encode()]
RAW = json.dumps(a_notice()).encode()
GOOD = signed(RAW)


def reason(raw: bytes, signature: str | None, keys: list[bytes] = KEYS) -> str:
    """Why it is refused."""
    with pytest.raises(NoticeRefused) as refused:
        read(raw, signature, keys)
    return refused.value.reason


def test_given_a_signed_notice_when_read_then_it_names_link_word_and_bytes() -> None:
    assert read(RAW, GOOD, KEYS) == Notice(hashlib.sha256(RAW).hexdigest(), TRACK_ID, "paid", legacy=False)


def test_given_a_legacy_notice_when_read_then_it_says_so() -> None:
    raw = json.dumps(a_legacy_notice()).encode()
    notice = read(raw, signed(raw), KEYS)

    assert (notice.track_id, notice.word, notice.legacy) == ("190000002", "confirming", True)


def test_given_both_ids_when_read_then_it_is_a_v1_notice() -> None:
    raw = json.dumps(a_notice(trackId="7")).encode()

    assert read(raw, signed(raw), KEYS).track_id == TRACK_ID


def test_given_the_same_bytes_again_when_read_then_they_have_the_same_digest_and_any_others_another() -> None:
    other = RAW.replace(b": ", b":")

    assert read(RAW, GOOD, KEYS).digest == read(RAW, GOOD, KEYS).digest
    assert read(other, signed(other), KEYS).digest != read(RAW, GOOD, KEYS).digest


def test_given_a_number_as_id_when_read_then_it_is_the_same_link() -> None:
    raw = json.dumps(a_notice(track_id=190000001)).encode()

    assert read(raw, signed(raw), KEYS).track_id == TRACK_ID


def test_given_a_signature_in_capitals_when_read_then_it_counts() -> None:
    assert read(RAW, GOOD.upper(), KEYS).track_id == TRACK_ID


@pytest.mark.parametrize("place", [0, 1, 2])
def test_given_several_keys_when_any_of_them_signed_then_it_counts(place: int) -> None:
    keys = [b"first", b"second", b"third"]

    assert read(RAW, signed(RAW, keys[place].decode()), keys).track_id == TRACK_ID
    assert reason(RAW, signed(RAW, "fourth"), keys) == "signature"


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(GOOD[:-1], id="short"),
        pytest.param(GOOD + "0", id="long"),
        pytest.param(GOOD * 1000, id="very-long"),
        pytest.param(f" {GOOD}", id="space-before"),
        pytest.param(f"{GOOD}\n", id="line-break-behind"),
        pytest.param(f"sha512={GOOD}", id="with-a-name"),
        pytest.param("g" + GOOD[1:], id="no-hex"),
        pytest.param("é" + GOOD[1:], id="not-ascii"),
        pytest.param("\u0661" * 128, id="other-digits"),
        pytest.param("\udcff" * 128, id="lone-surrogates"),
        pytest.param("0" * 128, id="zeros"),
        pytest.param(signed(RAW, "sandbox"), id="everybody-s-key"),
        pytest.param(signed(RAW, ""), id="no-key"),
        pytest.param(signed(RAW, KEY.lower()), id="key-in-other-case"),
        pytest.param(hashlib.sha512(RAW).hexdigest(), id="digest-without-key"),
        pytest.param(hashlib.sha512(KEY.encode() + RAW).hexdigest(), id="key-before-body"),
        pytest.param(signed(json.dumps(a_notice(status="Paying")).encode()), id="of-another-notice"),
    ],
)
def test_given_a_wrong_signature_when_read_then_it_is_refused(signature: str | None) -> None:
    assert reason(RAW, signature) == "signature"


def test_given_no_key_at_all_when_read_then_nothing_is_believed() -> None:
    assert reason(RAW, signed(RAW, ""), []) == "signature"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(RAW[:-1], id="last-byte-missing"),
        pytest.param(RAW + b"\n", id="one-byte-more"),
        pytest.param(json.dumps(a_notice(), separators=(",", ":")).encode(), id="written-anew"),
        pytest.param(json.dumps(a_notice(), indent=1).encode(), id="indented"),
        pytest.param(b"\xef\xbb\xbf" + RAW, id="with-a-mark"),
        pytest.param(b"", id="empty"),
    ],
)
def test_given_other_bytes_than_the_signed_ones_when_read_then_they_are_refused(raw: bytes) -> None:
    assert reason(raw, GOOD) == "signature"


@pytest.mark.parametrize(("extra", "expected"), [(0, "shape"), (1, "size")])
def test_given_a_body_around_the_limit_when_read_then_only_the_larger_is_too_large(
    extra: int, expected: str
) -> None:
    raw = b" " * (MAX_NOTICE_BYTES + extra)

    assert reason(raw, signed(raw)) == expected


def test_given_a_body_that_is_too_large_when_read_then_its_signature_does_not_matter() -> None:
    assert reason(b"x" * (MAX_NOTICE_BYTES + 1), None) == "size"


def test_given_no_json_and_no_signature_when_read_then_it_is_not_even_looked_into() -> None:
    assert reason(b"not json", None) == "signature"


def as_bytes(**changes: Any) -> bytes:
    """A notice with other fields."""
    return json.dumps(a_notice(**changes)).encode()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"Paid"', id="text"),
        pytest.param(b"{}", id="nothing"),
        pytest.param(b'{"status": "Paid"}', id="no-id"),
        pytest.param(b'{"track_id": "1"}', id="no-status"),
        pytest.param(b'{"track_id": "1", "status": "Paid", "x": NaN}', id="nan"),
        pytest.param(b'{"track_id": "1", "status": "Paid", "x": Infinity}', id="infinity"),
        pytest.param(b'{"track_id": "1", "status": "Paid", "x": "\xff"}', id="no-utf-8"),
        pytest.param(b'{"track_id": "1", "status": "Paid"} {}', id="two-objects"),
        pytest.param(b'{"track_id": "1", "status": "Paid"', id="cut"),
        pytest.param(b'{"track_id": "1", "status": "Paid", "x": %s}' % (b"[" * 30000), id="deep-cut"),
        pytest.param(
            b'{"track_id": "1", "status": "Paid", "x": %s}' % (b"[" * 30000 + b"]" * 30000), id="deep"
        ),
        pytest.param(
            b'{"track_id": %s, "status": "Paid"}' % (b'{"a":' * 5000 + b"1" + b"}" * 5000), id="deep-id"
        ),
        pytest.param(b"[" * 60000, id="deep-list"),
        pytest.param(as_bytes(track_id=None), id="id-null"),
        pytest.param(as_bytes(track_id=True), id="id-true"),
        pytest.param(as_bytes(track_id=1.5), id="id-fraction"),
        pytest.param(as_bytes(track_id=[1]), id="id-list"),
        pytest.param(as_bytes(track_id=""), id="id-empty"),
        pytest.param(as_bytes(track_id="../stats"), id="id-path"),
        pytest.param(as_bytes(track_id="1?x=1"), id="id-query"),
        pytest.param(as_bytes(track_id="1\n"), id="id-line-break"),
        pytest.param(as_bytes(track_id="\u0661"), id="id-other-digits"),
        pytest.param(as_bytes(track_id="9" * 65), id="id-long"),
        pytest.param(b'{"track_id": %s, "status": "Paid"}' % (b"9" * 6000), id="id-huge-number"),
        pytest.param(as_bytes(track_id=-5), id="id-negative"),
        pytest.param(as_bytes(status=""), id="status-empty"),
        pytest.param(as_bytes(status=" \n"), id="status-blank"),
        pytest.param(as_bytes(status=1), id="status-number"),
        pytest.param(as_bytes(status=None), id="status-null"),
        pytest.param(as_bytes(status={"$ne": 1}), id="status-object"),
        pytest.param(as_bytes(type="payout"), id="payout"),
        pytest.param(as_bytes(type=" PayOut "), id="payout-in-disguise"),
        pytest.param(as_bytes(type=5), id="type-number"),
    ],
)
def test_given_signed_nonsense_when_read_then_it_is_refused_for_its_shape(raw: bytes) -> None:
    assert reason(raw, signed(raw)) == "shape"


def test_given_a_long_or_unprintable_status_when_read_then_the_word_is_short_and_one_line() -> None:
    raw = as_bytes(status="PA\nID\u202e" + "x" * 200)
    word = read(raw, signed(raw), KEYS).word

    assert len(word) <= 40
    assert word.isprintable()
    assert word.startswith("pa id")


@given(place=st.integers(0, len(RAW) - 1), bit=st.integers(0, 7))
def test_given_any_bit_of_the_body_flipped_when_read_then_it_is_refused(place: int, bit: int) -> None:
    raw = bytearray(RAW)
    raw[place] ^= 1 << bit

    assert reason(bytes(raw), GOOD) == "signature"


@given(raw=st.one_of(st.binary(max_size=200), st.builds(lambda a, b: RAW[a:b], st.integers(), st.integers())))
def test_given_any_other_body_when_read_then_it_is_refused(raw: bytes) -> None:
    assume(raw != RAW)

    assert reason(raw, GOOD) == "signature"


@given(
    signature=st.one_of(
        st.text(max_size=140),
        st.text("0123456789abcdefABCDEF", min_size=128, max_size=128),
        st.builds(
            lambda at, to: GOOD[:at] + to + GOOD[at + 1 :],
            st.integers(0, 127),
            st.sampled_from("0123456789ab"),
        ),
    )
)
def test_given_any_other_signature_when_read_then_it_is_refused(signature: str) -> None:
    assume(signature.lower() != GOOD)

    assert reason(RAW, signature) == "signature"


@given(
    raw=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["track_id", "trackId", "status", "type", "x"]), inner)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_given_anything_signed_when_read_then_it_is_a_notice_or_refused_and_never_breaks(raw: bytes) -> None:
    why, notice = "", None
    try:
        notice = read(raw, signed(raw), KEYS)
    except NoticeRefused as refused:
        why = refused.reason

    assert why == ("" if notice else "shape")
    assert notice is None or (notice.track_id and notice.word == notice.word.strip().lower() != "")
