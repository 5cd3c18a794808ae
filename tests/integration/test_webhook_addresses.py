"""Where webhooks go: to no private address that is not allowed, whatever a name means at that moment."""

import socket
from pathlib import Path
from typing import Any

import pytest

from leyline.errors import BadWebhook
from leyline.origins import origin_of
from leyline.settings import networks
from leyline.webhooks.addresses import Addresses
from leyline.webhooks.delivery import Delivery
from leyline.webhooks.receivers import Receivers
from tests.integration.webhook_house import house, tried
from tests.receiver import Receiver, receiver

pytestmark = pytest.mark.gen_test(timeout=60)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::"),
        *("::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "224.0.0.1", "255.255.255.255", "ff02::1", "192.0.2.1", "2001:db8::1", "::7f00:1"),
        *("fec0::1", "198.18.0.1", "240.0.0.1"),
    ],
)
async def test_no_private_address_is_allowed(address: str) -> None:
    assert not Addresses().is_allowed(address)


async def test_what_is_public_is_allowed_and_what_the_operator_allows() -> None:
    assert Addresses().is_allowed("1.1.1.1") and Addresses().is_allowed("2606:4700::1111")
    assert Addresses().is_allowed("64:ff9b::101:101")
    some = Addresses(networks("10.0.0.0/8, ::1"))
    assert some.is_allowed("10.1.2.3") and some.is_allowed("::1") and some.is_allowed("::ffff:10.1.2.3")
    assert not some.is_allowed("127.0.0.1")


async def test_a_private_receiver_is_not_asked_unless_it_is_allowed(tmp_path: Path) -> None:
    async with receiver() as there, house(tmp_path, there, allowed="") as here:
        await here.make(1, there.url)
        await tried(here, 1)
        (first, _) = await here.messages()
        assert "no address that messages may go to" in first.tries[0]["error"] and not there.heard


async def test_the_name_is_looked_up_at_each_try_and_the_very_address_is_used(tmp_path: Path) -> None:
    """A receiver that moves is found; one that moves to a private address is not asked."""
    asked: list[str] = []
    at = "127.0.0.1"

    def lookup(host: str, port: int) -> Any:
        asked.append(host)
        return [(socket.AF_INET, (at, port))]

    async with receiver("fails") as there, receiver(host="127.0.0.2", port=there.port) as moved:
        named = Receiver(port=there.port)
        url = f"http://hooks.leyline.invalid:{there.port}/hook"  # which no resolver of this machine knows
        async with house(tmp_path, named, rate=200, allowed="127.0.0.1, 127.0.0.2", look_up=lookup) as here:
            here.outbox.origins = frozenset([origin_of(url)])
            here.delivery = Delivery(here.outbox, here.sender, clock=here.clock, sleep=here.clock.sleep)
            await here.delivery.start()
            await here.make(1, url)
            await there.until(2)
            assert not moved.heard and set(asked) == {"hooks.leyline.invalid"}
            at = "127.0.0.3"  # private, and not allowed
            await tried(here, len(there.heard) + 2)
            at = "127.0.0.2"
            first, _ = await here.until("delivered", "delivered")
            assert len(asked) == len(first.tries) + 1 and len(moved.heard) == 2
            assert any("no address" in each["error"] for each in first.tries)
            assert there.heard[0].headers["host"] == f"hooks.leyline.invalid:{there.port}"


async def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as there, receiver() as proxy, house(tmp_path, there) as here:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        await here.make(1, there.url)
        await there.until(2)
        assert not proxy.heard


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:1/", "https://127.0.0.1:{port}/", "http://user@127.0.0.1:{port}/", "127.0.0.1:{port}"),
        *(
            "http://127.0.0.1:{port}@evil.example/",
            "http://127.0.0.1:{port}\\@evil.example/",
            "http://2130706433:{port}/",
        ),
        *("http://127.0.0.1:{port}/#a", "http://127.0.0.1:{port}/ a", "http://127.0.0.1:{port}.evil.example/"),
        *("ftp://127.0.0.1:{port}/", "", "http://127.0.0.1:{port}?a", "http://127.0.0.1:99999/"),
        "http://127.0.0.1:{port}/" + 1000 * "a",
    ],
)
async def test_an_upload_may_name_no_other_address(tmp_path: Path, url: str) -> None:
    there = Receiver(port=4711)
    async with house(tmp_path, there, begins=False) as here:
        receivers = Receivers(here.allowed, here.outbox)
        receivers.check(there.url)
        with pytest.raises(BadWebhook):
            receivers.check(url.format(port=4711))
